import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isPyDict } from '../../lib/python/values.ts';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const scaled = 'scaled@umbel-test';
const fixed = 'fixed@umbel-test';

const addOne = (queue: string) => `
import json
from app import *
print(json.dumps(add.apply_async((1, 2), queue="${queue}").id))
`;

describe.each(BROKERS)('autoscale and pool_restart over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(kind, { umbel: ['--inspect-interval', '1s'] });
    await cluster.work(
      {
        ...{ name: 'scaled', pool: 'prefork', queues: ['scaled'], args: ['--autoscale', '3,1'] },
        app: { config: { worker_pool_restarts: true } },
      },
      { name: 'fixed', pool: 'prefork', concurrency: 1, queues: ['fixed'] },
    );
    const restarts = async (hostname: string) =>
      (await cluster.api.worker(hostname)).supports['pool_restart'];
    await vi.waitFor(
      async () => {
        expect(await restarts(scaled)).toEqual({ ok: true, reason: null });
        expect((await restarts(fixed))?.reason).toBe('Needs the setting worker_pool_restarts');
      },
      { timeout: 30_000, interval: 200 },
    );
  });

  afterAll(async () => {
    await cluster.close();
  });

  const processesOf = async (hostname: string): Promise<unknown> => {
    const { stats } = await cluster.api.inspect(hostname);
    const pool = isPyDict(stats.value) ? stats.value['pool'] : null;
    return isPyDict(pool) ? pool['processes'] : null;
  };

  test('the limits of a worker with --autoscale are set, and it says them', async () => {
    expect((await cluster.api.worker(scaled)).supports['autoscale']).toEqual({
      ok: true,
      reason: null,
    });
    const { acks } = await cluster.api.command([scaled], { command: 'autoscale', max: 5, min: 2 });
    expect(acks).toEqual([{ hostname: scaled, outcome: 'ok', text: 'autoscale now max=5 min=2' }]);
    const size = async () => (await cluster.api.inspect(scaled)).concurrency;
    await expect.poll(size, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
  });

  test('a worker without it says that it has none', async () => {
    const { supports } = await cluster.api.worker(fixed);
    expect(supports['autoscale']).toMatchObject({ ok: false });
    const { acks } = await cluster.api.command([fixed], { command: 'autoscale', max: 3, min: 1 });
    expect(acks).toEqual([
      { hostname: fixed, outcome: 'error', text: expect.stringContaining('Autoscale not enabled') },
    ]);
  });

  test('a pool is restarted where the worker allows that, and goes on', async () => {
    const before = JSON.stringify(await processesOf(scaled));
    expect(before).toMatch(/\d/);
    const { acks } = await cluster.api.command([scaled], { command: 'pool_restart' });
    expect(acks).toEqual([{ hostname: scaled, outcome: 'ok', text: 'reload started' }]);
    await expect
      .poll(async () => JSON.stringify(await processesOf(scaled)), { timeout: 30_000 })
      .not.toBe(before);
    await cluster.api.until(await cluster.python<string>(addOne('scaled')), 'success');
  });

  test('a worker that does not allow it says so, and keeps its pool', async () => {
    const before = await processesOf(fixed);
    const { acks } = await cluster.api.command([fixed], { command: 'pool_restart' });
    expect(acks).toEqual([
      {
        ...{ hostname: fixed, outcome: 'error' },
        text: expect.stringContaining('Pool restarts not enabled'),
      },
    ]);
    expect(await processesOf(fixed)).toEqual(before);
    await cluster.api.until(await cluster.python<string>(addOne('fixed')), 'success');
  });
});
