import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { startRedis } from '../../e2e/fixtures/servers/redis.ts';
import { createTransport } from '../broker/connect.ts';
import type { Transport } from '../broker/transport.ts';
import { encodeEventBatch, type RawEvent } from '../celery/event.ts';
import type { CollectorHandle, CommitNotice } from '../store/collecting.ts';
import { openCollector } from './open-collector.ts';
import type { CollectorConfig } from './config.ts';
import { readVectorEvents } from './testing/vectors.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let dir: string;
let url: string;
let publisher: Transport;
let collector: CollectorHandle | null;

function config(): CollectorConfig {
  return {
    cluster: 'real',
    demo: false,
    clearHistory: false,
    transport: { url },
    backend: { url, port: null },
    storePath: path.join(dir, 'real.sqlite'),
    retention: { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null },
    redactKeys: [],
    inspectIntervalMs: null,
    inspectTimeoutMs: 500,
    offlineAfterMs: 30_000,
    queues: [],
    enableEvents: false,
    logLevel: 'silent',
  };
}

beforeEach(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'umbel-thread-'));
  url = await freshRedisUrl();
  publisher = createTransport({ url });
  await publisher.connect();
  collector = null;
});

afterEach(async () => {
  await collector?.stop();
  await publisher.close();
  rmSync(dir, { recursive: true, force: true });
});

function batch(events: RawEvent[]) {
  return {
    headers: { hostname: 'w1@host.example' },
    properties: {},
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: Buffer.from(encodeEventBatch(events)),
  };
}

it('EV1 events over Redis reach the store through the thread, and the notice tells of them', async () => {
  collector = await openCollector(config());
  const notices: CommitNotice[] = [];
  collector.onCommit((notice) => notices.push(notice));
  const events = readVectorEvents('main/redis_events.json', 'success');
  await vi.waitFor(
    async () => {
      await publisher.publishEvent(batch(events), 'task.multi');
      expect(notices.some((notice) => notice.newTotal === 1)).toBe(true);
    },
    { timeout: 40_000, interval: 200 },
  );
  expect(notices.at(-1)?.status.broker.state).toBe('connected');
  expect(collector.status().tasksStored).toBe(1);
});

it('stops and opens the same store again', async () => {
  collector = await openCollector(config());
  await vi.waitFor(() => expect(collector?.status().version).toBeGreaterThan(0), {
    timeout: 40_000,
  });
  await collector.stop();
  collector = await openCollector(config());
  expect(collector.status().brokerUrl).not.toContain('@');
});

it('whose thread dies fails what was asked and what is asked, says why, and stops', async () => {
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on('worker', note);
  try {
    collector = await openCollector(config());
  } finally {
    process.off('worker', note);
  }
  expect(threads).toHaveLength(1);
  const asked = collector.inspectNow(null);
  const [, outcome] = await Promise.allSettled([threads[0]?.terminate(), asked]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } });
  await expect(collector.failed()).resolves.toMatchObject({
    message: expect.stringContaining('The collector ended') as string,
  });
  await expect(collector.inspectNow(null)).rejects.toMatchObject({ code: 'closed' });
  expect(collector.status().name).toBe('real');
});

it('SU2 GA1 GA2 tells no events from a connection, and a run that ends without one leaves no gap open for ever', async () => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const broker = () => collector?.status().broker;
  const patience = { timeout: 30_000 };
  const gaps = () => {
    const file = new Database(config().storePath, { readonly: true });
    const rows = file.prepare('SELECT cause, ended_at IS NULL AS open FROM gap').raw().all();
    file.close();
    return rows;
  };
  try {
    url = server.url;
    collector = await openCollector(config());
    await expect.poll(broker, patience).toMatchObject({ state: 'connected' });
    const clients = /connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1];
    await redis.config('SET', 'maxclients', String(Number(clients) - 1));
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await expect.poll(broker, patience).toMatchObject({
      state: 'connecting',
      reason: expect.stringMatching(/^No events arrive: Redis at /) as string,
    });
    await expect.poll(gaps).toEqual([['disconnected', 1]]);
    await redis.config('SET', 'maxclients', '1000');
    await expect.poll(broker, patience).toMatchObject({ state: 'connected', reason: null });
    await expect.poll(gaps).toEqual([['disconnected', 0]]);

    redis.disconnect();
    await server.down();
    await expect.poll(broker, patience).toMatchObject({ state: 'reconnecting' });
    await collector.stop();
    const [over, open] = [
      ['disconnected', 0],
      ['disconnected', 1],
    ];
    expect(gaps()).toEqual([over, open]);
    collector = await openCollector(config());
    await server.up();
    await expect.poll(broker, patience).toMatchObject({ state: 'connected' });
    await expect.poll(gaps).toEqual([over, over]);
    await collector.stop();
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

it('reports a store that cannot be opened as a refusal', async () => {
  const broken = { ...config(), storePath: path.join(dir, 'missing', 'x.sqlite') };
  await expect(openCollector(broken)).rejects.toMatchObject({ name: 'AppError' });
});
