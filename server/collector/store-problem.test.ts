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
