import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import { MemoryTransport } from '../broker/memory/memory-transport.ts';
import { serveMemoryBroker } from '../broker/memory/serve.ts';
import type { Transport } from '../broker/transport.ts';
import { encodeSingleEvent, type RawEvent } from '../celery/event.ts';
import { encodeTaskMessage } from '../celery/message.ts';
import { systemClock } from '../core/clock.ts';
import { silentLogger } from '../core/logger.ts';
import type { CommitNotice } from '../store/collecting.ts';
import type { StoreWriter } from '../store/store.ts';
import { openStoreWriter } from '../store/sqlite/writer.ts';
import { Collector } from './collector.ts';
import type { CollectorConfig } from './config.ts';

const RETENTION = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };

let dir: string;
let broker: MemoryBroker;
let writer: StoreWriter;
let collector: Collector;
let publisher: Transport;
let notices: CommitNotice[];
let closers: (() => void | Promise<void>)[];

async function connectTransport(): Promise<Transport> {
  const { port1, port2 } = new MessageChannel();
  closers.push(serveMemoryBroker(broker, port1));
  const transport = new MemoryTransport({ port: port2 });
  await transport.connect();
  closers.push(() => transport.close());
  return transport;
}

function configOf(more: Partial<CollectorConfig> = {}): CollectorConfig {
  return {
    cluster: 'test',
    demo: false,
    clearHistory: false,
    transport: { url: 'memory://' },
    backend: { url: null, port: null },
    storePath: path.join(dir, 'test.sqlite'),
    retention: RETENTION,
    redactKeys: ['password'],
    inspectIntervalMs: 200,
    inspectTimeoutMs: 300,
    offlineAfterMs: 30_000,
    queues: [],
    enableEvents: false,
    logLevel: 'silent',
    ...more,
  };
}

async function startCollector(more: Partial<CollectorConfig> = {}): Promise<void> {
  const config = configOf(more);
  writer = openStoreWriter({
    path: config.storePath,
    retention: RETENTION,
    logger: silentLogger,
    clock: systemClock,
  });
  collector = new Collector(
    config,
    { transport: await connectTransport(), backend: null, writer },
    { clock: systemClock, logger: silentLogger, onCommit: (notice) => notices.push(notice) },
  );
  collector.restore();
  await collector.start();
}

beforeEach(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'umbel-collector-'));
  closers = [];
  notices = [];
  broker = new MemoryBroker();
  publisher = await connectTransport();
});

afterEach(async () => {
  await collector.stop();
  for (const close of closers.reverse()) await close();
  writer.close();
  rmSync(dir, { recursive: true, force: true });
});

async function publish(event: RawEvent): Promise<void> {
  const { routingKey, body, headers, contentType, contentEncoding } = encodeSingleEvent(event);
  const message = {
    headers,
    properties: {},
    contentType,
    contentEncoding,
    body: Buffer.from(body),
  };
  await publisher.publishEvent(message, routingKey);
}

function eventOf(type: string, uuid: string, fields: object = {}): RawEvent {
  const timestamp = Date.now() / 1000;
  return {
    hostname: 'w1@test',
    pid: 7,
    clock: null,
    timestamp,
    utcoffset: 0,
    uuid,
    ...fields,
    type,
  };
}

function stored(id: string) {
  return writer.loadTasks([id]).get(id);
}

