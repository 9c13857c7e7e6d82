import { io, type Socket } from 'socket.io-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientToServer, ServerToClient } from '../../../lib/contract/index.ts';
import { addTask, createTask, createWorker } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../testing/start.ts';
import { MAX_PUSHED_WORKERS } from './topics.ts';

type Client = Socket<ServerToClient, ClientToServer>;
type Picture = Parameters<ServerToClient['picture']>[0];

let server: TestServer;
const clients: Client[] = [];

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  server = await startTestServer(options);
  return server;
}

async function connect(options: Parameters<typeof io>[1] = {}): Promise<Client> {
  const client: Client = io(server.url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  clients.push(client);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('connect_error', reject);
  });
  return client;
}

function picturesOf(client: Client): Picture[] {
  const pictures: Picture[] = [];
  client.on('picture', (message) => pictures.push(message));
  return pictures;
}

const subscribe = (client: Client, topic: string, more: object = {}) =>
  client.emitWithAck('subscribe', { cluster: 'demo', topic: topic as 'status', ...more });

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await server.close();
});

describe('subscribing', () => {
  it.each(['', '/umbel'])('pushes the picture at once under base path "%s"', async (basePath) => {
    await start({ basePath });
    const client = await connect({ path: `${basePath}/socket.io` });
    const pictures = picturesOf(client);
    expect(await subscribe(client, 'overview', { range: '15m' })).toEqual({ ok: true });
    await expect.poll(() => pictures.length).toBe(1);
    expect(pictures[0]).toMatchObject({ cluster: 'demo', picture: { topic: 'overview' } });
  });

  it('works by polling too', async () => {
    await start();
    const client = await connect({ transports: ['polling'] });
    const pictures = picturesOf(client);
    await subscribe(client, 'queues');
    await expect.poll(() => pictures.length).toBe(1);
  });

  it.each([
    ['an unknown topic', { cluster: 'demo', topic: 'everything' }],
    ['an unknown cluster', { cluster: 'other', topic: 'status' }],
    ['no subject', { cluster: 'demo', topic: 'task:' }],
    ['a range that is none', { cluster: 'demo', topic: 'overview', range: '9y' }],
    ['a number', 7],
    ['nothing', null],
    ['a prototype', JSON.parse('{"__proto__":{"cluster":"demo"},"topic":"status"}')],
  ])('refuses %s', async (_name, request) => {
    await start();
    const client = await connect();
    expect(await client.emitWithAck('subscribe', request as never)).toMatchObject({ ok: false });
  });

  it('refuses more topics than a page can show', async () => {
    await start();
    const client = await connect();
    const answers = await Promise.all(
      Array.from({ length: 51 }, (_, n) => subscribe(client, `task:t${n}`)),
    );
    expect(answers.filter((answer) => !answer.ok)).toHaveLength(1);
  });

  it('survives an answer that is no function and messages nobody knows', async () => {
    await start();
    const client = await connect();
    (client as unknown as Socket).emit('subscribe', { cluster: 'demo', topic: 'status' }, 'text');
    (client as unknown as Socket).emit('revoke', { ids: ['x'] });
    expect(await subscribe(client, 'queues')).toEqual({ ok: true });
    expect(server.cluster.state.calls).toEqual([]);
  });
});

