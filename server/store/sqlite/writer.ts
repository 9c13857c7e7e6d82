// The one writer of a cluster's store: synchronous, in the collector's thread. A commit is one transaction over tasks,
// counters, search lines, id blocks, pictures and roll-ups, so that every number a reader sees belongs to one moment.
// It must not know where records come from.
import type { Database, Statement } from 'better-sqlite3';
import { AppError, errorText } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type {
  CommitBatch,
  CommitSummary,
  MetricFact,
  RetentionOptions,
  StoreWriter,
} from '../store.ts';
import { FINAL_STATES, type Gap } from '../../../lib/contract/index.ts';
import type { StoredKeys, TaskRecord } from '../task-record.ts';
import { Checkpoints } from './checkpoints.ts';
import { Counters, DIMENSION, type Dimension } from './counters.ts';
import { IdIndex } from './id-index.ts';
import { WritableNames } from './names.ts';
import { openDatabase } from './open-database.ts';
import { OpenMetrics } from './open-metrics.ts';
import { Pictures } from './pictures.ts';
import { Retention } from './retention.ts';
import { Rollups } from './rollups.ts';
import { migrate } from './schema.ts';
import { decodeId, encodeId, hashId, wellFormed } from './task-id.ts';
import { decodeTask, UNFINISHED_NUMBERS, type TaskRow } from './task-row.ts';
import { TaskTable } from './task-table.ts';
import { storeTrouble } from './store-trouble.ts';
import { TextLines } from './text-lines.ts';

/** A crash takes no more of them than of the tasks that they count. */
const METRICS_EVERY_MS = 600;
/** Thousands of names are thousands of rows: the more there were, the longer until the next time. What all tasks make is one row. */
const METRICS_MS_A_ROW = 1.5;
const METRICS_AT_MOST_MS = 12_000;
const EVERY_DIMENSION = Object.keys(DIMENSION) as Dimension[];
const VERSION_FACT = 'store.version';

export type StoreWriterOptions = {
  path: string;
  retention: RetentionOptions;
  logger: Logger;
  clock: Clock;
};

/** The writer, and what an operator should be told about how the file was found. */
export type OpenedStoreWriter = StoreWriter & { readonly notice: string | null };

/** Opens, or begins, the store at `path`. Throws `store_newer` or `store_failed`; a damaged file is moved aside (`notice`). */
export function openStoreWriter(options: StoreWriterOptions): OpenedStoreWriter {
  const { path, logger, clock } = options;
  const prepare = (db: Database): void => {
    migrate(db, path);
    db.pragma('cache_size = -16000');
    db.pragma('wal_autocheckpoint = 40000');
    db.pragma('journal_size_limit = 67108864');
    createParts(db);
  };
  const { db, notice } = openDatabase(path, prepare, clock.now());
  if (notice !== null) logger.error({ path }, notice);
  return new SqliteWriter(db, notice, options);
}

type Parts = {
  names: WritableNames;
  ids: IdIndex;
  counters: Counters;
  tasks: TaskTable;
  lines: TextLines;
  rollups: Rollups;
  pictures: Pictures;
};

function createParts(db: Database): Parts {
  const names = new WritableNames(db);
  const ids = new IdIndex(db);
  const counters = new Counters(db);
  const lines = new TextLines(db);
  const tasks = new TaskTable(db, { names, ids, counters, lines });
  return {
    names,
    ids,
    counters,
    lines,
    tasks,
    rollups: new Rollups(db, names),
    pictures: new Pictures(db, names),
  };
}

class SqliteWriter implements OpenedStoreWriter {
  readonly notice: string | null;
  private readonly db: Database;
  private readonly checkpoints: Checkpoints;
  private readonly path: string;
  private readonly logger: Logger;
  private readonly clock: Clock;
  private readonly retention: Retention;
  private parts: Parts;
  private version: number;
  private readonly metrics = new OpenMetrics();
  private metricsAt = 0;
  private namesAt = 0;
  private namesEveryMs = METRICS_EVERY_MS;
  private readonly byRow: Statement;
  private readonly longTexts: Statement;

  constructor(db: Database, notice: string | null, options: StoreWriterOptions) {
    this.db = db;
    this.notice = notice;
    this.path = options.path;
    this.logger = options.logger;
    this.clock = options.clock;
    this.checkpoints = new Checkpoints(options.path, options.logger);
    this.parts = createParts(db);
    const stored = this.parts.pictures.fact(VERSION_FACT);
    this.version = typeof stored === 'number' ? stored : 0;
    this.retention = new Retention(db, options.retention);
    this.byRow = db.prepare('SELECT * FROM task WHERE id = ?');
    this.longTexts = db.prepare('SELECT field, text FROM long_text WHERE task_id = ?');
  }

