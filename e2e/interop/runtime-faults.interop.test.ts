// What our worker keeps when things go wrong: at-least-once under kill -9, ETA tasks, restarts of the broker, shutdowns that do not wait.
// UMBEL_SOAK=1 makes the same with ten times as many tasks.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { chain, chord } from '../../server/client/canvas.ts';
import { Celery } from '../../server/client/celery.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';
import {
  runUmbel,
  startRuntimeWorker,
  startUmbelCommand,
  type RuntimeWorker,
} from '../fixtures/runtime/worker.ts';
import { closeConnections } from '../fixtures/servers/rabbitmq-management.ts';
import { startRabbitmq } from '../fixtures/servers/rabbitmq.ts';
import { startRedis } from '../fixtures/servers/redis.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const isSoak = process.env['UMBEL_SOAK'] === '1';
const COUNT = isSoak ? 10_000 : 1000;
const CONCURRENCY = 4;
const patience = { timeout: isSoak ? 600_000 : 60_000, interval: 50 };
/** What a dead worker held on Redis comes back after three seconds. */
const SOON_VISIBLE = { broker_transport_options: { visibility_timeout: 3 } };
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Settings = Record<string, unknown>;

async function settingsFor(kind: 'redis' | 'amqp'): Promise<Settings> {
  if (kind === 'redis') {
    const url = await freshRedisUrl();
    return { broker_url: url, ...SOON_VISIBLE };
  }
  const vhost = await freshVhost();
  closers.push(() => vhost.remove());
  return { broker_url: vhost.url };
}

function notes() {
  const directory = makeTempDir('runs');
  closers.push(() => {
    removeTempDir(directory);
  });
  const file = join(directory, 'runs.txt');
  writeFileSync(file, '');
  return {
    file,
    directory,
    read: () => readFileSync(file, 'utf8').split('\n').filter(Boolean),
  };
}

async function open(settings: Settings): Promise<Celery> {
  const app = new Celery('faults', settings);
  closers.push(() => app.close());
  await app.connect();
  return app;
}

async function work(settings: Settings, runs: string, args: string[] = []): Promise<RuntimeWorker> {
  const worker = await startRuntimeWorker({
    settings: { ...settings, worker_prefetch_multiplier: 2 },
    runs,
    args: ['-c', String(CONCURRENCY), '--without-mingle', ...args],
  });
  closers.push(() => worker.kill());
  return worker;
}

const receivedBy = (worker: RuntimeWorker) =>
  worker.child.output().match(/ received$/gm)?.length ?? 0;

const sendAll = (app: Celery, texts: string[], ms: number, options = {}) =>
  Promise.all(texts.map((text) => app.sendTask('tasks.late', [text, ms], {}, options)));

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `n${String(n)}`);

test.each(['redis', 'amqp'] as const)(
  'kill -9 loses no late-acknowledged task on %s; what runs again is what ran',
  { timeout: patience.timeout * 2 },
  async (kind) => {
    const settings = await settingsFor(kind);
    const runs = notes();
    const app = await open(settings);
    const texts = numbered(COUNT);
    await sendAll(app, texts, 2);
    let kills = 0;
    for (const share of isSoak ? [0.2, 0.4, 0.6, 0.8] : [0.3, 0.7]) {
      const worker = await work(settings, runs.file);
      await expect.poll(() => new Set(runs.read()).size, patience).toBeGreaterThan(COUNT * share);
      await worker.kill();
      kills += 1;
    }
    await work(settings, runs.file);
    await expect.poll(() => new Set(runs.read()).size, patience).toBe(COUNT);
    const repeats = runs.read().length - COUNT;
    console.log(
      `${kind}: ${String(repeats)} of ${String(COUNT)} ran twice after ${String(kills)} kills`,
    );
    expect(new Set(runs.read())).toEqual(new Set(texts));
    expect(repeats).toBeLessThanOrEqual(kills * CONCURRENCY * 4);
  },
);

test('ETA tasks survive kill -9, on Redis and on RabbitMQ', async () => {
  await Promise.all([etaSurvives('redis'), etaSurvives('amqp')]);
});

async function etaSurvives(kind: 'redis' | 'amqp'): Promise<void> {
  const settings = await settingsFor(kind);
  const runs = notes();
  const app = await open(settings);
  const worker = await work(settings, runs.file);
  const texts = numbered(40);
  await sendAll(app, texts, 0, { countdownMs: 6000 });
  await expect.poll(() => receivedBy(worker), patience).toBe(texts.length);
  await worker.kill();
  expect(runs.read()).toEqual([]);
  await work(settings, runs.file);
  await expect.poll(() => new Set(runs.read()).size, patience).toBe(texts.length);
}

