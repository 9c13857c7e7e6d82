// What the pool does when a process dies under a task, and when there is more or less to do.
import { afterAll, expect, it } from 'vitest';
import { createTestCluster } from './testing/cluster.ts';

const cluster = createTestCluster();
afterAll(async () => {
  await cluster.close();
});
const timeoutMs = 20_000;
const patience = { timeout: timeoutMs };

it('puts back a late task whose thread died, where it is told to, until somebody ends it', async () => {
  const app = await cluster.openApp({ taskAcksLate: true, taskRejectOnWorkerLost: true });
  const seen = await cluster.recordEvents();
  await cluster.openWorker({ app, queues: ['lost'], concurrency: 1 });
  const { tasks, app: client } = await cluster.openClient();
  const sent = await tasks.exit.applyAsync([], { queue: 'lost' });
  const startedCount = () =>
    seen.filter(({ event }) => event['uuid'] === sent.id && event.type === 'task-started').length;
  await expect.poll(startedCount, patience).toBeGreaterThan(1);
  await client.revoke([sent.id]);
  await expect(sent.get({ timeoutMs })).rejects.toMatchObject({ state: 'REVOKED' });
});

it('fails it otherwise', async () => {
  const app = await cluster.openApp({ taskAcksLate: true });
  await cluster.openWorker({ app, queues: ['failed'], concurrency: 1, hostname: 'w2@test' });
  const { tasks } = await cluster.openClient();
  const sent = await tasks.exit.applyAsync([], { queue: 'failed' });
  await expect(sent.get({ timeoutMs })).rejects.toMatchObject({ name: 'WorkerLostError' });
});

it('grows with the work and says so', async () => {
  const app = await cluster.openApp();
  await cluster.openWorker({
    ...{ app, queues: ['many'], hostname: 'w3@test', autoscale: { max: 3, min: 1 } },
  });
  const { tasks, app: client } = await cluster.openClient();
  const ask = async (method: string, given = {}) => {
    const request = { method, arguments: given, destination: ['w3@test'] };
    return (await client.transport.gather(request, { timeoutMs }))[0]?.value;
  };
  const sent = await Promise.all(
    [1, 2, 3, 4].map(() => tasks.sleep.applyAsync([60_000], { queue: 'many' })),
  );
  await expect.poll(async () => ((await ask('active')) as unknown[]).length, patience).toBe(3);
  expect(await ask('stats')).toMatchObject({ autoscaler: { max: 3, min: 1, current: 3 } });
  expect(await ask('pool_grow')).toEqual({
    error: 'pool_grow is not supported with autoscale. Adjust autoscale range instead.',
  });
  expect(await ask('autoscale', { max: 2, min: 1 })).toEqual({ ok: 'autoscale now max=2 min=1' });
  await client.revoke(
    sent.map(({ id }) => id),
    { terminate: true },
  );
  await expect(sent[3]?.get({ timeoutMs })).rejects.toMatchObject({ state: 'REVOKED' });
});