describe('collector over the memory broker', () => {
  it('EV1 stores what events tell and says so in a notice', async () => {
    await startCollector();
    await publish(
      eventOf('task-received', 'a', {
        name: 't.add',
        args: "('x',)",
        kwargs: "{'password': 's3cret'}",
      }),
    );
    await publish(eventOf('task-started', 'a'));
    await publish(eventOf('task-succeeded', 'a', { result: "'ok'", runtime: 0.25 }));
    await vi.waitFor(() => expect(stored('a')?.state).toBe('success'));
    expect(stored('a')).toMatchObject({
      type: 't.add',
      runtimeMs: 250,
      kwargs: "{'password': '***'}",
    });
    expect(notices.some((notice) => notice.changedIds?.includes('a') === true)).toBe(true);
    expect(collector.status().ingest.eventsTotal).toBe(3);
  });

  it('writes all that a burst left before it stops', async () => {
    await startCollector();
    for (let n = 0; n < 60_000; n += 1)
      collector.fold.event(eventOf('task-received', `t${String(n)}`), Date.now());
    await collector.stop();
    expect(writer.stats().tasksStored).toBe(60_000);
  });

  it('EV7 counts what is not an event and goes on', async () => {
    await startCollector();
    const broken = {
      headers: {},
      properties: {},
      contentType: 'application/json',
      contentEncoding: 'utf-8',
    };
    await publisher.publishEvent(
      { ...broken, body: Buffer.from('{"type": "task-st') },
      'task.started',
    );
    await publisher.publishEvent(
      { ...broken, body: Buffer.from([0xff, 0xfe, 0x00]) },
      'task.started',
    );
    await publish({ type: 'task-started', hostname: 'w1@test', uuid: 42 });
    await publish(eventOf('task-started', 'after'));
    await vi.waitFor(() => expect(stored('after')?.state).toBe('started'));
    expect(collector.status().ingest.malformedCount).toBe(3);
    expect(collector.status().ingest.lastMalformed).toContain('uuid');
  });

  it('EV7 a custom event with what JSON cannot carry is written as its text, and holds up nobody', async () => {
    await startCollector();
    const odd = '"uuid": "odd", "hostname": "w1@test", "timestamp": 1800000000.0, "pid": 7';
    const said = '"seen": 1180591620717411303424, "loss": NaN, "deep": {"x": [1.0, -Infinity]}';
    await publisher.publishEvent(
      {
        ...{ headers: {}, properties: {}, contentType: 'application/json' },
        contentEncoding: 'utf-8',
        body: Buffer.from(`{"type": "task-progress", ${odd}, ${said}}`),
      },
      'task.progress',
    );
    await publish(eventOf('task-started', 'after'));
    await vi.waitFor(() => expect(stored('after')?.state).toBe('started'));
    expect(stored('odd')?.timeline.at(-1)?.fields).toEqual({
      ...{ seen: '1180591620717411303424', loss: 'nan', deep: { x: [1, '-inf'] } },
    });
    expect(collector.status().storeProblem).toBeNull();
  });

  it('QU3 a waiting message is a queued task with exact arguments, though nobody announced it', async () => {
    await startCollector();
    const message = encodeTaskMessage({
      name: 't.mail',
      id: 'm1',
      args: ['é', 1],
      kwargs: { n: null },
    });
    await publisher.declareQueue('emails');
    await publisher.publish(message, { exchange: '', routingKey: 'emails' });
    await vi.waitFor(() => expect(stored('m1')?.state).toBe('queued'), { timeout: 8000 });
    expect(stored('m1')).toMatchObject({
      queue: 'emails',
      args: "('é', 1)",
      kwargs: "{'n': None}",
      argsExact: true,
    });
    await vi.waitFor(() => {
      expect(writer.loadQueues().find((row) => row.name === 'emails')?.ready).toBe(1);
    });
  });

  it('SU5 goes on with the version of the store after a restart', async () => {
    await startCollector();
    await vi.waitFor(() => expect(notices.length).toBeGreaterThan(1), { timeout: 8000 });
    await collector.stop();
    const { version } = writer.stats();
    expect(version).toBeGreaterThan(0);
    notices = [];
    await startCollector();
    expect(collector.status().version).toBeGreaterThanOrEqual(version);
    await vi.waitFor(() => expect(notices.length).toBeGreaterThan(0), { timeout: 8000 });
    expect(Math.min(...notices.map((notice) => notice.version))).toBeGreaterThanOrEqual(version);
  });

  it('WK6 a worker that answers inspect has sections, and one that is silent has reasons', async () => {
    const replies: Record<string, unknown> = {
      ping: { ok: 'pong' },
      active: [
        {
          id: 'busy',
          name: 't.slow',
          type: 't.slow',
          args: [1],
          kwargs: {},
          time_start: Date.now() / 1000 - 1,
          delivery_info: { routing_key: 'slow' },
          worker_pid: 99,
        },
      ],
      active_queues: [{ name: 'slow', exchange: { name: 'slow', type: 'direct' } }],
      conf: {
        broker_url: 'redis://:hunter2@h/0',
        my_secret_token: 'x',
        worker_pool_restarts: true,
      },
    };
    const served = await publisher.serveControl('w1@test', (delivery) => {
      const value = replies[delivery.request.method];
      if (value !== undefined) void delivery.reply(value);
    });
    closers.push(() => served.close());
    await startCollector();
    await vi.waitFor(() => expect(stored('busy')?.state).toBe('started'), { timeout: 8000 });
    expect(stored('busy')).toMatchObject({
      type: 't.slow',
      args: '(1,)',
      argsExact: true,
      workerPid: 99,
      queue: 'slow',
    });
    const detail = await vi.waitFor(
      () => {
        const row = writer.loadWorkers()[0]!;
        expect(row.detail.conf.readAt).not.toBeNull();
        expect(row.detail.stats.reason).toContain('No answer');
        return row.detail;
      },
      { timeout: 8000 },
    );
    expect(detail.queues).toEqual(['slow']);
    expect(JSON.stringify(detail.conf)).not.toContain('hunter2');
    expect(detail.conf.value).toMatchObject({ my_secret_token: '***' });
    expect(detail.supports['pool_restart']).toEqual({ ok: true, reason: null });
    expect(detail.supports['terminate']?.ok).toBe(false);
  });

  it('WK10 what a command changed is asked for until the worker shows it', async () => {
    let queues = ['slow'];
    let asked = 0;
    const served = await publisher.serveControl('w1@test', (delivery) => {
      const { method } = delivery.request;
      if (method === 'ping') void delivery.reply({ ok: 'pong' });
      if (method !== 'active_queues') return;
      asked += 1;
      // The answer right after the command gets lost; a later one comes before the worker has acted.
      if (asked === 2) return;
      if (asked === 4) queues = ['slow', 'extra'];
      void delivery.reply(queues.map((name) => ({ name, exchange: { name, type: 'direct' } })));
    });
    closers.push(() => served.close());
    await startCollector();
    const shown = () => writer.loadWorkers()[0]?.detail.queues;
    await vi.waitFor(() => expect(shown()).toEqual(['slow']), { timeout: 8000 });
    await collector.inspectNow(['w1@test'], ['active_queues']);
    await vi.waitFor(() => expect(shown()).toEqual(['slow', 'extra']), { timeout: 20_000 });
  });

  it('WK14 silence while Umbel was stopped is none of the worker’s, silence before that is', async () => {
    await startCollector();
    const beat = { freq: 2, active: 0, processed: 0 };
    await publish({ ...eventOf('worker-heartbeat', '', beat), hostname: 'there@test' });
    await publish({ ...eventOf('worker-heartbeat', '', beat), hostname: 'gone@test' });
    await vi.waitFor(() => expect(writer.loadWorkers()).toHaveLength(2), { timeout: 8000 });
    await collector.stop();
    const HOUR = 3_600_000;
    const at = Date.now() - HOUR;
    const ago: Record<string, number> = { 'there@test': at, 'gone@test': at - HOUR };
    const workers = writer.loadWorkers().map(({ hostname, detail }) => ({
      hostname,
      detail: { ...detail, lastSeenAt: ago[hostname] ?? 0 },
    }));
    writer.commit({ workers, facts: { lastObservedAt: at }, now: Date.now() });
    await startCollector();
    const states = [...collector.book.entries(Date.now())].map((entry) => [
      entry.facts.hostname,
      collector.book.liveness(entry, Date.now()).state,
    ]);
    expect(Object.fromEntries(states)).toEqual({ 'there@test': 'online', 'gone@test': 'offline' });
  });

  it('WK8 a worker that is offline for long enough is forgotten, in the store too', async () => {
    await startCollector({ forgetAfterMs: 300 });
    const beat = { freq: 2, active: 0, processed: 0 };
    for (const hostname of ['stays@test', 'goes@test']) {
      await publish({ ...eventOf('worker-heartbeat', '', beat), hostname });
    }
    const known = () => writer.loadWorkers().map((row) => row.hostname);
    await vi.waitFor(() => expect(known()).toHaveLength(2), { timeout: 8000 });
    await publish({ ...eventOf('worker-offline', '', beat), hostname: 'goes@test' });
    await vi.waitFor(() => expect(known()).toEqual(['stays@test']), { timeout: 8000 });
  });

  it('LO4 a revoke that was sent shows beside the state until the task ends', async () => {
    await startCollector();
    await publish(eventOf('task-received', 'r', { name: 't.slow' }));
    await vi.waitFor(() => expect(stored('r')?.state).toBe('received'));
    collector.annotate({
      type: 'revoke-sent',
      ids: ['r'],
      terminate: false,
      signal: 'SIGTERM',
      actor: 'me',
      at: Date.now(),
    });
    expect(stored('r')).toMatchObject({ revoking: true, state: 'received' });
    await publish(
      eventOf('task-revoked', 'r', { terminated: false, expired: false, signum: null }),
    );
    await vi.waitFor(() =>
      expect(stored('r')).toMatchObject({ revoking: false, state: 'revoked' }),
    );
  });

  it('ST12 a retry links both tasks', async () => {
    await startCollector();
    await publish(eventOf('task-received', 'old', { name: 't.x' }));
    await vi.waitFor(() => expect(stored('old')?.state).toBe('received'));
    collector.annotate({
      type: 'retried',
      originalId: 'old',
      newId: 'new',
      taskType: 't.x',
      queue: 'q',
      actor: 'me',
      at: Date.now(),
    });
    expect(stored('old')?.retriedAsIds).toEqual(['new']);
    expect(stored('new')).toMatchObject({
      retryOfId: 'old',
      state: 'queued',
      type: 't.x',
      queue: 'q',
    });
  });
});
