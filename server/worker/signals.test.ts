// The moments at which an application is told of its worker and of what it does with tasks.
import { afterAll, expect, it } from 'vitest';
import type { SignalName } from '../client/signals.ts';
import { createTestCluster } from './testing/cluster.ts';

const cluster = createTestCluster();
afterAll(async () => {
  await cluster.close();
});

it('tells of a worker from its start to its end, and of its tasks', async () => {
  const app = await cluster.openApp();
  const told: string[] = [];
  const listen = (...names: SignalName[]) => {
    for (const name of names) {
      app.signals[name].connect((payload: object) => {
        const { id, how } = payload as { id?: string; how?: string };
        told.push([name, id ?? how].filter(Boolean).join(' '));
      });
    }
  };
  listen('workerInit', 'celerydAfterSetup', 'workerReady', 'workerShuttingDown', 'workerShutdown');
  listen('taskReceived', 'taskRevoked');
  app.signals.celerydAfterSetup.connect(({ hostname, queues }) => queues.push(`${hostname}.dq`));
  const beats: string[] = [];
  app.signals.heartbeatSent.connect(({ hostname }) => beats.push(hostname));
  app.signals.taskReceived.connect(() => {
    throw new Error('a handler that fails harms nobody');
  });
  const worker = await cluster.openWorker({ app, pool: 'async', heartbeatMs: 50 });
  expect(told).toEqual(['workerInit', 'celerydAfterSetup', 'workerReady']);
  const { tasks } = await cluster.openClient();
  const get = { timeoutMs: 10_000 };
  const sent = await tasks.add.applyAsync([1, 2], { queue: 'w1@test.dq' });
  expect(await sent.get(get)).toBe(3);
  const expired = await tasks.add.applyAsync([1, 2], { expiresAt: Date.now() - 1000 });
  await expect(expired.get(get)).rejects.toMatchObject({ state: 'REVOKED' });
  await expect.poll(() => told).toContain(`taskRevoked ${expired.id}`);
  expect(told).toContain(`taskReceived ${sent.id}`);
  await expect.poll(() => beats.length).toBeGreaterThan(1);
  await worker.stop({ graceMs: 0 });
  expect(told.slice(-2)).toEqual(['workerShuttingDown cold', 'workerShutdown']);
});

it('tells when the worker itself fails around a task', async () => {
  const app = await cluster.openApp();
  const failed: string[] = [];
  app.signals.taskInternalError.connect(({ task, error }) => {
    failed.push(`${task}: ${String(error)}`);
  });
  await cluster.openWorker({ app, pool: 'async', queues: ['internal'], hostname: 'w2@test' });
  const { tasks } = await cluster.openClient();
  await app.backend?.close();
  await tasks.add.applyAsync([1, 2], { queue: 'internal' });
  await expect.poll(() => failed).toHaveLength(1);
  expect(failed[0]).toMatch(/^tasks\.add: .*The result backend/);
});