test('a restart of Redis loses nothing that it kept, results and callbacks included', async () => {
  const redis = await startRedis({ persist: true });
  closers.push(() => redis.stop());
  const settings = { broker_url: redis.url, result_backend: redis.url, ...SOON_VISIBLE };
  await survives(settings, async () => {
    await redis.down();
    await redis.up();
  });
});

test('RabbitMQ cutting all connections loses nothing', async () => {
  const vhost = await freshVhost();
  closers.push(() => vhost.remove());
  const settings = { broker_url: vhost.url, result_backend: await freshRedisUrl() };
  await survives(settings, async () => {
    await closeConnections(vhost.managementUrl, vhost.name);
  });
});

test(
  'a restart of RabbitMQ loses nothing that it kept',
  { timeout: 2 * patience.timeout },
  async () => {
    const rabbitmq = await startRabbitmq();
    closers.push(() => rabbitmq.stop());
    const settings = { broker_url: rabbitmq.url, result_backend: await freshRedisUrl() };
    await survives(settings, async () => {
      await rabbitmq.down();
      await rabbitmq.up();
    });
  },
);

async function survives(settings: Settings, trouble: () => Promise<void>): Promise<void> {
  const runs = notes();
  const app = await open(settings);
  const texts = numbered(200);
  await work(settings, runs.file);
  const sent = await sendAll(app, texts, 20, { link: app.signature('tasks.called') });
  await expect.poll(() => runs.read().length, patience).toBeGreaterThan(40);
  await trouble();
  const all = [...texts, ...texts.map((text) => `called: ${text}`)].sort();
  await expect.poll(() => [...new Set(runs.read())].sort(), patience).toEqual(all);
  for (const one of sent) await one.get({ timeoutMs: 30_000 });
}

test('Redis that is away is waited for: by a worker that starts, by what ends and by what is sent', async () => {
  const redis = await startRedis({ persist: true });
  closers.push(() => redis.stop());
  const urls = { broker_url: redis.url, result_backend: redis.url };
  // A worker has more patience than its policy.
  const settings = { ...urls, task_publish_retry_policy: { max_retries: 0 } };
  const runs = notes();
  const gate = join(runs.directory, 'open');
  await redis.down();
  const flags = ['-l', 'info', '-c', '4', '--without-mingle'];
  const child = await startUmbelCommand(['worker', ...flags], { settings, runs: runs.file });
  closers.push(() => child.stop('SIGKILL'));
  await child.says(
    /consumer: Cannot connect.*\n.*Trying again in 2\.00 seconds\.\.\. \(1\/100\)/,
    60_000,
  );
  await redis.up();
  await child.says(/ready\./, 60_000);

  const app = await open(settings);
  const other = await open(settings);
  const gated = (text: string) => app.signature<string>('tasks.gated', [text, gate]);
  const called = () => app.signature<string>('tasks.called');
  const sent = [
    await gated('linked').link(called()).delay(),
    await chain([gated('chained'), called()]).delay(),
    await chord([gated('member')], app.signature('tasks.noted')).delay(),
    await gated('retried').delay(),
  ];
  const texts = ['linked', 'chained', 'member', 'retried'];
  const told = (what: string) => runs.read().filter((line) => line.startsWith(what));
  await expect.poll(() => told('begins').length, patience).toBe(texts.length);
  const results = sent.map((one) => one.get({ timeoutMs: 60_000 }));
  await redis.down();
  writeFileSync(gate, '');
  await expect.poll(() => told('ends').length, patience).toBe(texts.length);
  const call = (text: string, options: object) => app.sendTask('tasks.called', [text], {}, options);
  await expect(call('refused', { retry: false })).rejects.toMatchObject({
    code: 'broker_unreachable',
  });
  const late = call('late', { retryPolicy: { max_retries: null, interval_max: 0.1 } });
  const elsewhere = other.result(sent[0]?.id ?? '').get({ timeoutMs: 60_000 });
  await redis.up();
  expect(await Promise.all(results)).toEqual(['linked', 'chained', ['member'], 'retried']);
  expect(await elsewhere).toBe('linked');
  expect(await (await late).get({ timeoutMs: 60_000 })).toBe('late');
  await expect
    .poll(() => told('called').sort(), patience)
    .toEqual(['called: chained', 'called: late', 'called: linked']);
  expect(told('ends')).toHaveLength(texts.length + 1);

  // As a master that was just replaced: it takes nothing that writes.
  const client = new Redis(redis.url);
  closers.push(() => client.disconnect());
  rmSync(gate);
  const demoted = await gated('demoted').delay();
  await expect.poll(() => told('begins: demoted').length, patience).toBe(1);
  await client.replicaof('127.0.0.1', 1);
  writeFileSync(gate, '');
  await expect.poll(() => told('ends: demoted').length, patience).toBe(1);
  const refused = call('demoted', { retry: false });
  await expect(refused).rejects.toMatchObject({ code: 'broker_refused' });
  const patient = call('demoted', { retryPolicy: { max_retries: null, interval_max: 0.1 } });
  await client.replicaof('NO', 'ONE');
  expect(await demoted.get({ timeoutMs: 60_000 })).toBe('demoted');
  expect(await (await patient).get({ timeoutMs: 60_000 })).toBe('demoted');
});

