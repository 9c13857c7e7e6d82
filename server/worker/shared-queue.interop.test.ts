// Our worker and Python's on one queue of Redis: what a killed one held is restored after the visibility timeout, and the
// other one runs it.
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CeleryApp } from '../../e2e/fixtures/celery/python.ts';
import { isOldCelery } from '../../e2e/fixtures/celery/version.ts';
import { startWorker as startPythonWorker } from '../../e2e/fixtures/celery/worker.ts';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { startChild } from '../../e2e/fixtures/servers/child.ts';
import { Celery } from '../client/celery.ts';

const QUEUE = 'shared';
/** By default kombu looks for what others left only every hundred seconds (every tenth of its ten-second sweeps). */
const RESTORE_SOON = {
  visibility_timeout: 2,
  unacked_restore_interval: 1,
  unacked_restore_throttle: 1,
};
const script = fileURLToPath(new URL('./testing/worker-process.contract.ts', import.meta.url));
let python: CeleryApp;
let app: Celery;
let redis: Redis;

beforeAll(async () => {
  const url = await freshRedisUrl();
  python = { broker: url, backend: url, config: { task_acks_late: true } };
  app = new Celery('client', { broker: url, backend: url });
  redis = new Redis(url);
});

afterAll(async () => {
  redis.disconnect();
  await app.close();
});

const startOurs = async () => {
  const args = ['--import', 'tsx', script, python.broker, QUEUE];
  const child = await startChild({ command: process.execPath, args });
  await child.says(/ready/, 60_000);
  return { kill: () => child.stop('SIGKILL') };
};

const startTheirs = async (transportOptions: Record<string, number> = {}) => {
  const config = { ...python.config, broker_transport_options: transportOptions };
  const app = { ...python, config };
  const worker = await startPythonWorker({ app, pool: 'threads', queues: [QUEUE] });
  await worker.ready;
  return worker;
};

const send = (name: string, ...args: number[]) =>
  app.sendTask(`tasks.${name}`, args, {}, { queue: QUEUE });

const untilHeld = (count: number) =>
  expect.poll(() => redis.hlen('unacked'), { timeout: 20_000 }).toBe(count);

// An older kombu looks for what others left only every hundred seconds.
test.skipIf(isOldCelery)('what our killed worker held, a Python worker runs', async () => {
  const ours = await startOurs();
  await send('block');
  const waiting = await send('add', 20, 22);
  await untilHeld(2);
  await ours.kill();
  await untilHeld(2);
  const theirs = await startTheirs(RESTORE_SOON);
  expect(await waiting.get({ timeoutMs: 60_000 })).toBe(42);
  await untilHeld(0);
  await theirs.kill();
});

test('what a killed Python worker held, ours runs', async () => {
  const theirs = await startTheirs();
  // Seconds there, milliseconds here.
  const running = await send('sleep', 300);
  await untilHeld(1);
  await theirs.kill();
  await untilHeld(1);
  const ours = await startOurs();
  expect(await running.get({ timeoutMs: 60_000 })).toBe(300);
  await untilHeld(0);
  await ours.kill();
});
