import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOldCelery, threads } from '../fixtures/celery/version.ts';
import { freshVhost, type FreshVhost } from '../fixtures/isolated.ts';
import { startRedis, type RedisServer } from '../fixtures/servers/redis.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { startUmbel, type Umbel } from '../fixtures/umbel.ts';
import {
  BODIES,
  createRawClient,
  NASTY,
  READS,
  WRITES,
} from '../../server/web/testing/hostile-input.ts';
import { createApi } from './support/api.ts';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

/** Publishes as kombu does, so that only the contents are wrong. */
const hostileEvents = `
import json
from celery.events.event import get_exchange
from kombu import Producer
from app import *
text = "<script>alert(1)</script><img src=x onerror=alert(2)>"
event = {"type": "task-received", "hostname": text, "uuid": text, "name": text, "args": text, "kwargs": text,
    "timestamp": 1e9, "pid": 1, "clock": 1, "utcoffset": 0, "retries": 0, "eta": text, "expires": text}
bodies = [
    (b"", "application/json", "utf-8"), (b"{", "application/json", "utf-8"),
    (b"[]", "application/json", "utf-8"), (b"null", "application/json", "utf-8"),
    (b"[1, null, []]", "application/json", "utf-8"), (b'{"type": 5}', "application/json", "utf-8"),
    (b'{"type": "task-received", "uuid": "\\xff\\xfe"}', "application/json", "utf-8"),
    (b"\\x80\\x04\\x95", "application/x-python-serialize", "binary"),
    (b"x", "application/x-unheard-of", "binary"), (b"{}", "application/json", "utf-99"),
    (json.dumps(event).encode(), "application/json", "utf-8"),
    (json.dumps({**event, "uuid": "nan", "timestamp": float("nan"), "clock": float("inf")}).encode(), "application/json", "utf-8"),
    (json.dumps({**event, "type": "task-progress", "uuid": "ratio", "loss": float("nan"), "seen": 2**70}).encode(), "application/json", "utf-8"),
    (b'{"type": "task-sent", "uuid": "__proto__", "hostname": "__proto__", "name": "constructor", "timestamp": 1, "__proto__": {"x": 1}}', "application/json", "utf-8"),
    (b'{"type": "worker-heartbeat", "hostname": "__proto__", "timestamp": 1, "freq": "x", "active": -1}', "application/json", "utf-8"),
    (b"[" * 100000, "application/json", "utf-8"),
    (json.dumps({**event, "uuid": "huge", "args": "x" * 50000000}).encode(), "application/json", "utf-8"),
]
with app.connection_for_write() as connection:
    for body, content_type, encoding in bodies:
        for key, kind in [("task.multi", "topic"), ("worker.heartbeat", "topic")]:
            if len(body) > 1000000 and key == "worker.heartbeat": continue
            Producer(connection.channel(), exchange=get_exchange(connection)).publish(
                body, routing_key=key, content_type=content_type, content_encoding=encoding, retry=False)
print(len(bodies))
`;

const hostileMessages = `
import json, zlib
from kombu import Producer
from app import *
headers = {"lang": "py", "task": "<b>tasks.add</b>", "id": "hostile-id", "root_id": None, "parent_id": None, "group": None,
    "argsrepr": "<script>", "kwargsrepr": "{}", "origin": "<i>", "retries": 0, "eta": None, "expires": None, "timelimit": [None, None]}
bomb = zlib.compress(b" " * 200000000, 9)
bodies = [
    (b"", {}, "application/json", "utf-8"), (b"{", headers, "application/json", "utf-8"),
    (b"\\xff\\xfe", headers, "application/json", "utf-8"),
    (b"[[], {}, {}]", {**headers, "id": 5, "retries": "many", "eta": "soon"}, "application/json", "utf-8"),
    (b'[[1], {"__proto__": {"polluted": 1}}, {}]', {**headers, "id": "__proto__"}, "application/json", "utf-8"),
    (b"cos\\nsystem\\n(S'touch /nonexistent'\\ntR.", headers, "application/x-python-serialize", "binary"),
    (bomb, {**headers, "id": "bomb", "compression": "application/x-gzip"}, "application/json", "utf-8"),
    (b"[" * 100000, {**headers, "id": "deep"}, "application/json", "utf-8"),
]
with app.connection_for_write() as connection:
    channel = connection.channel()
    bound = queue("hostile")(channel)
    bound.declare()
    for body, head, content_type, encoding in bodies:
        Producer(channel).publish(body, routing_key="hostile", exchange="", headers=head, content_type=content_type,
            content_encoding=encoding, retry=False)
print(len(bodies))
`;

const addOne = `
import json
from app import *
print(json.dumps(add.apply_async((1, 2), queue="real").id))
`;

