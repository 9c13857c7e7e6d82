import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../../e2e/fixtures/servers/free-port.ts';
import { startRedis } from '../../../e2e/fixtures/servers/redis.ts';
import { startSentinel } from '../../../e2e/fixtures/servers/sentinel.ts';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { createBackend } from '../../backend/create-backend.ts';
import { createTransport } from '../connect.ts';
import { eventMessage, recordingSink, taskMessage } from '../transport.contract.ts';
import type { Transport, TransportOptions } from '../transport.ts';

const at = { exchange: '', routingKey: 'q' };
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function open(options: TransportOptions): Promise<Transport> {
  const transport = createTransport(options);
  undo.push(() => transport.close());
  await transport.connect();
  return transport;
}

it('finds the master through any of its sentinels, and follows it to another server', async () => {
  const setup = await startSentinel();
  undo.push(() => setup.stop());
  await setup.sentinels[0]!.down('SIGKILL');
  const transport = await open({ url: setup.url, sentinelMaster: setup.masterName });
  const { sink, events, gaps } = recordingSink();
  await transport.subscribeEvents(sink);
  await transport.publish(taskMessage('a'), at);
  await setup.sentinels[0]!.up();
  const replica = new Redis(setup.replica.port);
  undo.push(() => replica.disconnect());
  await expect.poll(() => replica.llen('q'), { timeout: 15_000 }).toBe(1);

  await setup.master.down('SIGKILL');
  await expect.poll(() => transport.status().state).toBe('reconnecting');
  await expect.poll(() => transport.status().state, { timeout: 40_000 }).toBe('connected');
  await expect.poll(() => gaps.length, { timeout: 15_000 }).toBe(1);
  await expect
    .poll(() => transport.publish(taskMessage('b'), at).then(() => 'ok', String), {
      timeout: 15_000,
    })
    .toBe('ok');
  expect(await replica.llen('q')).toBeGreaterThanOrEqual(1);
  await transport.publishEvent(eventMessage('{"type": "x"}'), 'task.x');
  await expect.poll(() => events.length, { timeout: 5000 }).toBe(1);
}, 90_000);

it('says what is missing of a sentinel address: the name of the master, the password of the sentinels', async () => {
  const setup = await startSentinel(1, { password: 'open sesame' });
  undo.push(() => setup.stop());
  const url = `${setup.url}?sentinel_password=open%20sesame`;
  const ours = { sentinelMaster: setup.masterName };
  for (const [options, message] of [
    [{ url }, /name of the master/],
    [{ url, sentinelMaster: 'nobody' }, /nobody of the sentinels/],
    [{ url: setup.url, ...ours }, /NOAUTH|[Aa]uthentication|cannot be reached/],
  ] as const) {
    const transport = createTransport({ connectTimeoutMs: 2000, ...options });
    undo.push(() => transport.close());
    const error = await transport.connect().catch((thrown: unknown) => thrown as Error);
    expect(String(error)).toMatch(message);
    expect(`${String(error)} ${transport.displayUrl}`).not.toContain('sesame');
  }
  const transport = await open({ url, ...ours });
  expect(transport.displayUrl).not.toContain('sesame');
  await transport.publish(taskMessage('a'), at);
  const backend = createBackend(url, ours);
  undo.push(() => backend.close());
  await backend.connect();
  expect(await backend.get('nothing')).toBeNull();
}, 30_000);

it('connects by a Unix socket, with the database of virtual_host', async () => {
  const directory = makeTempDir('redis-socket');
  undo.push(() => removeTempDir(directory));
  const path = join(directory, 'redis.sock');
  const server = await startRedis({ args: ['--unixsocket', path] });
  undo.push(() => server.stop());
  const transport = await open({ url: `redis+socket://${path}?virtual_host=3` });
  const { sink, events } = recordingSink();
  await transport.subscribeEvents(sink);
  await transport.publish(taskMessage('a'), at);
  await transport.publishEvent(eventMessage('{"type": "x"}'), 'task.x');
  await expect.poll(() => events.length).toBe(1);
  const redis = new Redis(server.url.replace(/\/0$/, '/3'));
  expect(await redis.llen('q')).toBe(1);
  redis.disconnect();
});

it('takes the next address of a failover list', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const url = `redis://127.0.0.1:${String(await freePort())}/0;${server.url}`;
  const transport = await open({ url });
  await transport.publish(taskMessage('a'), at);
  expect(transport.status().state).toBe('connected');
});