describe('pushing', () => {
  it('sends at most about four a second however many commits there are, and always the last', async () => {
    const { cluster } = await start();
    const client = await connect();
    const pictures = picturesOf(client);
    await subscribe(client, 'task:t1');
    await expect.poll(() => pictures.length).toBe(1);
    const startedAt = performance.now();
    for (let n = 1; n <= 60; n++) {
      addTask(cluster, createTask('t1', { retries: n }));
      cluster.commit({ changedIds: ['t1'] });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect
      .poll(() => pictures.at(-1)?.picture, { timeout: 3000 })
      .toMatchObject({ data: { retries: 60 } });
    const elapsedMs = performance.now() - startedAt;
    expect(pictures.length - 1).toBeLessThanOrEqual(Math.floor(elapsedMs / 250) + 1);
  });

  it('composes once for everybody who looks', async () => {
    const { cluster } = await start();
    addTask(cluster, createTask('t1'));
    const [a, b] = [await connect(), await connect()];
    const seen = [picturesOf(a), picturesOf(b)];
    await Promise.all([subscribe(a, 'task:t1'), subscribe(b, 'task:t1')]);
    await expect.poll(() => seen.map((pictures) => pictures.length)).toEqual([1, 1]);
    expect(cluster.state.reads).toBe(1);
  });

  it('does not repeat a picture that says nothing new, nor one of another task', async () => {
    const { cluster } = await start();
    const client = await connect();
    const pictures = picturesOf(client);
    addTask(cluster, createTask('t1'));
    await subscribe(client, 'task:t1');
    await expect.poll(() => pictures.length).toBe(1);
    const reads = cluster.state.reads;
    cluster.commit({ changedIds: ['t2'] });
    cluster.commit({ changedIds: ['t1'] });
    await expect.poll(() => cluster.state.reads).toBe(reads + 1);
    addTask(cluster, createTask('t1', { retries: 3 }));
    cluster.commit({ changedIds: null });
    await expect.poll(() => pictures.length).toBe(2);
    expect(pictures[1]?.picture).toMatchObject({ data: { retries: 3 } });
  });

  it('sends versions that never fall, of one run, with the range that was asked for', async () => {
    const { cluster } = await start();
    const client = await connect();
    const pictures = picturesOf(client);
    addTask(cluster, createTask('t1'));
    await subscribe(client, 'task:t1', { range: '6h' });
    await expect.poll(() => pictures.length).toBe(1);
    const { version } = cluster.state.status;
    cluster.state.status = { ...cluster.state.status, version: version - 5 };
    addTask(cluster, createTask('t1', { retries: 3 }));
    cluster.commit({ changedIds: ['t1'] });
    await expect.poll(() => pictures.length).toBe(2);
    expect(pictures.map((one) => one.version)).toEqual([version, version]);
    expect(new Set(pictures.map(({ run, range }) => `${run} ${range}`)).size).toBe(1);
    expect(pictures[0]).toMatchObject({ range: '6h', run: expect.stringMatching(/./) as string });
  });

  it('announces what is new in lists', async () => {
    const { cluster } = await start();
    const client = await connect();
    const announced: unknown[] = [];
    client.on('announce', ({ announcement }) => announced.push(announcement));
    await subscribe(client, 'tasks');
    await expect.poll(() => announced.length).toBe(1);
    cluster.commit({ newTotal: 5, changedTotal: 9 });
    await expect.poll(() => announced[1]).toMatchObject({ newTotal: 5, changedTotal: 9 });
  });

  it('announces workers where they are too many to push', async () => {
    const { cluster } = await start();
    for (let n = 0; n <= MAX_PUSHED_WORKERS; n++) {
      cluster.state.workers.set(`w${n}@h`, createWorker(`w${n}@h`));
    }
    const client = await connect();
    const announced = vi.fn();
    client.on('announce', announced);
    await subscribe(client, 'workers');
    await vi.waitFor(() => expect(announced).toHaveBeenCalledOnce());
  });

  it('says when a picture cannot be read, and goes on when it can', async () => {
    const { cluster } = await start();
    cluster.state.fail = new Error('disk at /secret/place');
    const client = await connect();
    const pictures = picturesOf(client);
    const trouble: unknown[] = [];
    client.on('trouble', (message) => trouble.push(message));
    await subscribe(client, 'queues');
    await expect.poll(() => trouble).toMatchObject([{ topic: 'queues', code: 'internal' }]);
    expect(JSON.stringify(trouble)).not.toContain('secret');
    cluster.state.fail = null;
    cluster.commit({ queuesChanged: true });
    await expect.poll(() => pictures.length).toBe(1);
  });

  it('forgets who left', async () => {
    const { cluster } = await start();
    const client = await connect();
    const pictures = picturesOf(client);
    await subscribe(client, 'queues');
    await expect.poll(() => pictures.length).toBe(1);
    client.emit('unsubscribe', { cluster: 'demo', topic: 'queues' });
    await subscribe(client, 'workers');
    await expect.poll(() => pictures.length).toBe(2);
    const reads = cluster.state.reads;
    cluster.commit({ queuesChanged: true });
    await subscribe(client, 'task:x');
    await expect.poll(() => pictures.length).toBe(3);
    expect(cluster.state.reads).toBe(reads + 1);
  });
});
