import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCluster, type Cluster } from './support/cluster.ts';

const hostname = 'limited@umbel-test';
const sleepFor = (seconds: number) => `
import json
from app import *
print(json.dumps(sleep.delay(${seconds}).id))
`;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await openCluster('redis', {
    app: { config: { worker_pool_restarts: true } },
    umbel: ['--inspect-interval', '1s'],
  });
  await cluster.work({ name: 'limited', pool: 'prefork', concurrency: 1 });
});

afterAll(async () => {
  await cluster.close();
});

test('a Python worker applies a hard time limit to what it receives after its pool was restarted', async () => {
  const pool = async () => (await cluster.api.workers())[0]?.pool;
  await expect.poll(pool, { timeout: 30_000 }).toBe('prefork');
  const limit = { command: 'time_limit', type: 'tasks.sleep', softMs: null, hardMs: 1000 } as const;
  const { acks } = await cluster.api.command([hostname], limit);
  expect(acks).toMatchObject([{ outcome: 'ok', text: 'time limits set successfully' }]);
  await cluster.api.until(await cluster.python<string>(sleepFor(3)), 'success');

  const restart = await cluster.api.command([hostname], { command: 'pool_restart' });
  expect(restart.acks).toMatchObject([{ outcome: 'ok' }]);
  const killed = await cluster.api.until(await cluster.python<string>(sleepFor(60)), 'failure');
  expect(killed.exception).toContain('TimeLimitExceeded');
});