test('a second signal gives back what still runs, and the next worker runs it', async () => {
  const settings = { broker_url: await freshRedisUrl() };
  const runs = notes();
  const app = await open(settings);
  const worker = await work(settings, runs.file, ['--soft-shutdown-timeout', '0.2']);
  const gate = join(runs.directory, 'open');
  const texts = numbered(CONCURRENCY + 2);
  for (const text of texts) await app.sendTask('tasks.gate', [text, gate]);
  await expect.poll(() => receivedBy(worker), patience).toBe(texts.length);
  worker.child.signal('SIGTERM');
  await worker.child.says(/Warm shutdown/, 20_000);
  worker.child.signal('SIGTERM');
  expect(await worker.child.ended).toBe(0);
  expect(runs.read()).toEqual([]);
  const [queue] = await app.transport.measureQueues(['celery']);
  expect(queue).toMatchObject({ ready: texts.length, inFlight: 0 });
  writeFileSync(gate, '');
  await work(settings, runs.file);
  await expect.poll(() => runs.read().sort(), patience).toEqual(texts.sort());
});

test('processes: any memory, any death; replaced by count and by memory', async () => {
  const url = await freshRedisUrl();
  const settings = { broker_url: url, result_backend: url };
  const runs = notes();
  const app = await open(settings);
  const args = ['--pool=processes', '-c', '1', '--max-memory-per-child', '200000'];
  const worker = await work(settings, runs.file, args);
  const call = async (name: string, ...given: unknown[]) =>
    (await app.sendTask(name, given)).get({ timeoutMs: 60_000 });
  const first = await call('tasks.pid');
  expect(await call('tasks.pid')).toBe(first);
  expect(first).not.toBe(worker.child.pid);
  await expect(call('tasks.deadly_once', 'died')).rejects.toMatchObject({
    name: 'WorkerLostError',
    message: expect.stringContaining('SIGKILL'),
  });
  const second = await call('tasks.grow', 300);
  expect(second).not.toBe(first);
  expect(await call('tasks.pid')).not.toBe(second);
  expect(await call('tasks.add', 1, 1)).toBe(2);
  expect(await worker.stop()).toBe(0);
  const counted = await work(settings, runs.file, [
    ...['--pool=processes', '-c', '1', '--max-tasks-per-child', '2'],
  ]);
  const pids: unknown[] = [];
  for (let n = 0; n < 4; n += 1) pids.push(await call('tasks.pid'));
  expect(pids[0]).toBe(pids[1]);
  expect(pids[2]).toBe(pids[3]);
  expect(pids[2]).not.toBe(pids[0]);
  expect(await counted.stop()).toBe(0);
});

test('beat runs alone, remembers, and sends what is due; messages that are no tasks are dropped', async () => {
  const url = await freshRedisUrl();
  const settings = { broker_url: url, result_backend: url };
  const runs = notes();
  const app = await open(settings);
  const schedule = join(runs.directory, 'schedule');
  const target = { exchange: '', routingKey: 'celery' };
  await app.transport.publish(
    {
      headers: {},
      properties: {},
      contentType: 'application/x-nothing',
      contentEncoding: 'binary',
      body: Buffer.from('not a task'),
    },
    target,
  );
  const worker = await work(settings, runs.file, ['-B', '-s', schedule]);
  await expect.poll(() => runs.read(), patience).toContain('beat');
  expect(worker.child.output()).toContain('Received invalid task message');
  const second = await startUmbelCommand(['beat', '-s', schedule], { settings });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('Another beat is running');
  expect(await worker.stop()).toBe(0);
  const known = JSON.parse(readFileSync(schedule, 'utf8')) as { runs: Record<string, unknown> };
  expect(known.runs).toMatchObject({
    often: { totalRunCount: expect.any(Number) },
    never: { totalRunCount: 0 },
  });
  const called = await runUmbel(['call', 'tasks.add', '--args', '[2, 3]', '--json'], settings);
  expect(called.code).toBe(0);
  const { id } = JSON.parse(called.output) as { id: string };
  expect(app.result(id).id).toBe(id);
  const purged = await runUmbel(['purge', '-f'], settings);
  expect(purged.output).toContain('Purged');
});
