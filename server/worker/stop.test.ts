// How a worker ends, and what is told of it.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeTempDir, removeTempDir } from '../../e2e/fixtures/servers/temp-dir.ts';
import { createTestCluster, TASKS_MODULE } from './testing/cluster.ts';
import { startWorker } from './worker.ts';

let cluster = createTestCluster();
afterEach(async () => {
  await cluster.close();
  cluster = createTestCluster();
});
const timeoutMs = 60_000;
const patience = { timeout: timeoutMs };

it('is heard of while its tasks end, and says last that it is gone', async () => {
  const { app: client, tasks } = await cluster.openClient();
  const seen = await cluster.recordEvents();
  const worker = await cluster.openWorker({ heartbeatMs: 20, concurrency: 1 });
  const sent = await tasks.sleep.delay(3_600_000);
  const types = () => seen.map(({ event }) => event.type);
  await expect.poll(types, patience).toContain('task-started');
  const stopped = worker.stop();
  seen.splice(0);
  await expect.poll(() => types().includes('worker-heartbeat'), patience).toBe(true);
  expect(types()).not.toContain('worker-offline');
  await client.revoke([sent.id], { terminate: true });
  await stopped;
  await expect.poll(() => types().at(-1), patience).toBe('worker-offline');
  expect(types()).toContain('task-revoked');
});

it('ends though the revoked ids cannot be kept', async () => {
  const room = makeTempDir('gone');
  removeTempDir(room);
  const { app: client } = await cluster.openClient();
  let isDown = false;
  await cluster.openWorker({
    stateFile: join(room, 'state'),
    onShutdown: () => {
      isDown = true;
    },
  });
  await client.transport.broadcast({ method: 'shutdown', arguments: {}, destination: ['w1@test'] });
  await expect.poll(() => isDown, patience).toBe(true);
});

it('leaves nothing behind when it cannot begin', async () => {
  const app = await cluster.openApp();
  let isDown = false;
  app.signals.workerShutdown.connect(() => {
    isDown = true;
  });
  app.signals.celerydAfterSetup.connect(() => app.transport.close());
  const starting = startWorker({ app, tasks: TASKS_MODULE, hostname: 'w1@test' });
  await expect(starting).rejects.toMatchObject({ code: 'broker_unreachable' });
  expect(isDown).toBe(true);
});

it(
  'ends a process that does not hear the signal, with its task or on the second one',
  { timeout: 2 * timeoutMs },
  async () => {
    await cluster.openWorker({ pool: 'processes', concurrency: 1 });
    const { app: client, tasks } = await cluster.openClient();
    const seen = await cluster.recordEvents();
    const started = (id: string) =>
      expect
        .poll(
          () => seen.some(({ event: { type, uuid } }) => type === 'task-started' && uuid === id),
          patience,
        )
        .toBe(true);
    const deaf = await tasks.deaf.delay(1500);
    await started(deaf.id);
    await expect
      .poll(async () => {
        await client.revoke([deaf.id], { terminate: true });
        return deaf.state();
      }, patience)
      .toBe('REVOKED');
    const long = await tasks.deaf.delay(3_600_000);
    await started(long.id);
    await client.revoke([long.id], { terminate: true });
    await client.revoke([long.id], { terminate: true });
    await expect(long.get({ timeoutMs })).rejects.toMatchObject({ state: 'REVOKED' });
    expect(await (await tasks.add.delay(1, 2)).get({ timeoutMs })).toBe(3);
  },
);

it('lets its tasks end though the broker does not let go of its queues', async () => {
  const app = await cluster.openApp();
  const { transport } = app;
  const consume = transport.consume.bind(transport);
  transport.consume = async (...given) => {
    const consumer = await consume(...given);
    consumer.cancelQueue = () => Promise.reject(new Error('no answer'));
    return consumer;
  };
  const worker = await cluster.openWorker({ app, concurrency: 1 });
  const { tasks } = await cluster.openClient();
  const seen = await cluster.recordEvents();
  const types = () => seen.map(({ event }) => event.type);
  const sent = await tasks.progress.delay();
  await expect.poll(types, patience).toContain('task-started');
  await worker.stop();
  expect(await sent.get({ timeoutMs })).toBe(2);
  await expect.poll(() => types().at(-1), patience).toBe('worker-offline');
});
