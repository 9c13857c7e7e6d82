// What the settings of the app change in a worker.
import { afterEach, expect, it } from 'vitest';
import type { Transport } from '../broker/transport.ts';
import { emptyResultMeta } from '../celery/result-meta.ts';
import type { AppConfig } from '../client/config.ts';
import { encodeTaskMessage } from '../celery/message.ts';
import { createTestCluster } from './testing/cluster.ts';
import type { WorkerOptions } from './worker.ts';

let cluster = createTestCluster();
afterEach(async () => {
  await cluster.close();
  cluster = createTestCluster();
});
const timeoutMs = 10_000;
const patience = { timeout: timeoutMs };

async function open(config: Partial<AppConfig>, options: Partial<WorkerOptions> = {}) {
  const app = await cluster.openApp(config);
  await cluster.openWorker({ app, pool: 'async', concurrency: 2, ...options });
  const { app: client, tasks } = await cluster.openClient();
  const ask = async (method: string, given: Record<string, unknown> = {}) => {
    const request = { method, arguments: given, destination: ['w1@test'] };
    return (await client.transport.gather(request, { timeoutMs }))[0]?.value;
  };
  return { app, client, tasks, ask };
}

/** As by a sender that says nothing about results. */
const silent = (id: string, name: string) => {
  const message = encodeTaskMessage(
    { name, id, args: ['x'], kwargs: {}, sentAt: Date.now(), exchange: '', routingKey: 'celery' },
    { serializer: 'json' },
  );
  const { ignore_result: _, ...headers } = message.headers;
  return { ...message, headers };
};

it('ignores results by setting, keeps errors where they are wanted', async () => {
  const { client } = await open({ taskIgnoreResult: true, taskStoreErrorsEvenIfIgnored: true });
  const target = { exchange: '', routingKey: 'celery' };
  await client.transport.publish(silent('quiet', 'tasks.echo'), target);
  await client.transport.publish(silent('loud', 'tasks.fail'), target);
  await expect(client.result('loud').get({ timeoutMs })).rejects.toMatchObject({ message: 'x' });
  expect(await client.result('quiet').meta()).toBeNull();
});

it('stores nothing of what is ignored, errors included, and what a call wants all the same', async () => {
  const { client, tasks } = await open({ taskIgnoreResult: true });
  const target = { exchange: '', routingKey: 'celery' };
  await client.transport.publish(silent('quiet', 'tasks.fail'), target);
  const wanted = await tasks.echo.applyAsync(['x'], { ignoreResult: false });
  expect(await wanted.get({ timeoutMs })).toEqual(['x']);
  const ignored = await tasks.fail.applyAsync(['x'], { ignoreResult: true });
  expect(
    await (await tasks.echo.s('y').set({ ignoreResult: false }).delay()).get({ timeoutMs }),
  ).toEqual(['y']);
  expect(await client.result('quiet').meta()).toBeNull();
  expect(await ignored.meta()).toBeNull();
});

it('tells more of a result when it is extended', async () => {
  const { tasks } = await open({ resultExtended: true });
  const sent = await tasks.add.applyAsync([1], { kwargs: { y: 2 } });
  expect(await sent.get({ timeoutMs })).toBe(3);
  expect((await sent.meta())?.extended).toEqual({
    ...{ name: 'tasks.add', args: [1], kwargs: { y: 2 } },
    ...{ worker: 'w1@test', retries: 0, queue: 'celery' },
  });
});

it('lets children inherit the priority of their parent when it is told to', async () => {
  const { client, tasks } = await open({ taskInheritParentPriority: true });
  const last = client.signature('tasks.nowhere', [], { queue: 'nobody' });
  await client.transport.declareQueue('nobody');
  const sent = await tasks.add.s(1, 2).link(last).applyAsync([], { priority: 6 });
  expect(await sent.get({ timeoutMs })).toBe(3);
  const { messages } = await client.transport.peek('nobody', { from: 'next', limit: 1 });
  expect(messages[0]?.priority).toBe(6);
});

it('stores STARTED where tasks are tracked', async () => {
  const { client, tasks, ask } = await open({ taskTrackStarted: true });
  const sent = await tasks.sleep.delay(60_000);
  await expect.poll(() => sent.state(), patience).toBe('STARTED');
  await client.revoke([sent.id], { terminate: true });
  await expect(sent.get({ timeoutMs })).rejects.toMatchObject({ state: 'REVOKED' });
  const untracked = (await ask('conf')) as Record<string, unknown>;
  expect(untracked['task_track_started']).toBe(true);
});

