// Flags of our worker as people know them from Celery's, on the built command line.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { decodeEvents, type RawEvent } from '../../server/celery/event.ts';
import { Celery } from '../../server/client/celery.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import {
  startRuntimeWorker,
  type RuntimeOptions,
  type RuntimeWorker,
} from '../fixtures/runtime/worker.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const patience = { timeout: 60_000, interval: 50 };
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(): Promise<{ app: Celery; url: string; directory: string }> {
  const url = await freshRedisUrl();
  const app = new Celery('flags', { broker: url, backend: url });
  closers.push(() => app.close());
  await app.connect();
  const directory = makeTempDir('flags');
  closers.push(() => {
    removeTempDir(directory);
  });
  return { app, url, directory };
}

async function work(
  url: string,
  options: Omit<RuntimeOptions, 'settings'>,
): Promise<RuntimeWorker> {
  const worker = await startRuntimeWorker({
    settings: { broker_url: url, result_backend: url },
    ...options,
  });
  closers.push(() => worker.stop());
  return worker;
}

test(
  '--statedb: what Python revoked stays revoked over a restart',
  { timeout: 120_000 },
  async () => {
    const { app, url, directory } = await open();
    const runs = join(directory, 'runs');
    const args = ['-c', '1', '--statedb', join(directory, 'state')];
    const before = await work(url, { args });
    const id = 'revoked-before-the-restart';
    await runPython(
      `from app import *\napp.control.revoke(${JSON.stringify(id)}, reply=True, timeout=10, limit=1)`,
      { app: { broker: url, backend: url }, timeoutMs: 60_000 },
    );
    expect(await before.stop()).toBe(0);
    await app.sendTask('tasks.noted', ['revoked'], {}, { taskId: id });
    const other = await app.sendTask('tasks.noted', ['other']);
    await work(url, { args, runs });
    await other.get({ timeoutMs: 60_000 });
    await expect.poll(async () => (await app.backend?.get(id))?.status, patience).toBe('REVOKED');
    expect(readFileSync(runs, 'utf8').trim()).toBe('other');
  },
);

test('--heartbeat-interval: so often, and the beats say so', { timeout: 120_000 }, async () => {
  const { app, url } = await open();
  const beats: RawEvent[] = [];
  await app.transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(Buffer.from(body), contentType);
      if (!decoded.ok) return;
      beats.push(...decoded.value.events.filter(({ type }) => type === 'worker-heartbeat'));
    },
    onGap: () => undefined,
    onMalformed: () => undefined,
  });
  await work(url, { args: ['--heartbeat-interval', '0.25'] });
  await expect.poll(() => beats.length, patience).toBeGreaterThan(4);
  const [, second, ...later] = beats.map(({ timestamp }) => Number(timestamp));
  const spans = later.map(
    (at, index) => at - (index === 0 ? Number(second) : Number(later[index - 1])),
  );
  expect(Math.min(...spans)).toBeLessThan(1);
  expect(beats.map((beat) => Number(beat['freq']))).toContain(0.25);
});

test('REMAP_SIGTERM=SIGQUIT: one signal gives back what runs', { timeout: 120_000 }, async () => {
  const { app, url, directory } = await open();
  const worker = await work(url, {
    env: { REMAP_SIGTERM: 'SIGQUIT' },
    runs: join(directory, 'runs'),
    args: ['-c', '1'],
  });
  const gate = join(directory, 'open');
  await app.sendTask('tasks.gate', ['one', gate]);
  await worker.child.says(/tasks\.gate\[.*received/, 60_000);
  worker.child.signal('SIGTERM');
  await worker.child.says(/Cold shutdown/, 20_000);
  expect(await worker.child.ended).toBe(0);
  expect(existsSync(join(directory, 'runs'))).toBe(false);
  const [queue] = await app.transport.measureQueues(['celery']);
  expect(queue).toMatchObject({ ready: 1, inFlight: 0 });
});

test(
  'without a terminal there are no colours, and no banner needs one',
  { timeout: 60_000 },
  async () => {
    const { url } = await open();
    const worker = await work(url, {});
    await worker.child.says(/\[queues\]/, 20_000);
    expect(worker.child.output()).not.toContain('\u001b[');
  },
);
