// One thing that cannot be written would hold up everything behind it: whatever strangers say ends in rows, or is refused before.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jsonValue } from '../../lib/python/testing/arbitrary.contract.ts';
import { encodeKombuJson } from '../celery/codec/kombu-json.ts';
import { silentLogger } from '../core/logger.ts';
import type { InspectMethod } from '../store/collecting.ts';
import { openStoreReader } from '../store/sqlite/reader.ts';
import { openStoreWriter } from '../store/sqlite/writer.ts';
import type { StoreReader, StoreWriter } from '../store/store.ts';
import { CommitQueue } from './commit-queue.ts';
import { Fold } from './fold.ts';
import { Gaps } from './gaps.ts';
import { Ingest } from './ingest.ts';
import { applyReply } from './inspect-sections.ts';
import { mergeInspect } from './merge-inspect.ts';
import { mergeInFlight, mergeQueued } from './merge-queued.ts';
import { HandClock, START } from './testing/memory-cluster.ts';
import { WorkerBook } from './worker-book.ts';

let dir: string;
let writer: StoreWriter;
let reader: StoreReader;
let fold: Fold;
let book: WorkerBook;
let ingest: Ingest;
let commits: CommitQueue;

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'umbel-written-'));
  const file = path.join(dir, 'x.sqlite');
  const retention = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
  const clock = new HandClock();
  writer = openStoreWriter({ path: file, retention, logger: silentLogger, clock });
  reader = openStoreReader({ path: file, threads: 1 });
  fold = new Fold({
    load: (id) => writer.loadTask(id),
    metric: (fact) => writer.addMetric(fact),
    redact: null,
  });
  book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  ingest = new Ingest(fold, clock, () => undefined);
  commits = new CommitQueue(fold, book, new Gaps(), writer, ingest);
});
afterEach(async () => {
  await reader.close();
  writer.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Writes what is new, and reads it as pages do: what was written can be answered as JSON. */
async function writeAndRead(): Promise<void> {
  const ids = fold.tasks.dirty.map((live) => live.record.id);
  commits.workersDue = true;
  commits.commit(START);
  for (const id of ids) {
    const task = await reader.getTask(id);
    expect(task?.id).toBe(id);
    JSON.stringify(task);
    JSON.stringify(await reader.getTaskRecords([id]));
  }
  for (const { hostname } of await reader.workers()) {
    JSON.stringify(await reader.worker(hostname));
  }
}

const TYPES = [
  ...['task-sent', 'task-received', 'task-started', 'task-succeeded', 'task-failed'],
  ...['task-retried', 'task-revoked', 'task-rejected', 'task-cancelled', 'task-progress'],
  ...['worker-online', 'worker-heartbeat', 'worker-offline', 'worker-x'],
];
const FIELDS = [
  ...['hostname', 'timestamp', 'clock', 'pid', 'name', 'args', 'kwargs', 'result', 'exception'],
  ...['traceback', 'runtime', 'retries', 'eta', 'expires', 'root_id', 'parent_id', 'queue'],
  ...['exchange', 'routing_key', 'priority', 'requeue', 'terminated', 'signum', 'freq', 'active'],
  ...['processed', 'loadavg', 'sw_ident', 'sw_ver', 'done', 'total'],
];
const oddFields = fc.dictionary(fc.constantFrom(...FIELDS), jsonValue, { maxKeys: 12 });

it('EV4 whatever an event carries is written', async () => {
  const event = fc.record({
    type: fc.constantFrom(...TYPES),
    uuid: fc.oneof(fc.constantFrom('a', 'b'), jsonValue),
    fields: oddFields,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (events) => {
      const said = events.map(({ type, uuid, fields }) => ({
        ...{ hostname: 'w@h', timestamp: START / 1000, pid: 1, clock: 1 },
        // Beside a NaN large integers keep their digits.
        ...{ ratio: NaN, ...fields, uuid, type },
      }));
      ingest.onEvents({
        ...{ body: Buffer.from(encodeKombuJson(said)), contentType: 'application/json' },
        ...{ contentEncoding: 'utf-8', compression: null, routingKey: 'task.multi' },
      });
      await writeAndRead();
    }),
    { numRuns: 150 },
  );
});

const METHODS: InspectMethod[] = [
  ...(['active', 'reserved', 'scheduled', 'revoked'] as const),
  ...(['registered', 'active_queues', 'stats', 'conf'] as const),
];
const NAMES = [
  ...['id', 'name', 'args', 'kwargs', 'type', 'time_start', 'delivery_info', 'worker_pid', 'eta'],
  ...['request', 'priority', 'pool', 'rusage', 'total', 'clock', 'pid', 'broker', 'uptime'],
  ...['exchange', 'routing_key', 'durable', 'autoscaler', 'broker_transport_options'],
];

it('WK6 whatever a worker answers is written', async () => {
  const part = fc.dictionary(fc.constantFrom(...NAMES), jsonValue, { maxKeys: 8 });
  const named = fc.record({ id: fc.constantFrom('a', 'b'), name: jsonValue, args: jsonValue });
  const reply = fc.oneof(jsonValue, part, fc.array(part), fc.array(named), fc.array(fc.string()));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...METHODS), reply, async (method, value) => {
      const entry = book.entry('w@h', START);
      if (entry === null) throw new Error('no worker');
      const told = applyReply(entry, method, value, START, (text) => text);
      mergeInspect(fold, 'w@h', told, START);
      await writeAndRead();
    }),
    { numRuns: 200 },
  );
});

it('QU3 whatever a message carries is written', async () => {
  const headers = fc.dictionary(
    fc.constantFrom('eta', 'expires', 'retries', 'group', 'timelimit', 'root_id', 'origin', 'x'),
    jsonValue,
    { maxKeys: 5 },
  );
  const id = fc.oneof(fc.constantFrom('a', 'b'), jsonValue);
  await fc.assert(
    fc.asyncProperty(id, headers, jsonValue, jsonValue, async (uuid, more, args, kwargs) => {
      const message = {
        headers: { ...more, id: uuid, task: 't' },
        ...{ properties: {}, contentType: 'application/json', contentEncoding: 'utf-8' },
        body: Buffer.from(encodeKombuJson([[args], { k: kwargs }, {}])),
      };
      const peeked = { queue: 'q', priority: null, deliveredAt: START, sizeBytes: 1, issue: null };
      mergeQueued(fold, { ...peeked, message }, START);
      mergeInFlight(fold, { ...peeked, message }, START);
      await writeAndRead();
    }),
    { numRuns: 150 },
  );
});