it('gives messages the queue, the priority and the compression of the settings', async () => {
  const { app: client, tasks } = await cluster.openClient({
    taskDefaultPriority: 4,
    taskCompression: 'gzip',
    taskDefaultQueue: 'ours',
    taskRoutes: { 'tasks.mul': { priority: 7 } },
  });
  await tasks.add.delay(1, 2);
  await tasks.mul.delay(3, 4);
  await tasks.mul.applyAsync([5, 6], { priority: 9, compression: 'brotli' });
  const { messages } = await client.transport.peek('ours', { from: 'next', limit: 3 });
  const seen = messages.map(({ message }) => [
    message?.properties.priority,
    message?.headers['compression'],
  ]);
  expect(seen.sort()).toEqual([
    [4, 'application/x-gzip'],
    [7, 'application/x-gzip'],
    [9, 'application/x-brotli'],
  ]);
});

it('holds tasks that have no rate limit of their own to the one of the settings', async () => {
  const { tasks, ask } = await open({ taskDefaultRateLimit: '1/h' });
  expect(await (await tasks.add.delay(1, 2)).get({ timeoutMs })).toBe(3);
  const held = await tasks.add.delay(3, 4);
  const found = async () => Object.entries((await ask('query_task', { ids: [held.id] })) as object);
  await expect.poll(found, patience).toEqual([[held.id, ['reserved', expect.anything()]]]);
  await ask('rate_limit', { task_name: 'tasks.add', rate_limit: null });
  expect(await held.get({ timeoutMs })).toBe(7);
});

it.each([
  [{ taskAcksOnFailureOrTimeout: true }, 'acknowledges'],
  [{ taskAcksOnFailureOrTimeout: false }, 'puts back'],
  [{ taskAcksOnTimeout: false }, 'puts back'],
  [{ taskAcksOnFailureOrTimeout: false, taskAcksOnTimeout: true }, 'acknowledges'],
])('%o, a worker %s late tasks that took too long', async (settings, what) => {
  const goesBack = what === 'puts back';
  const config = { taskAcksLate: true, ...settings };
  const { client, tasks } = await open(config, { pool: 'threads', concurrency: 1 });
  const seen = await cluster.recordEvents();
  const failed = await tasks.fail.delay('no');
  await expect(failed.get({ timeoutMs })).rejects.toMatchObject({ message: 'no' });
  const stopped = await tasks.block.applyAsync([], { timeLimitMs: 50 });
  const startedCount = () =>
    seen.filter(({ event }) => event['uuid'] === stopped.id && event.type === 'task-started')
      .length;
  if (goesBack) await expect.poll(startedCount, patience).toBeGreaterThan(1);
  await expect(stopped.get({ timeoutMs })).rejects.toMatchObject({ name: 'TimeLimitExceeded' });
  await client.revoke([stopped.id]);
  const queue = async () => (await client.transport.measureQueues(['celery']))[0];
  await expect.poll(queue, patience).toMatchObject({ ready: 0, inFlight: 0 });
  if (!goesBack) expect(startedCount()).toBe(1);
});

it('takes new time limits also for what already waits', async () => {
  const { tasks, ask } = await open({}, { pool: 'threads', concurrency: 1 });
  await tasks.sleep.delay(1500);
  const waiting = await tasks.block.delay();
  const states = async () => Object.entries((await ask('query_task', { ids: [waiting.id] })) ?? {});
  await expect.poll(states, patience).toEqual([[waiting.id, ['reserved', expect.anything()]]]);
  await ask('time_limit', { task_name: 'tasks.block', hard: 0.05 });
  await expect(waiting.get({ timeoutMs })).rejects.toMatchObject({ name: 'TimeLimitExceeded' });
});

it('does not keep rate limits where they are disabled', async () => {
  const { tasks, ask } = await open({ workerDisableRateLimits: true });
  const sent = [await tasks.limited.delay(1), await tasks.limited.delay(2)];
  expect(await Promise.all(sent.map((one) => one.get({ timeoutMs })))).toEqual([1, 2]);
  expect(await ask('rate_limit', { task_name: 'tasks.limited', rate_limit: '1/h' })).toEqual({
    ok: 'new rate limit set successfully',
  });
  expect(await (await tasks.limited.delay(3)).get({ timeoutMs })).toBe(3);
});

it('answers no remote control where it is disabled', async () => {
  const { client, tasks } = await open({ workerEnableRemoteControl: false });
  expect(await (await tasks.add.delay(1, 2)).get({ timeoutMs })).toBe(3);
  const request = { method: 'ping', arguments: {}, destination: ['w1@test'] };
  expect(await client.transport.gather(request, { timeoutMs: 300 })).toEqual([]);
});

it('keeps the time limits of the app', async () => {
  const { tasks } = await open({ taskSoftTimeLimitMs: 100 });
  await expect((await tasks.sleep.delay(60_000)).get({ timeoutMs })).rejects.toMatchObject({
    name: 'SoftTimeLimitExceeded',
  });
});

