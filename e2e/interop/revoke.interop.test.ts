import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const POOLS = ['prefork', 'threads', 'solo'] as const;
const hosts = POOLS.map((pool) => `${pool}@umbel-test`);
const quickInspection = ['--inspect-interval', '1s'];

const send = (queue: string, rest: string) => `
import json
from app import *
sent = sleep.apply_async(queue="${queue}", ${rest})
print(json.dumps(sent.id))
`;

const untilStarted = `
while sent.state == "PENDING":
    time.sleep(0.05)
`;

describe.each(BROKERS)('revoking over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(kind, { umbel: quickInspection });
    await cluster.work(...POOLS.map((pool) => ({ pool, queues: [pool] })));
  });

  afterAll(async () => {
    await cluster.close();
  });

  const knownWorkers = async () => {
    await expect
      .poll(
        async () => (await cluster.api.workers()).filter((worker) => worker.pool !== null).length,
        { timeout: 30_000, interval: 200 },
      )
      .toBe(3);
  };

  test('a waiting task never runs, and every worker acknowledges', async () => {
    await knownWorkers();
    const id = await cluster.python<string>(send('threads', 'args=(0,), countdown=3'));
    await cluster.api.until(id, 'scheduled');
    const outcome = await cluster.api.revoke([id]);
    expect(outcome.acks.map((ack) => [ack.hostname, ack.outcome]).sort()).toEqual(
      [...hosts].sort().map((host) => [host, 'ok']),
    );
    expect(outcome.acks.find((ack) => ack.hostname === 'threads@umbel-test')?.text).toContain(id);
    expect((await cluster.api.task(id))?.revoking).toBe(true);

    const task = await cluster.api.until(id, 'revoked');
    expect(task).toMatchObject({ revoking: false, startedAt: null });
    expect(task.timeline.map((entry) => entry.type)).not.toContain('task-started');
    expect(task.timeline.map((entry) => entry.type)).toContain('revoke-sent');
  });

  test.each(['SIGTERM', 'SIGKILL'])(
    '%s ends a running task of a prefork worker',
    async (signal) => {
      await knownWorkers();
      const id = await cluster.python<string>(send('prefork', 'args=(120,)'));
      await cluster.api.until(id, 'started');
      const outcome = await cluster.api.revoke([id], { terminate: true, signal });
      expect(outcome.warnings).toEqual([]);
      expect(outcome.acks.every((ack) => ack.outcome === 'ok')).toBe(true);
      const task = await cluster.api.until(id, 'revoked');
      const end = task.timeline.find((entry) => entry.type === 'task-revoked');
      expect(end?.fields).toMatchObject({ terminated: true });

      const next = await cluster.python<string>(send('prefork', 'args=(0,)'));
      await cluster.api.until(next, 'success');
    },
  );

  test('terminating on threads says that it cannot, and the task runs to its end', async () => {
    await knownWorkers();
    const id = await cluster.python<string>(send('threads', 'args=(3,)'));
    await cluster.api.until(id, 'started');
    const outcome = await cluster.api.revoke([id], { terminate: true });
    expect(outcome.warnings.join(' ')).toMatch(/threads@umbel-test runs the threads pool/);
    await cluster.api.until(id, 'success');
    const [worker] = (await cluster.api.workers()).filter((one) => one.pool === 'threads');
    expect(worker?.state).toBe('online');
  });

  // A solo worker tells nothing while it runs a task: only its result backend says that it began.
  test('a solo worker that is busy does not answer, which is said', async () => {
    await knownWorkers();
    const id = await cluster.python<string>(send('solo', 'args=(5,)') + untilStarted);
    const outcome = await cluster.api.revoke([id], { terminate: true });
    const ack = outcome.acks.find((one) => one.hostname === 'solo@umbel-test');
    expect(ack).toMatchObject({ outcome: 'timeout' });
    await cluster.api.until(id, 'success', 30_000);
  });

  test('revoking a task that nobody knows is answered by every worker', async () => {
    const outcome = await cluster.api.revoke(['no-such-task']);
    expect(outcome.acks.map((ack) => ack.hostname).sort()).toEqual([...hosts].sort());
  });

  test('a revoke without ids is a bad request, and reaches nobody', async () => {
    for (const body of [{}, { ids: [] }, { ids: ['x'], terminate: true, signal: 'SIGNOPE' }]) {
      const { status } = await cluster.api.post('/tasks/revoke', body);
      expect(status).toBe(400);
    }
  });
});
