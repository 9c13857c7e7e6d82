import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeActiveQueues,
  decodeRegistered,
  decodeScheduled,
  decodeStats,
  decodeTaskInfos,
  decodeHello,
} from '../celery/control.ts';
import { toPyValue } from '../celery/fields.ts';
import { createSignature } from '../celery/signature.ts';
import { chain, chord, group, signature } from '../client/canvas.ts';
import { createTestCluster } from './testing/cluster.ts';

const cluster = createTestCluster();
type Client = Awaited<ReturnType<typeof cluster.openClient>>;
type Seen = Awaited<ReturnType<typeof cluster.recordEvents>>;
let app: Client['app'];
let tasks: Client['tasks'];
let seen: Seen;
const patience = { timeout: 15_000 };

beforeAll(async () => {
  seen = await cluster.recordEvents();
  await cluster.openWorker({ maxHeapMb: 48 });
  ({ app, tasks } = await cluster.openClient());
}, 60_000);

afterAll(async () => {
  await cluster.close();
});

const typesOf = (id: string) =>
  seen.filter(({ event }) => event['uuid'] === id).map(({ event }) => event.type);
const eventOf = (id: string, type: string) =>
  seen.find(({ event }) => event['uuid'] === id && event.type === type)?.event;

async function ask(method: string, given: Record<string, unknown> = {}) {
  const request = { method, arguments: given, destination: ['w1@test'] };
  const [reply] = await app.transport.gather(request, { timeoutMs: 10_000 });
  return toPyValue(reply?.value);
}

/** Keys of an event as Python's worker sends it. */
function recordedKeys(type: string): string[] {
  const file = new URL('../celery/vectors/main/redis_events.json', import.meta.url);
  const found: string[][] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      if ('type' in value && value.type === type && 'timestamp' in value) {
        found.push(Object.keys(value).sort());
      }
      Object.values(value).forEach(visit);
    }
  };
  visit(JSON.parse(readFileSync(file, 'utf8')));
  const [first] = found;
  if (first === undefined) throw new Error(`no recorded ${type}`);
  return first;
}

