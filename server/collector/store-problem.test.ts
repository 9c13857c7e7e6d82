import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../core/logger.ts';
import { openStoreWriter } from '../store/sqlite/writer.ts';
import type { StoreWriter } from '../store/store.ts';
import { createFold, HandClock, rawEvent, START } from './testing/memory-cluster.ts';
import { CommitQueue } from './commit-queue.ts';
import { Gaps } from './gaps.ts';
import { Ingest } from './ingest.ts';
import { QueueBook } from './queue-book.ts';
import { WorkerBook } from './worker-book.ts';

let dir: string;
let writer: StoreWriter;

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'umbel-store-problem-'));
  const retention = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
  const file = path.join(dir, 'x.sqlite');
  writer = openStoreWriter({ path: file, retention, logger: silentLogger, clock: new HandClock() });
});
afterEach(() => {
  writer.close();
  rmSync(dir, { recursive: true, force: true });
});

it('SU4 what could not be written is kept, without growing, and written once that is possible', () => {
  const { fold } = createFold();
  const clock = new HandClock();
  const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  const ingest = new Ingest(fold, clock, () => undefined);
  const commits = new CommitQueue(fold, book, new Gaps(), writer, ingest);
  const other = new Database(path.join(dir, 'x.sqlite'));
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'full'); END`);

  fold.event(rawEvent('task-received', START, { uuid: 'a', name: 't.x' }), START);
  for (let turn = 0; turn < 3; turn += 1) {
    commits.addQueues([], [], ['gone']);
    expect(() => commits.commit(START + turn * 1000)).toThrow('full');
    expect(commits.unchanged()).toMatchObject({ version: 0, newTotal: 0, changedIds: [] });
  }
  other.exec('DROP TRIGGER full');
  other.close();

  expect(commits.commit(START + 4000)).toMatchObject({ newTotal: 1, queuesChanged: true });
  expect(writer.loadTask('a')).toMatchObject({ type: 't.x', state: 'received' });
});

it('SU4 a worker or a queue that went and came back meanwhile is there', () => {
  const { fold } = createFold();
  const clock = new HandClock();
  const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  const ingest = new Ingest(fold, clock, () => undefined);
  const commits = new CommitQueue(fold, book, new Gaps(), writer, ingest);
  const other = new Database(path.join(dir, 'x.sqlite'));
  const queues = new QueueBook();
  for (const name of ['back', 'gone']) queues.note(name, 'config', START);
  const rows = [...queues.entries.values()].map((entry) => queues.row(entry, [], START));
  const hear = () => {
    fold.event(rawEvent('worker-heartbeat', START, { freq: 2, active: 0 }), START);
    commits.workersDue = true;
  };
  hear();
  commits.addQueues(rows, [], []);
  commits.commit(START);
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'full'); END`);
  book.forget('w1@test');
  commits.forgetWorker('w1@test');
  commits.addQueues([], [], ['back']);
  expect(() => commits.commit(START + 2000)).toThrow('full');
  hear();
  commits.addQueues(rows, [], []);
  expect(() => commits.commit(START + 4000)).toThrow('full');
  commits.addQueues([], [], ['gone']);
  expect(() => commits.commit(START + 6000)).toThrow('full');
  other.exec('DROP TRIGGER full');
  other.close();
  commits.workersDue = true;
  commits.commit(START + 8000);
  expect(writer.loadWorkers().map((row) => row.hostname)).toEqual(['w1@test']);
  expect(writer.loadQueues().map((row) => row.name)).toEqual(['back']);
});

it('SU4 what was measured outlives a commit that fails at its very end', () => {
  const { fold } = createFold({ onMetric: (fact) => writer.addMetric(fact) });
  const clock = new HandClock();
  const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  const ingest = new Ingest(fold, clock, () => undefined);
  const commits = new CommitQueue(fold, book, new Gaps(), writer, ingest);
  const other = new Database(path.join(dir, 'x.sqlite'));
  other.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER full AFTER INSERT ON task BEGIN INSERT INTO child VALUES (7); END`);
  const succeed = (uuid: string, at: number) => {
    fold.event(rawEvent('task-received', at, { uuid, name: 't' }), at);
    fold.event(rawEvent('task-succeeded', at, { uuid, runtime: 1 }), at);
  };
  const MINUTE = 60_000;
  for (let minute = 0; minute < 80; minute += 1) {
    const at = START + minute * MINUTE;
    succeed(`m${minute}`, at);
    expect(() => commits.commit(at)).toThrow('FOREIGN KEY');
  }
  other.exec('DROP TRIGGER full');
  commits.commit(START + 80 * MINUTE);
  const rows = other.prepare('SELECT at, success FROM roll_minute WHERE dim = 0').all();
  const total = other.prepare('SELECT success FROM roll_total WHERE dim = 0').pluck().get();
  other.close();
  expect(total).toBe(80);
  expect(rows.length).toBeLessThan(65);
  expect(rows).toContainEqual({ at: START + 79 * MINUTE, success: 1 });
});

it('SU6 of what cannot be written only so much is kept, and what was given up is counted', () => {
  const { fold } = createFold();
  const clock = new HandClock();
  const gaps = new Gaps();
  const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  const ingest = new Ingest(fold, clock, () => undefined);
  const commits = new CommitQueue(fold, book, gaps, writer, ingest);
  const other = new Database(path.join(dir, 'x.sqlite'));
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'full'); END`);
  commits.unwritten = { maxCount: 5, maxBytes: 1024 * 1024 };
  commits.onShed = ({ factCount }, now) => gaps.unstored(factCount, START, now);

  const tell = (uuid: string, ...types: string[]) => {
    for (const type of types) fold.event(rawEvent(type, clock.time, { uuid, name: 't' }), START);
  };
  tell('oldest', 'task-received');
  for (const id of ['a', 'b', 'c']) tell(id, 'task-received', 'task-succeeded');
  tell('d', 'task-received');
  expect(() => commits.commit(START)).toThrow('full');
  tell('e', 'task-received');
  tell('f', 'task-received');
  expect(() => commits.commit(START + 1000)).toThrow('full');
  tell('g', 'task-received');
  expect(() => commits.commit(START + 2000)).toThrow('full');
  // Finished ones first: nobody waits for what becomes of them.
  expect([...fold.tasks.byId.keys()].sort()).toEqual(['d', 'e', 'f', 'g', 'oldest']);

  commits.unwritten = { maxCount: 1000, maxBytes: 4000 };
  for (let n = 0; n < 20; n += 1) tell(`big${n}`, 'task-received');
  expect(() => commits.commit(START + 3000)).toThrow('full');
  expect(fold.tasks.dirty.length).toBeLessThan(10);
  expect(fold.tasks.dirty.length).toBe(fold.tasks.byId.size);

  other.exec('DROP TRIGGER full');
  const kept = fold.tasks.dirty.length;
  expect(commits.commit(START + 4000)).toMatchObject({ newTotal: kept });
  const marks = other.prepare('SELECT * FROM gap').all() as { lost_count: number }[];
  other.close();
  expect(marks).toHaveLength(1);
  expect(marks[0]).toMatchObject({ cause: 'dropped', started_at: START });
  expect(marks[0]?.lost_count).toBe(6 + (25 - kept));
  expect(gaps.counts.dropped).toBe(1);
});