describe.each(BROKERS)('bad input over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(kind);
    // Gossip makes the worker read what other workers say, and garbage among it ends its connection.
    await cluster.work({
      ...{ pool: threads, name: 'real', queues: ['real'] },
      args: ['--without-gossip'],
    });
  });

  afterAll(async () => {
    await cluster.close();
  });

  const everythingAnswers = async () => {
    const names = ['hostile', 'real', '__proto__', '<b>', '%00', '../..'];
    const paths = [
      ...[
        '',
        '/overview?range=15m',
        '/tasks',
        '/tasks/facets',
        '/workers',
        '/queues',
        '/metrics?range=15m',
      ],
      ...names.map((name) => `/queues/${encodeURIComponent(name)}?range=15m`),
      ...names.map((name) => `/queues/${encodeURIComponent(name)}/messages?from=next&limit=50`),
      ...names.map((name) => `/workers/${encodeURIComponent(name)}`),
      ...['hostile-id', 'nan', 'huge', 'bomb', ...names].map(
        (id) => `/tasks/${encodeURIComponent(id)}`,
      ),
      ...['hostile-id', 'bomb', ...names].map((id) => `/tasks/${encodeURIComponent(id)}/retry`),
    ];
    for (const path of paths) {
      const { status } = await cluster.api.get(path);
      expect([path, status < 500]).toEqual([path, true]);
    }
    const metrics = await fetch(`${cluster.umbel.url}/metrics`);
    expect(metrics.status).toBe(200);
  };

  // On Redis a worker of Celery 5.2 tells of nothing any more after such events.
  const falls = isOldCelery && kind === 'redis';
  test.skipIf(falls)('garbage among events is counted, and the rest keeps flowing', async () => {
    const before = await cluster.python<string>(addOne);
    await cluster.api.until(before, 'success');
    await cluster.python<number>(hostileEvents);
    const after = await cluster.python<string>(addOne);
    await cluster.api.until(after, 'success', 30_000);

    await expect
      .poll(async () => (await cluster.api.status()).ingest.malformedCount, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(8);
    const { ingest } = await cluster.api.status();
    await expect
      .poll(async () => (await cluster.api.status()).broker.state, { timeout: 15_000 })
      .toBe('connected');
    expect(ingest.lastMalformed?.length).toBeLessThanOrEqual(300);
    // It is cut, or, where Redis keeps less than that for a reader and cuts the reader off instead, its loss is told.
    const huge = async () => {
      const { gapCounts } = (await cluster.api.status()).ingest;
      const isLost = gapCounts.disconnected + gapCounts['buffer-overrun'] > 0;
      const text = (await cluster.api.task('huge'))?.argsText.text ?? '';
      return kind === 'redis' && isLost ? 'lost, and told' : text;
    };
    await expect.poll(huge, { timeout: 20_000 }).toMatch(/^(x{1000,20000}|lost, and told)$/);
    expect((await cluster.api.task('ratio'))?.timeline.at(-1)?.fields).toMatchObject({
      ...{ loss: 'nan', seen: '1180591620717411303424' },
    });
    const text = '<script>alert(1)</script><img src=x onerror=alert(2)>';
    expect(await cluster.api.task(text)).toMatchObject({ type: text });
    await everythingAnswers();
  });

  const nothingFails = async () => {
    const client = createRawClient(cluster.umbel.url);
    const ours = (path: string) => path.replace('/clusters/demo', '/clusters/default');
    const failed: string[] = [];
    const ask = async (...request: Parameters<typeof client.ask>) => {
      const { status } = await client.ask(...request);
      if (status < 200 || status >= 500)
        failed.push(`${status} ${request.join(' ').slice(0, 200)}`);
    };
    for (const template of READS) {
      await Promise.all(NASTY.map((nasty) => ask(ours(template).replaceAll('@', nasty))));
    }
    for (const template of WRITES) {
      const path = ours(template).replaceAll('@', 'x');
      await Promise.all(BODIES.map(([type, body]) => ask(path, 'POST', type, body)));
    }
    client.close();
    expect(failed).toEqual([]);
    expect(cluster.umbel.output()).not.toContain('request failed');
  };
  // What answers is the same on both.
  if (kind === 'redis') test('no question is too wrong for an answer', nothingFails);

  test('garbage among messages is shown as what it is, and harms nothing', async () => {
    const count = await cluster.python<number>(hostileMessages);
    await expect
      .poll(async () => (await cluster.api.queue('hostile'))?.ready, { timeout: 25_000 })
      .toBe(count);
    await everythingAnswers();
    const { body } = await cluster.api.get('/queues/hostile/messages?from=next&limit=50');
    const peeked = body as { supported: boolean; messages: { issue: string | null }[] };
    if (peeked.supported) {
      expect(peeked.messages).toHaveLength(count);
      expect(peeked.messages.filter((message) => message.issue !== null).length).toBeGreaterThan(4);
    }
    await cluster.api.until(await cluster.python<string>(addOne), 'success');
  });
});