describe('a worker', { timeout: 30_000 }, () => {
  it('runs a task and tells of it in the fields of a Python worker', async () => {
    const sent = await tasks.add.delay(2, 3);
    expect(await sent.get()).toBe(5);
    await expect.poll(() => typesOf(sent.id), patience).toContain('task-succeeded');
    for (const type of ['task-sent', 'task-received', 'task-started', 'task-succeeded']) {
      expect(Object.keys(eventOf(sent.id, type) ?? {}).sort(), type).toEqual(recordedKeys(type));
    }
    const online = seen.find(({ event }) => event.type === 'worker-online')?.event ?? {};
    expect(Object.keys(online).sort()).toEqual(recordedKeys('worker-online'));
    const batched = seen.filter(({ event }) => event['uuid'] === sent.id);
    expect(batched.find(({ event }) => event.type === 'task-started')?.routingKey).toBe(
      'task.multi',
    );
    expect(batched.find(({ event }) => event.type === 'task-sent')?.routingKey).toBe('task.sent');
    expect(eventOf(sent.id, 'task-received')).toMatchObject({ args: '(2, 3)', kwargs: '{}' });
  });

  it('takes keyword arguments by name', async () => {
    expect(await (await app.sendTask('tasks.add', [], { x: 4, y: 5 })).get()).toBe(9);
  });

  it('fails with name, message and a traceback with source lines', async () => {
    const sent = await tasks.fail.delay('no good');
    await expect(sent.get()).rejects.toMatchObject({
      name: 'ValueError',
      message: 'no good',
      module: 'builtins',
      state: 'FAILURE',
    });
    await expect.poll(() => typesOf(sent.id), patience).toContain('task-failed');
    const failed = eventOf(sent.id, 'task-failed');
    expect(failed?.['exception']).toBe("ValueError('no good')");
    expect(failed?.['traceback']).toContain('Traceback (most recent call last):');
    expect(failed?.['traceback']).toContain('throw new ValueError(message);');
    await expect((await tasks.failCustom.delay()).get()).rejects.toMatchObject({ name: 'Custom' });
  });

  it('retries under the same id, asked for or by itself, and gives up in the end', async () => {
    const sent = await tasks.retryThenSucceed.delay(2);
    expect(await sent.get()).toBe(2);
    await expect.poll(() => typesOf(sent.id), patience).toContain('task-succeeded');
    expect(typesOf(sent.id).filter((type) => type === 'task-retried')).toHaveLength(2);
    expect(await (await tasks.autoretry.delay()).get()).toBe(2);
    await expect((await tasks.retryExhaust.delay()).get()).rejects.toMatchObject({
      name: 'MaxRetriesExceededError',
    });
  });

  it('keeps custom headers, priority and queue over a retry', async () => {
    const headers = { 'x-tenant': 'north' };
    const sent = await tasks.retryThenSucceed.applyAsync([1], { headers, priority: 6 });
    expect(await sent.get()).toBe(1);
  });

  it('continues chains, callbacks, groups and chords', async () => {
    const chained = await app.apply(chain(tasks.add.s(2, 2), tasks.mul.s(10), tasks.echo.s()));
    expect(await chained.get()).toEqual([40]);
    const grouped = await app.apply(group([tasks.add.s(1, 1), tasks.add.s(2, 2)]));
    expect(await grouped.get()).toEqual([2, 4]);
    const counted = await app.apply(
      chord(
        [0, 1, 2].map((n) => tasks.add.s(n, n)),
        tasks.xsum.s(),
      ),
    );
    expect(await counted.get()).toBe(6);
    const upgraded = await app.apply(
      chain(
        tasks.add.s(1, 1),
        group([tasks.add.s(1), tasks.add.s(2)]),
        tasks.xsum.s(),
        tasks.mul.s(2),
      ),
    );
    expect(await upgraded.get()).toBe(14);
    const nested = await app.apply(
      chord(
        [chain(tasks.add.s(1, 1), tasks.mul.s(5)), chord([tasks.add.s(1, 2)], tasks.xsum.s())],
        tasks.xsum.s(),
      ),
    );
    expect(await nested.get()).toBe(13);
    const callbackId = crypto.randomUUID();
    await tasks.add.applyAsync([1, 2], {
      link: tasks.mul.s(3).set({ taskId: callbackId }),
    });
    expect(await app.result(callbackId).get()).toBe(9);
    const info = await (await app.apply(chord([], tasks.xsum.s()))).get();
    expect(info).toBe(0);
  });

  it('fails the body of a chord, later steps of a chain, and tells errbacks', async () => {
    const counted = await app.apply(
      chord([tasks.add.s(1, 1), tasks.fail.s('bad')], tasks.xsum.s()),
    );
    await expect(counted.get()).rejects.toMatchObject({ name: 'ChordError' });
    const chained = await app.apply(chain(tasks.fail.s('first'), tasks.add.s(1)));
    await expect(chained.get()).rejects.toMatchObject({ name: 'ValueError' });
    const errbackId = crypto.randomUUID();
    const failing = await tasks.fail.applyAsync(['x'], {
      linkError: tasks.echo.s().set({ taskId: errbackId }),
    });
    expect(await app.result(errbackId).get()).toEqual([failing.id]);
  });

  it('rejects what it does not know', async () => {
    const sent = await app.sendTask('tasks.unknown');
    await expect(sent.get()).rejects.toMatchObject({ name: 'NotRegistered' });
    await expect.poll(() => typesOf(sent.id), patience).toEqual(['task-sent', 'task-failed']);
  });

  it('drops what is expired or revoked', async () => {
    const expired = await tasks.add.applyAsync([1, 1], { expiresAt: Date.now() - 1000 });
    await expect(expired.get()).rejects.toMatchObject({ state: 'REVOKED', message: 'expired' });
    const later = await tasks.add.applyAsync([1, 1], { countdownMs: 1500 });
    await expect.poll(() => typesOf(later.id), patience).toContain('task-received');
    const scheduled = decodeScheduled(await ask('scheduled'));
    expect(scheduled.ok && scheduled.value.map(({ request }) => request.id)).toContain(later.id);
    expect(await ask('revoke', { task_id: later.id })).toEqual({
      ok: `tasks {'${later.id}'} flagged as revoked`,
    });
    await expect.poll(() => typesOf(later.id), patience).toContain('task-revoked');
    expect(eventOf(later.id, 'task-revoked')).toMatchObject({ terminated: false, expired: false });
    expect(await ask('revoked')).toContain(later.id);
  });

  it('terminates a task that never yields, and goes on', async () => {
    const sent = await tasks.block.delay();
    await expect.poll(() => typesOf(sent.id), patience).toContain('task-started');
    const active = decodeTaskInfos(await ask('active'));
    expect(active.ok && active.value.map(({ id }) => id)).toEqual([sent.id]);
    expect(await ask('revoke', { task_id: sent.id, terminate: true, signal: 'SIGKILL' })).toEqual({
      ok: `terminate: ${sent.id}`,
    });
    await expect
      .poll(() => eventOf(sent.id, 'task-revoked'), patience)
      .toMatchObject({
        terminated: true,
        signum: 'SIGKILL',
      });
    expect(await (await tasks.add.delay(1, 1)).get()).toBe(2);
  });

  it('keeps soft and hard time limits', async () => {
    const soft = await tasks.sleep.applyAsync([60_000], { softTimeLimitMs: 50 });
    await expect(soft.get()).rejects.toMatchObject({ name: 'SoftTimeLimitExceeded' });
    const hard = await tasks.block.applyAsync([], { timeLimitMs: 50 });
    await expect(hard.get()).rejects.toMatchObject({ name: 'TimeLimitExceeded' });
  });

  it('survives a task that exits or exhausts its heap', async () => {
    await expect((await tasks.exit.delay()).get()).rejects.toMatchObject({
      name: 'WorkerLostError',
    });
    await expect((await tasks.exhaust.delay()).get()).rejects.toMatchObject({
      name: 'WorkerLostError',
    });
    expect(await (await tasks.add.delay(3, 4)).get()).toBe(7);
  });

  it('ends without a result, rejects, and refuses results that cannot be written', async () => {
    const ignored = await tasks.ignore.delay();
    const rejected = await tasks.reject.delay();
    await expect.poll(() => typesOf(rejected.id), patience).toContain('task-rejected');
    await expect.poll(() => typesOf(ignored.id), patience).toContain('task-started');
    expect(typesOf(ignored.id)).not.toContain('task-succeeded');
    await expect((await tasks.unwritable.delay()).get()).rejects.toMatchObject({
      name: 'EncodeError',
    });
  });

  it('stores custom states and publishes custom events', async () => {
    const sent = await tasks.progress.delay();
    await expect
      .poll(() => sent.meta(), patience)
      .toMatchObject({ status: 'PROGRESS', result: { done: 1 } });
    expect(await sent.get()).toBe(2);
    const progress = seen.find(
      ({ event }) => event['uuid'] === sent.id && event.type === 'task-progress',
    );
    expect(progress).toMatchObject({ routingKey: 'task.progress', event: { done: 1, total: 2 } });
  });

  it('sends tasks from inside a task as its children', async () => {
    const sent = await tasks.parent.delay();
    const child = await sent.get();
    expect(await app.result(child).get()).toBe(2);
    expect(eventOf(child, 'task-received')).toMatchObject({ parent_id: sent.id, root_id: sent.id });
    expect((await sent.children())?.map(({ id }) => id)).toEqual([child]);
  });

  it('keeps rate limits and changes them', async () => {
    const first = await tasks.limited.delay(1);
    expect(await first.get()).toBe(1);
    const second = await tasks.limited.delay(2);
    await expect.poll(() => typesOf(second.id), patience).toContain('task-received');
    expect(typesOf(second.id)).not.toContain('task-started');
    expect(await ask('rate_limit', { task_name: 'tasks.limited', rate_limit: '100/s' })).toEqual({
      ok: 'new rate limit set successfully',
    });
    expect(await second.get()).toBe(2);
    expect(await ask('rate_limit', { task_name: 'nobody', rate_limit: 1 })).toEqual({
      error: 'unknown task',
    });
  });

  it('answers control commands in their shapes', async () => {
    expect(await ask('ping')).toEqual({ ok: 'pong' });
    expect(await ask('no_such')).toEqual({ error: "KeyError('no_such')" });
    const stats = decodeStats(await ask('stats'));
    expect(stats.ok && stats.value).toMatchObject({
      pid: process.pid,
      prefetchCount: 8,
      pool: { maxConcurrency: 2, threadCount: 2, implementation: 'umbel.pool.threads:TaskPool' },
      broker: { transport: 'memory' },
    });
    expect(stats.ok && stats.value.clock).toBeGreaterThan(0);
    const queues = decodeActiveQueues(await ask('active_queues'));
    expect(queues.ok && queues.value.map(({ name }) => name)).toEqual(['celery']);
    const registered = decodeRegistered(await ask('registered'));
    expect(registered.ok && registered.value.map(({ name }) => name)).toContain('tasks.add');
    const hello = decodeHello(await ask('hello', { from_node: 'other@test', revoked: {} }));
    expect(hello.ok && hello.value.clock).toBeGreaterThan(0);
    expect(await ask('conf')).toMatchObject({ task_default_queue: 'celery' });
    expect(await ask('disable_events')).toEqual({ ok: 'task events already disabled' });
    expect(await ask('heartbeat')).toBeNull();
  });

  it('takes and leaves queues, grows and shrinks', async () => {
    expect(await ask('add_consumer', { queue: 'extra' })).toEqual({ ok: 'add consumer extra' });
    expect(await (await tasks.add.applyAsync([1, 1], { queue: 'extra' })).get()).toBe(2);
    expect(await ask('cancel_consumer', { queue: 'extra' })).toEqual({
      ok: 'no longer consuming from extra',
    });
    expect(await ask('pool_grow', { n: 1 })).toEqual({ ok: 'pool will grow' });
    expect(await ask('stats')).toMatchObject({ pool: { 'max-concurrency': 3 } });
    expect(await ask('pool_shrink', { n: 1 })).toEqual({ ok: 'pool will shrink' });
    expect(await ask('time_limit', { task_name: 'tasks.block', hard: 0.05 })).toEqual({
      ok: 'time limits set successfully',
    });
    await expect((await tasks.block.delay()).get()).rejects.toMatchObject({
      name: 'TimeLimitExceeded',
    });
  });

  it('runs many tasks at once in one thread with the async pool', async () => {
    const worker = await cluster.openWorker({
      hostname: 'w2@test',
      pool: 'async',
      concurrency: 10,
      queues: ['async'],
    });
    const sent = await Promise.all(
      Array.from({ length: 10 }, () => tasks.sleep.applyAsync([20], { queue: 'async' })),
    );
    expect(await Promise.all(sent.map((one) => one.get()))).toEqual(new Array(10).fill(20));
    await worker.stop();
  });

  it('ends warmly when told to, with a last word', async () => {
    let isDown = false;
    await cluster.openWorker({
      hostname: 'w3@test',
      queues: ['w3'],
      onShutdown: () => (isDown = true),
    });
    await app.transport.broadcast({ method: 'shutdown', arguments: {}, destination: ['w3@test'] });
    await expect.poll(() => isDown, patience).toBe(true);
    const last = seen.filter(({ event }) => event['hostname'] === 'w3@test').at(-1);
    expect(last?.event.type).toBe('worker-offline');
    await app.send(createSignature('tasks.add', { args: [1, 1], options: { queue: 'w3' } }));
    expect((await app.transport.measureQueues(['w3']))[0]?.ready).toBe(1);
  });

  it('sends signatures by name alone', async () => {
    expect(await (await app.apply(signature('tasks.mul', [6, 7]))).get()).toBe(42);
  });
});
