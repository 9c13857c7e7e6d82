// Broadcasts: each worker has its own copy of the queue, and takes every message once.
import { afterAll, expect, it } from 'vitest';
import { createTestCluster } from './testing/cluster.ts';

const cluster = createTestCluster();
afterAll(async () => {
  await cluster.close();
});
const timeoutMs = 10_000;

it('reaches every worker, is known by its name, and leaves nothing behind', async () => {
  const taskQueues = [{ name: 'everybody', broadcast: true }];
  const seen = await cluster.recordEvents();
  const workers = [];
  for (const hostname of ['w1@test', 'w2@test']) {
    const app = await cluster.openApp({ taskQueues });
    workers.push(
      await cluster.openWorker({
        ...{ app, hostname, queues: ['everybody', 'celery'] },
        ...{ pool: 'async', concurrency: 1 },
      }),
    );
  }
  const { app, tasks } = await cluster.openClient({ taskQueues });
  const ask = async (method: string, given: Record<string, unknown> = {}) =>
    (
      await app.transport.gather(
        { method, arguments: given, destination: ['w1@test'] },
        { timeoutMs },
      )
    )[0]?.value;
  const sent = await tasks.add.applyAsync([1, 2], { queue: 'everybody' });
  const endedAt = () =>
    seen
      .filter(({ event }) => event['uuid'] === sent.id && event.type === 'task-succeeded')
      .map(({ event }) => event['hostname'])
      .sort();
  await expect.poll(endedAt).toEqual(['w1@test', 'w2@test']);
  expect(await sent.get({ timeoutMs })).toBe(3);

  expect(await ask('active_queues')).toEqual([
    expect.objectContaining({
      name: expect.stringMatching(/^bcast\.[\da-f-]{36}$/),
      alias: 'everybody',
      auto_delete: true,
      routing_key: 'celery',
      exchange: expect.objectContaining({ name: 'everybody', type: 'fanout' }),
    }),
    expect.objectContaining({ name: 'celery', alias: null, routing_key: 'celery' }),
  ]);
  expect(await ask('cancel_consumer', { queue: 'everybody' })).toEqual({
    ok: 'no longer consuming from everybody',
  });
  const second = await tasks.add.applyAsync([2, 2], { queue: 'everybody' });
  expect(await second.get({ timeoutMs })).toBe(4);
  for (const worker of workers) await worker.stop();
  const { queues } = await app.transport.listQueues();
  expect(queues.map(({ name }) => name)).toEqual(['celery']);
  await tasks.add.applyAsync([3, 3], { queue: 'everybody' });
});