it('says that Redis cut the subscription off because it was too slow, and goes on', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const transport = await open({ url: server.url });
  const recording = recordingSink();
  await transport.subscribeEvents(recording.sink);
  const redis = new Redis(server.url);
  undo.push(() => redis.disconnect());
  await redis.config('SET', 'client-output-buffer-limit', 'pubsub 100kb 0 0');
  await redis.publish('/0.celeryev/task.multi', Buffer.alloc(4_000_000, 120));
  await expect.poll(() => recording.gaps.length, { timeout: 10_000 }).toBe(1);
  const [version = 0, minor = 0] = (/redis_version:(\d+)\.(\d+)/.exec(await redis.info()) ?? [])
    .slice(1)
    .map(Number);
  const doesCount = version > 7 || (version === 7 && minor >= 2);
  expect(recording.gaps[0]).toMatchObject({
    cause: doesCount ? 'buffer-overrun' : 'disconnected',
    lostCount: null,
  });
  await transport.publishEvent(eventMessage('{"type": "after"}'), 'task.x');
  await expect.poll(() => recording.events.at(-1)?.body).toBe('{"type": "after"}');
});

it('replaces a receiving thread that dies, and tells what may be missing meanwhile', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on('worker', note);
  undo.push(() => process.off('worker', note));
  const transport = await open({ url: server.url });
  const recording = recordingSink();
  const subscription = await transport.subscribeEvents(recording.sink);
  for (let round = 1; round <= 2; round += 1) {
    expect(threads).toHaveLength(round);
    await threads.at(-1)?.terminate();
    expect(subscription.lost()).toMatchObject({
      reason: expect.stringContaining('The receiving thread ended') as string,
    });
    await expect.poll(() => recording.gaps.length).toBe(round);
    expect(subscription.lost()).toBeNull();
    await transport.publishEvent(eventMessage(`{"type": "after ${round}"}`), 'task.x');
    await expect.poll(() => recording.events.at(-1)?.body).toBe(`{"type": "after ${round}"}`);
  }
  expect(recording.gaps[0]).toMatchObject({
    cause: 'disconnected',
    detail: expect.stringContaining('The receiving thread ended: it ended with 1') as string,
    lostCount: null,
  });
  await transport.close();
  await expect.poll(() => subscription.bufferedBytes()).toBe(0);
  expect(threads).toHaveLength(3);
});

it('asks workers again and again over the same connections', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const transport = await open({ url: server.url });
  const worker = await open({ url: server.url });
  await worker.serveControl('w1@h', (asked) => void asked.reply({ ok: 'pong' }));
  const redis = new Redis(server.url);
  undo.push(() => redis.disconnect());
  const opened = async () =>
    Number(/total_connections_received:(\d+)/.exec(await redis.info('stats'))?.[1]);
  const ping = { method: 'ping', arguments: {}, destination: ['w1@h'] };
  const round = () =>
    Promise.all([1, 2, 3, 4].map(() => transport.gather(ping, { timeoutMs: 5000 })));
  expect((await round()).map((replies) => replies.length)).toEqual([1, 1, 1, 1]);
  const before = await opened();
  expect((await round()).map((replies) => replies.length)).toEqual([1, 1, 1, 1]);
  expect(await opened()).toBe(before);
});

it('reads large messages a few at a time', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const transport = await open({ url: server.url });
  for (let n = 0; n < 12; n += 1) {
    await transport.publish({ ...taskMessage(`m${n}`), body: Buffer.alloc(2_000_000, 'x') }, at);
  }
  const monitor = await new Redis(server.url).monitor();
  undo.push(() => monitor.disconnect());
  const slices: number[] = [];
  monitor.on('monitor', (_time: string, [command, , from, to]: string[]) => {
    if (command?.toLowerCase() === 'lrange') slices.push(Number(to) - Number(from) + 1);
  });
  const { messages } = await transport.peek('q', { from: 'next', limit: 100 });
  expect(messages.map(({ message }) => message?.headers['id'])).toEqual(
    Array.from({ length: 12 }, (_, n) => `m${n}`),
  );
  await expect.poll(() => slices.length).toBeGreaterThan(4);
  expect(Math.max(...slices)).toBe(4);
});

it('says that Redis does not know consumers, and that a list is no queue', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const transport = await open({ url: server.url });
  const redis = new Redis(server.url);
  undo.push(() => redis.disconnect());
  await redis.set('text', 'no list');
  const [queue, text] = await transport.measureQueues(['q', 'text']);
  expect(queue).toMatchObject({ ready: 0, consumers: null, inFlight: 0 });
  expect(queue?.reason).toMatch(/Redis does not know consumers/);
  expect(text).toMatchObject({ ready: null, exists: null });
  expect(text?.reason).toMatch(/WRONGTYPE/);
});