  commit(batch: CommitBatch): CommitSummary {
    const { tasks = [], now } = batch;
    const created: TaskRecord[] = [];
    const stored: StoredKeys[] = [];
    const version = this.version + 1;
    const dimensions = this.dueDimensions(now);
    try {
      this.db.exec('BEGIN IMMEDIATE');
      for (const record of tasks) {
        const written = this.parts.tasks.write(record, now);
        if (written.isNew) created.push(record);
        stored.push(written.stored);
      }
      this.parts.lines.flush();
      this.parts.ids.flush();
      this.parts.counters.flush();
      this.parts.pictures.write({ ...batch, facts: { ...batch.facts, [VERSION_FACT]: version } });
      const rows = this.parts.rollups.flush(this.metrics.minutes, dimensions, now);
      this.db.exec('COMMIT');
      this.metricsWritten(dimensions, rows, now);
    } catch (error) {
      this.rollBack(created);
      this.metrics.keep();
      throw new AppError(
        'store_failed',
        `Writing to the store ${this.path} failed: ${storeTrouble(error, this.path)}`,
        {
          cause: error,
        },
      );
    }
    this.version = version;
    tasks.forEach((record, index) => {
      record.stored = FINAL_STATES.has(record.state) ? null : (stored[index] ?? null);
    });
    return {
      version,
      newCount: created.length,
      changedCount: tasks.length - created.length,
      tasksStored: this.parts.counters.total,
    };
  }

  loadTasks(ids: readonly string[]): Map<string, TaskRecord> {
    const found = new Map<string, TaskRecord>();
    for (const id of ids) {
      const record = this.loadTask(id);
      if (record !== null) found.set(id, record);
    }
    return found;
  }

  loadTask(id: string): TaskRecord | null {
    for (const rowId of this.parts.ids.candidates(hashId(wellFormed(id)))) {
      const row = this.byRow.get(rowId) as TaskRow | undefined;
      if (row !== undefined && isSameId(row.uid, id)) return this.decode(row);
    }
    return null;
  }

  loadUnfinished(limit: number): TaskRecord[] {
    const rows = UNFINISHED_NUMBERS.flatMap(
      (state) =>
        this.db
          .prepare(
            'SELECT * FROM task INDEXED BY task_state WHERE state = ? ORDER BY updated_at DESC LIMIT ?',
          )
          .all(state, limit) as TaskRow[],
    );
    rows.sort((a, b) => b.updated_at - a.updated_at);
    return rows.slice(0, limit).map((row) => this.decode(row));
  }

  loadWorkers(): ReturnType<Pictures['workers']> {
    return this.parts.pictures.workers();
  }

  loadQueues(): ReturnType<Pictures['queues']> {
    return this.parts.pictures.queues();
  }

  loadFact(name: string): unknown {
    return this.parts.pictures.fact(name);
  }

  loadOpenGaps(): Gap[] {
    return this.parts.pictures.openGaps();
  }

  addMetric(fact: MetricFact): void {
    this.metrics.add(fact, this.clock.now());
  }

  retentionStep(now: number): number {
    try {
      this.db.exec('BEGIN IMMEDIATE');
      const removed = this.retention.step(now, this.parts);
      this.parts.ids.flush();
      this.parts.counters.flush();
      this.db.exec('COMMIT');
      return removed;
    } catch (error) {
      this.rollBack([]);
      throw new AppError('store_failed', `Removing old tasks failed: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  checkpoint(): void {
    this.checkpoints.request();
  }

  rest(): void {
    this.db.pragma('shrink_memory');
  }

  stats(): { tasksStored: number; storeBytes: number; version: number } {
    const { total: tasksStored } = this.parts.counters;
    return { tasksStored, storeBytes: this.retention.fileBytes(), version: this.version };
  }

  close(): void {
    if (!this.db.open) return;
    const flush = () =>
      this.parts.rollups.flush(this.metrics.minutes, EVERY_DIMENSION, this.clock.now());
    try {
      this.db.transaction(flush).immediate();
    } catch (error) {
      this.logger.error({ reason: storeTrouble(error, this.path) }, 'the last metrics are lost');
    }
    this.checkpoints.close();
    this.db.close();
  }

  private dueDimensions(now: number): readonly Dimension[] {
    if (now - this.namesAt >= this.namesEveryMs || now < this.namesAt) return EVERY_DIMENSION;
    return now - this.metricsAt >= METRICS_EVERY_MS ? ['all'] : [];
  }

  private metricsWritten(dimensions: readonly Dimension[], rows: number, now: number): void {
    if (dimensions.length === 0) return;
    this.metrics.written(dimensions);
    this.metricsAt = now;
    if (dimensions !== EVERY_DIMENSION) return;
    const fitting = Math.min(rows * METRICS_MS_A_ROW, METRICS_AT_MOST_MS);
    this.namesEveryMs = Math.max(METRICS_EVERY_MS, fitting);
    this.namesAt = now;
  }

  private rollBack(created: readonly TaskRecord[]): void {
    if (this.db.inTransaction) this.db.exec('ROLLBACK');
    for (const record of created) record.rowId = 0;
    this.parts = createParts(this.db);
  }

  private decode(row: TaskRow): TaskRecord {
    return decodeTask(
      row,
      this.parts.names,
      (rowId) => this.longTexts.all(rowId) as { field: number; text: string }[],
    );
  }
}

function isSameId(stored: unknown, id: string): boolean {
  const encoded = encodeId(id);
  return typeof encoded === 'string' ? encoded === stored : decodeId(stored) === id;
}