test('bytes that are no message at all, straight into Redis', async () => {
  const cluster = await openCluster('redis');
  const redis = new Redis(cluster.app.broker);
  try {
    await cluster.work({ pool: threads, name: 'real', queues: ['real'] });
    const database = new URL(cluster.app.broker).pathname.slice(1);
    const bomb = deflateSync(Buffer.alloc(100_000_000)).toString('base64');
    const raw: (string | Buffer)[] = [
      ...['', '{', 'null', '[]', '5', '"x"', '{"body": 5}', '{"body": "@@@", "headers": []}'],
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      '{"body": "e30=", "properties": {"body_encoding": "base32"}, "headers": {}}',
      `{"body": "${bomb}", "content-type": "application/json", "content-encoding": "utf-8", "headers": {"compression": "application/x-gzip"}, "properties": {"body_encoding": "base64"}}`,
      '{"__proto__": {"body": "e30="}}',
      'x'.repeat(50_000_000),
    ];
    for (const bytes of raw) {
      await redis.publish(`/${database}.celeryev/task.multi`, bytes);
      await redis.lpush('garbage', bytes);
    }
    await redis.sadd('_kombu.binding.garbage', 'garbage\x06\x16\x06\x16garbage', 'nonsense', '');
    await redis.hset('unacked', 'x', 'not json', 'y', '[1]', 'z', '[{"headers": 1}, "", 5]');
    await redis.set('_kombu.binding.wrong-type', 'a string where a set belongs');
    await expect
      .poll(async () => (await cluster.api.queue('garbage'))?.ready, { timeout: 25_000 })
      .toBe(raw.length);
    const { status } = await cluster.api.get('/queues/garbage/messages?from=next&limit=50');
    expect(status).toBe(200);
    await cluster.api.until(await cluster.python<string>(addOne), 'success', 30_000);
    const { ingest } = await cluster.api.status();
    expect(ingest.malformedCount).toBeGreaterThanOrEqual(raw.length - 1);
  } finally {
    redis.disconnect();
    await cluster.close();
  }
});

describe('brokers that cannot be used', () => {
  const TROUBLES = {
    'wants-a-password': /password|auth/i,
    'wants-another-password': /password|auth/i,
    'nobody-listens': /refused/i,
    'redis-says-nothing': /time|answer/i,
    'rabbit-says-nothing': /did not complete/i,
    'does-not-know-the-user': /access|refused|login|denied/i,
  };
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
  });
  const room = makeTempDir('troubles');
  let locked: RedisServer;
  let vhost: FreshVhost;
  let umbel: Umbel;

  beforeAll(async () => {
    locked = await startRedis({ password: 'open sesame' });
    vhost = await freshVhost();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const brokers: Record<keyof typeof TROUBLES, string> = {
      'wants-a-password': `redis://127.0.0.1:${String(locked.port)}/0`,
      'wants-another-password': `redis://:not-sesame@127.0.0.1:${String(locked.port)}/0`,
      'nobody-listens': 'redis://127.0.0.1:1/0',
      'redis-says-nothing': `redis://127.0.0.1:${String(port)}/0`,
      'rabbit-says-nothing': `amqp://guest:guest@127.0.0.1:${String(port)}//`,
      'does-not-know-the-user': vhost.url.replace('guest:guest@', 'nobody:not-sesame@'),
    };
    const config = join(room, 'umbel.yaml');
    const clusters = Object.entries(brokers).map(([name, broker]) => [name, { broker }] as const);
    writeFileSync(config, JSON.stringify({ clusters: Object.fromEntries(clusters) }));
    umbel = await startUmbel({
      freshPages: false,
      args: ['--config', config, '--log-level', 'error'],
    });
  });

  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await locked.stop();
    await vhost.remove();
    removeTempDir(room);
  });

  test.each(Object.entries(TROUBLES))('%s: is said', async (name, wanted) => {
    const api = createApi(umbel.url, name);
    await expect
      .poll(async () => (await api.status()).broker.reason ?? '', { timeout: 30_000 })
      .toMatch(wanted);
    const status = await api.status();
    expect(status.broker.state).not.toBe('connected');
    expect(JSON.stringify(status)).not.toContain('sesame');
    expect((await api.get('/overview?range=15m')).status).toBe(200);
    expect((await api.get('/queues')).status).toBe(200);
  });

  test('all of them hold up neither an answer nor a stop', async () => {
    const ready = await fetch(`${umbel.url}/readyz`);
    expect(ready.status).toBe(503);
    const { problems } = (await ready.json()) as { problems: string[] };
    for (const name of Object.keys(TROUBLES)) {
      expect(problems).toContainEqual(expect.stringContaining(`${name}: the broker is`));
    }
    expect(await umbel.stop()).toBe(0);
    expect(umbel.output()).not.toContain('sesame');
  });

  test.each(['nonsense', 'http://localhost', 'redis://localhost:port/0', 'kafka://x'])(
    'an address that is none: %s',
    async (broker) => {
      const started = startUmbel({ freshPages: false, args: ['--broker', broker] });
      await expect(started).rejects.toThrow(/does not come up/);
    },
  );
});
