import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { freshRedisUrl } from '../../../e2e/fixtures/isolated.ts';
import { startRedis, type RedisServer } from '../../../e2e/fixtures/servers/redis.ts';
import { createTransport } from '../connect.ts';
import {
  describeTransport,
  eventMessage,
  recordingSink,
  taskMessage,
} from '../transport.contract.ts';
import type { Delivery, Transport, TransportOptions } from '../transport.ts';

function harnessWith(more: Partial<TransportOptions> = {}) {
  let url: Promise<string> | null = null;
  return {
    open: async () => {
      url ??= freshRedisUrl();
      const transport = createTransport({ url: await url, ...more });
      await transport.connect();
      return transport;
    },
    reset: () => Promise.resolve(),
  };
}

describeTransport('redis', () => harnessWith());
describeTransport('redis with a key prefix and its own names', () =>
  harnessWith({
    keyPrefix: 'team:',
    fanoutPrefix: false,
    fanoutPatterns: true,
    separator: ':',
    eventExchange: 'ev2',
    controlExchange: 'ctl',
  }),
);

describe('the redis transport beside others', () => {
  const opened: { close(): Promise<unknown> }[] = [];
  const at = { exchange: '', routingKey: 'q' };
  const open = async (options: TransportOptions) => {
    const transport = createTransport(options);
    opened.push(transport);
    await transport.connect();
    return transport;
  };
  const raw = (url: string) => {
    const redis = new Redis(url);
    opened.push({
      close: () => {
        redis.disconnect();
        return Promise.resolve();
      },
    });
    return redis;
  };
  const serve = async (options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> => {
    const server = await startRedis(options);
    opened.push({ close: () => server.stop() });
    return server;
  };
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  it('writes the keys that kombu reads', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url, keyPrefix: 'pfx:' });
    await transport.declareQueue('q');
    await transport.publish(taskMessage('a'), at);
    await transport.publish(taskMessage('b', { priority: 7 }), at);
    const redis = raw(url);
    expect(await redis.llen('pfx:q')).toBe(1);
    expect(await redis.llen('pfx:q\x06\x166')).toBe(1);
    expect(await redis.smembers('pfx:_kombu.binding.q')).toEqual(['q\x06\x16\x06\x16q']);
    const envelope = JSON.parse((await redis.lindex('pfx:q', 0)) ?? '') as {
      properties: { delivery_tag: string; body_encoding: string };
    };
    expect(envelope.properties.body_encoding).toBe('base64');
    expect(envelope.properties.delivery_tag).toMatch(/^[0-9a-f-]{36}$/);
    const deliveries: Delivery[] = [];
    const consumer = await transport.consume(['q'], { prefetch: 1 }, (one) => deliveries.push(one));
    await expect.poll(() => deliveries.length).toBe(1);
    const stored = await redis.hgetall('pfx:unacked');
    const [triple] = Object.values(stored).map((text) => JSON.parse(text) as unknown[]);
    expect(triple?.slice(1)).toEqual(['', 'q']);
    expect(await redis.zcard('pfx:unacked_index')).toBe(1);
    await consumer.close();
    expect(await redis.exists('pfx:unacked')).toBe(0);
    expect(await redis.exists('pfx:unacked_index')).toBe(0);
    expect(await redis.llen('pfx:q')).toBe(1);
  });

  it('restores what others held for longer than the visibility timeout, to its priority step', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url, visibilityTimeoutMs: 1000 });
    await transport.publish(taskMessage('stuck', { priority: 5 }), at);
    const redis = raw(url);
    const envelope = (await redis.rpop('q\x06\x163')) ?? '';
    await redis.hset('unacked', 'tag', `[${envelope}, "", "q"]`);
    await redis.zadd('unacked_index', Date.now() / 1000 - 60, 'tag');
    const deliveries: Delivery[] = [];
    await transport.consume(['other'], { prefetch: 1 }, (one) => deliveries.push(one));
    await expect.poll(() => redis.llen('q\x06\x163')).toBe(1);
    expect(await redis.exists('unacked', 'unacked_index', 'unacked_mutex')).toBe(0);
  });

  it('sets aside what is no message, and goes on', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url });
    const redis = raw(url);
    await redis.rpush('q', 'not an envelope');
    await transport.publish(taskMessage('good'), at);
    const peek = await transport.peek('q', { from: 'next', limit: 10 });
    expect(peek.messages.map((one) => one.issue !== null)).toEqual([true, false]);
    const deliveries: Delivery[] = [];
    await transport.consume(['q'], { prefetch: 5 }, (one) => deliveries.push(one));
    await expect.poll(() => deliveries.length).toBe(1);
    expect(await redis.lrange('_umbel.malformed', 0, -1)).toEqual(['not an envelope']);
  });

  it('registers a message with its tag and its route, however its envelope is written', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url });
    const redis = raw(url);
    const properties = (tag: string) => ({
      delivery_info: { exchange: 'é"x', routing_key: `to.${tag}` },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: tag,
    });
    const trap = '"delivery_info": {"exchange": "no", "routing_key": "no"}, "delivery_tag": "no"}}';
    const parts = { body: 'e30=', headers: { trap }, 'content-type': 'application/json' };
    const tight = JSON.stringify({ ...parts, properties: properties('tight') });
    const turned = JSON.stringify({ properties: properties('turned'), ...parts });
    await redis.lpush('q', tight, turned);
    await transport.publish(taskMessage('plain'), at);
    const deliveries: Delivery[] = [];
    const consumer = await transport.consume(['q'], { prefetch: 5 }, (one) => deliveries.push(one));
    await expect.poll(() => deliveries.length).toBe(3);
    const held = await redis.hgetall('unacked');
    const triples = new Map(
      Object.entries(held).map(([tag, text]) => [tag, JSON.parse(text) as unknown[]]),
    );
    expect(triples.get('tight')?.slice(1)).toEqual(['é"x', 'to.tight']);
    expect(triples.get('turned')?.slice(1)).toEqual(['é"x', 'to.turned']);
    const plain = deliveries.at(-1)?.message.properties.deliveryTag ?? '';
    expect(triples.get(plain)?.slice(1)).toEqual(['', 'q']);
    await Promise.all(deliveries.map((one) => one.ack()));
    expect(await redis.exists('unacked', 'unacked_index')).toBe(0);
    await consumer.close();
  });

  it('tells task queues from what events and control leave behind', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url });
    const redis = raw(url);
    await redis.sadd('_kombu.binding.celeryev', '#\x06\x16\x06\x16celeryev.1234');
    await redis.sadd('_kombu.binding.celery.pidbox', '\x06\x16\x06\x16w@h.celery.pidbox');
    await redis.sadd('_kombu.binding.emails', 'emails\x06\x16\x06\x16emails');
    await redis.rpush('notes', 'a list of an application');
    await transport.publish(taskMessage('a', { priority: 9 }), {
      exchange: '',
      routingKey: 'bare',
    });
    const { queues, complete } = await transport.listQueues();
    expect(complete).toBe(true);
    const names = queues.filter((one) => one.task).map((one) => `${one.source} ${one.name}`);
    expect(names.sort()).toEqual(['binding emails', 'broker bare']);
    expect(queues.find((one) => one.name === 'celeryev.1234')?.task).toBe(false);
  });

  it('leaves no reply keys behind', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url });
    await transport.serveControl('w@h', (one) => void one.reply({ ok: 'pong' }));
    const ping = { method: 'ping', arguments: {}, destination: null };
    const [first, second] = await Promise.all([
      transport.gather(ping, { timeoutMs: 3000, expected: 1 }),
      transport.gather(ping, { timeoutMs: 3000, expected: 1 }),
    ]);
    expect([first, second]).toEqual([
      [{ hostname: 'w@h', value: { ok: 'pong' } }],
      [{ hostname: 'w@h', value: { ok: 'pong' } }],
    ]);
    expect(await raw(url).keys('*')).toEqual([]);
  });

  it('counts malformed event messages, and follows the stream through large and odd ones', async () => {
    const url = await freshRedisUrl();
    const transport = await open({ url });
    const { sink, events, malformed } = recordingSink();
    await transport.subscribeEvents(sink);
    const redis = raw(url);
    const database = new URL(url).pathname.slice(1);
    const channel = `/${database}.celeryev/task.multi`;
    await redis.publish(channel, 'no envelope');
    await redis.publish(channel, Buffer.from([0xff, 0xfe, 0x00]));
    await redis.publish(channel, '');
    const body = Buffer.from('{"type": "x"}').toString('base64');
    const reordered = {
      properties: { body_encoding: 'base64' },
      headers: {},
      'content-type': 'application/json',
      'content-encoding': 'utf-8',
      body,
    };
    await redis.publish(channel, JSON.stringify(reordered));
    await transport.publishEvent(eventMessage(`{"text": "${'y'.repeat(3_000_000)}"}`), 'task.big');
    await transport.publishEvent(eventMessage('{"type": "end"}'), 'task.end');
    await expect.poll(() => events.at(-1)?.routingKey, { timeout: 10_000 }).toBe('task.end');
    expect(malformed).toHaveLength(3);
    expect(events.map((event) => event.body.length)).toEqual([13, 3_000_012, 15]);
  });

  it('comes back after the broker was restarted, and reports the gap', async () => {
    const server = await serve({ persist: true });
    const transport = await open({ url: server.url });
    const { sink, events, gaps } = recordingSink();
    await transport.subscribeEvents(sink);
    const deliveries: Delivery[] = [];
    await transport.consume(['q'], { prefetch: 10 }, (one) => deliveries.push(one));
    const heard: string[] = [];
    await transport.serveControl('w@h', (one) => heard.push(one.request.method));
    await transport.publish(taskMessage('before'), at);
    await expect.poll(() => deliveries.length).toBe(1);

    await server.down();
    await expect.poll(() => transport.status().state).toBe('reconnecting');
    expect(transport.status()).toMatchObject({ reason: expect.any(String) as string });
    await expect(transport.publish(taskMessage('down'), at)).rejects.toMatchObject({
      code: 'broker_unreachable',
    });
    await server.up();
    await expect.poll(() => transport.status().state, { timeout: 10_000 }).toBe('connected');
    await expect.poll(() => gaps.length, { timeout: 10_000 }).toBe(1);
    expect(gaps[0]).toMatchObject({ cause: 'disconnected', lostCount: null });
    expect(gaps[0]!.endedAt).toBeGreaterThanOrEqual(gaps[0]!.startedAt);
    await transport.publishEvent(eventMessage('{"type": "after"}'), 'task.after');
    await expect.poll(() => events.length).toBe(1);
    await transport.publish(taskMessage('after'), at);
    await expect.poll(() => deliveries.length, { timeout: 10_000 }).toBe(2);
    await expect(deliveries[0]!.ack()).resolves.toBe(true);
    await expect
      .poll(
        async () => {
          await transport.broadcast({ method: 'ping', arguments: {}, destination: null });
          return heard.length;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0);
  });

  it('says that the credentials are wrong or missing, without showing them', async () => {
    const server = await serve({ password: 'right' });
    const wrong = createTransport({ url: server.url.replace('right', 'wrong-secret') });
    opened.push(wrong);
    const error = await wrong.connect().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'broker_auth' });
    expect(String(error)).not.toContain('wrong-secret');
    expect(wrong.displayUrl).not.toContain('wrong-secret');
    expect(wrong.status()).toMatchObject({ state: 'failed' });
    const none = createTransport({ url: `redis://127.0.0.1:${String(server.port)}/0` });
    opened.push(none);
    await expect(none.connect()).rejects.toMatchObject({ code: 'broker_auth' });
    const right = await open({ url: server.url });
    expect(right.status().state).toBe('connected');
  });

  it('gives up on a broker that accepts and then hangs', async () => {
    const sockets = new Set<{ destroy(): void }>();
    const listener = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const transport = createTransport({
      url: `redis://127.0.0.1:${String(port)}/0`,
      connectTimeoutMs: 300,
    });
    opened.push(transport);
    await expect(transport.connect()).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/accepted the connection/) as string,
    });
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    expect(transport.status().state).toBe('connecting');
  });

  it('times out when a connected broker falls silent, and takes its events for lost', async () => {
    const server = await serve();
    const transport = await open({ url: server.url, timeoutMs: 300, connectTimeoutMs: 1000 });
    const { sink, events, gaps } = recordingSink();
    const subscription = await transport.subscribeEvents(sink);
    server.pause();
    await expect(transport.publish(taskMessage('a'), at)).rejects.toMatchObject({
      code: 'timeout',
    });
    await expect.poll(() => subscription.lost(), { timeout: 10_000 }).not.toBeNull();
    const noticedAt = Date.now();
    server.resume();
    await expect.poll(() => gaps, { timeout: 10_000 }).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ cause: 'disconnected' });
    expect(gaps[0]!.detail).toContain('no answer for 900 ms');
    // It begins with the last sign of life, not when that was noticed.
    expect(gaps[0]!.startedAt).toBeLessThanOrEqual(noticedAt - 900);
    expect(gaps[0]!.endedAt).toBeGreaterThanOrEqual(noticedAt);
    await transport.publishEvent(eventMessage('{"type": "x"}'), 'task.x');
    await expect.poll(() => events.at(-1)?.body).toBe('{"type": "x"}');
    await expect
      .poll(
        () =>
          transport.measureQueues(['q']).then(
            (all) => all.length,
            () => 0,
          ),
        {
          timeout: 10_000,
        },
      )
      .toBe(1);
  });

  it('refuses a Redis Cluster with a sentence that helps', async () => {
    const server = await serve({ args: ['--cluster-enabled', 'yes', '--databases', '1'] });
    const transport = createTransport({ url: server.url });
    opened.push(transport);
    await expect(transport.connect()).rejects.toMatchObject({
      code: 'bad_configuration',
      message: expect.stringMatching(/Redis Cluster/) as string,
    });
  });

  it('speaks TLS with the files named in the address', async () => {
    const server = await serve({ tls: true });
    const files = server.certificate!;
    const base = server.url.split('?')[0]!;
    const trusted = await open({ url: `${base}?ssl_ca_certs=${files.caFile}` });
    const { sink, events } = recordingSink();
    await trusted.subscribeEvents(sink);
    await trusted.publishEvent(eventMessage('{"type": "x"}'), 'task.x');
    await expect.poll(() => events.length).toBe(1);
    const unverified = await open({ url: `${base}?ssl_cert_reqs=none` });
    expect(unverified.status().state).toBe('connected');
    const strict: Transport = createTransport({ url: base });
    opened.push(strict);
    await expect(strict.connect()).rejects.toMatchObject({ code: 'broker_unreachable' });
    // From now on the server wants a certificate of its clients, too.
    await trusted.close();
    const own = `ssl_ca_certs=${files.caFile}&ssl_certfile=${files.certFile}&ssl_keyfile=${files.keyFile}`;
    const known = await open({ url: `${base}?${own}` });
    const ca = readFileSync(files.caFile);
    const redis = new Redis(base, { tls: { ca } });
    await redis.config('SET', 'tls-auth-clients', 'yes');
    redis.disconnect();
    const unknown = createTransport({ url: `${base}?ssl_ca_certs=${files.caFile}` });
    opened.push(unknown);
    await expect(unknown.connect()).rejects.toMatchObject({ code: 'broker_unreachable' });
    const again = await open({ url: `${base}?${own}` });
    await again.publish(taskMessage('a'), at);
    expect((await known.measureQueues(['q']))[0]?.ready).toBe(1);
    const noFile = createTransport({ url: `${base}?ssl_ca_certs=/nowhere/ca.pem` });
    opened.push(noFile);
    await expect(noFile.connect()).rejects.toMatchObject({ code: 'bad_configuration' });
  });

  it('reports a port where nobody listens', async () => {
    const server = await serve();
    await server.down();
    const transport = createTransport({ url: server.url });
    opened.push(transport);
    await expect(transport.connect()).rejects.toMatchObject({ code: 'broker_unreachable' });
    expect(transport.status().nextAttemptAt).toBeGreaterThan(0);
    await server.up();
    await expect.poll(() => transport.status().state, { timeout: 10_000 }).toBe('connected');
  });

  it('reports a subscription that was cut off', async () => {
    const server = await serve();
    const transport = await open({ url: server.url });
    const { sink, gaps, events } = recordingSink();
    await transport.subscribeEvents(sink);
    const redis = raw(server.url);
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await expect.poll(() => gaps.length, { timeout: 10_000 }).toBe(1);
    await transport.publishEvent(eventMessage('{"type": "x"}'), 'task.x');
    await expect.poll(() => events.length).toBe(1);
  });
});
