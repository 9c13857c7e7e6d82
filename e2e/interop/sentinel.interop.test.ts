import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import type { Gap, Overview } from '../../lib/contract/index.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { startWorker } from '../fixtures/celery/worker.ts';
import { startSentinel, type SentinelSetup } from '../fixtures/servers/sentinel.ts';
import { startUmbel } from '../fixtures/umbel.ts';
import { createApi, type Api } from './support/api.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const sum = `
import json
from app import *
print(json.dumps(add.delay(1, 2).id))
`;

const addOne = async (app: CeleryApp) => JSON.parse(await runPython(sum, { app })) as string;

async function breaks(api: Api): Promise<Gap[]> {
  const { body } = await api.get('/overview?range=15m');
  return (body as Overview).series.gaps.filter((gap) => gap.cause === 'disconnected');
}

/** A sentinel that has not heard of the replica yet has nobody to make a master of. */
async function untilReplicaKnown({ sentinels, masterName }: SentinelSetup): Promise<void> {
  for (const { port } of sentinels) {
    const sentinel = new Redis(port);
    const flags = async () =>
      ((await sentinel.call('SENTINEL', 'REPLICAS', masterName)) as string[][]).map(
        (fields) => fields[fields.indexOf('flags') + 1],
      );
    await expect.poll(flags).toEqual(['slave']);
    sentinel.disconnect();
  }
}

// A worker of Celery 5.2 takes nothing any more once its Redis was away.
test.skipIf(isOldCelery)(
  'a master that fails over to its replica: tasks are seen before and after, and one gap between',
  { timeout: 120_000 },
  async () => {
    const setup = await startSentinel();
    cleanups.push(() => setup.stop());
    const app: CeleryApp = {
      broker: setup.url,
      config: { broker_transport_options: { master_name: setup.masterName } },
    };
    const umbel = await startUmbel({
      freshPages: false,
      args: ['--broker', setup.url, '--sentinel-master', setup.masterName],
    });
    cleanups.push(() => umbel.stop());
    const api = createApi(umbel.url);
    const state = async () => (await api.status()).broker.state;
    await expect.poll(state).toBe('connected');
    const worker = await startWorker({ app, pool: 'threads', name: 'steady' });
    cleanups.push(() => worker.kill());
    await worker.ready;
    const before = await addOne(app);
    await api.until(before, 'success');
    expect(await breaks(api)).toEqual([]);

    await untilReplicaKnown(setup);
    await setup.master.down('SIGKILL');
    await expect.poll(state, { interval: 50 }).toBe('reconnecting');
    await expect.poll(() => breaks(api)).toMatchObject([{ endedAt: null }]);
    await expect.poll(state, { timeout: 40_000 }).toBe('connected');
    await expect
      .poll(async () => (await breaks(api)).map((gap) => gap.endedAt !== null))
      .toEqual([true]);

    const after = await addOne(app);
    await api.until(after, 'success', 40_000);
    expect((await api.task(after))?.worker).toBe('steady@umbel-test');
    expect(await api.state(before)).toBe('success');
    // Celery's worker says that it goes when it loses its broker, and with the next heartbeat that it is there.
    const states = async () =>
      (await api.workers()).map(({ hostname, state: now }) => [hostname, now]);
    await expect.poll(states).toEqual([['steady@umbel-test', 'online']]);
    expect(await breaks(api)).toHaveLength(1);
  },
);