it('keeps limits of more than 24 days', async () => {
  const days = 30 * 86_400_000;
  const { tasks } = await open({ taskSoftTimeLimitMs: days, taskTimeLimitMs: days });
  expect(await (await tasks.sleep.delay(100)).get({ timeoutMs })).toBe(100);
});

it('gives tasks that are defined elsewhere the limits of task_annotations', async () => {
  const { tasks, ask } = await open({
    taskAnnotations: { 'tasks.sleep': { soft_time_limit: 0.1 }, 'tasks.limited': { rateLimit: 0 } },
  });
  await expect((await tasks.sleep.delay(60_000)).get({ timeoutMs })).rejects.toMatchObject({
    name: 'SoftTimeLimitExceeded',
  });
  const sent = [await tasks.limited.delay(1), await tasks.limited.delay(2)];
  expect(await Promise.all(sent.map((one) => one.get({ timeoutMs })))).toEqual([1, 2]);
  const registered = await ask('registered', { taskinfoitems: ['rate_limit'] });
  expect(registered).toContain('tasks.limited [rate_limit=0]');
});

it('restarts its pool when it may', async () => {
  const { tasks, ask } = await open(
    { workerPoolRestarts: true },
    { pool: 'processes', concurrency: 1 },
  );
  const numbers = async () =>
    ((await ask('stats')) as { pool: { processes: number[] } }).pool.processes;
  const before = await numbers();
  expect(await ask('pool_restart')).toEqual({ ok: 'reload started' });
  await expect.poll(numbers, patience).not.toEqual(before);
  expect(await (await tasks.add.delay(1, 2)).get({ timeoutMs })).toBe(3);
});

it.each([
  [true, 'does not run again what has succeeded, where it deduplicates'],
  [false, 'runs it again otherwise'],
])('deduplicates: %s, it %s', async (deduplicates) => {
  const { app: client, tasks } = await cluster.openClient();
  const { id } = await tasks.add.delay(1, 2);
  await client.backend?.store(emptyResultMeta({ taskId: id, status: 'SUCCESS', result: 3 }));
  await giveBack(client.transport);
  const seen = await cluster.recordEvents();
  const typesOf = (uuid: string) =>
    seen.filter(({ event }) => event['uuid'] === uuid).map(({ event }) => event.type);
  const app = await cluster.openApp({
    taskAcksLate: true,
    workerDeduplicateSuccessfulTasks: deduplicates,
  });
  await cluster.openWorker({ app, pool: 'async', concurrency: 1 });
  const next = await tasks.add.delay(3, 4);
  expect(await next.get({ timeoutMs })).toBe(7);
  await expect.poll(() => typesOf(next.id)).toContain('task-succeeded');
  const ran = deduplicates ? [] : ['task-started', 'task-succeeded'];
  expect(typesOf(id)).toEqual(['task-received', ...ran]);
  await expect
    .poll(async () => (await client.transport.measureQueues(['celery']))[0])
    .toMatchObject({ ready: 0, inFlight: 0 });
});

/** Takes the message that waits and goes without a word: it is delivered again. */
async function giveBack(transport: Transport): Promise<void> {
  let take: () => void = () => undefined;
  const taken = new Promise<void>((resolve) => {
    take = resolve;
  });
  const consumer = await transport.consume(['celery'], { prefetch: 1 }, take);
  await taken;
  await consumer.close();
}

it('neither sends to nor takes from a queue that is not listed, where missing ones are not created', async () => {
  const config = { taskCreateMissingQueues: false, taskQueues: [{ name: 'celery' }] };
  const app = await cluster.openApp(config);
  const misspelt = app.sendTask('tasks.add', [1, 2], {}, { queue: 'celry' });
  await expect(misspelt).rejects.toThrow(/celry is missing from task_queues/);
  await app.sendTask('tasks.add', [1, 2], {}, { queue: 'celery' });
  await app.sendTask('tasks.add', [1, 2]);
  expect((await app.transport.measureQueues(['celery']))[0]).toMatchObject({ ready: 2 });
  const worker = cluster.openWorker({ app, pool: 'async', queues: ['celery', 'celry'] });
  await expect(worker).rejects.toThrow(/celry is missing from task_queues/);
});

it('leaves the default queue where none is listed and missing ones are not created', async () => {
  const { app, tasks } = await open({ taskCreateMissingQueues: false });
  expect(await (await tasks.add.delay(1, 2)).get({ timeoutMs })).toBe(3);
  await expect(app.sendTask('tasks.add', [], {}, { queue: 'mail' })).rejects.toThrow(/mail/);
});
