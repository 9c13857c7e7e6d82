// The tables of one cluster's store and how a file gets them. `user_version` counts the migrations that were applied; a
// file that a newer Umbel wrote, or a build with other tables, is refused. Times are epoch milliseconds; names of types, workers and queues are numbers
// of the `name` table (0: not known); ids are 16 bytes when they are UUIDs, else text.
import type { Database } from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';
import { hashId } from './task-id.ts';

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    uid NOT NULL,
    type_id INTEGER NOT NULL,
    worker_id INTEGER NOT NULL,
    queue_id INTEGER NOT NULL,
    origin_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    revoking INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    sent_at INTEGER,
    received_at INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    eta_at INTEGER,
    wait_ms REAL,
    runtime_ms REAL,
    retries INTEGER NOT NULL,
    priority INTEGER,
    custom TEXT,
    args TEXT,
    kwargs TEXT,
    result TEXT,
    exception TEXT,
    flags INTEGER NOT NULL,
    root,
    parent,
    block INTEGER,
    extra TEXT,
    timeline TEXT
  );
  CREATE INDEX task_updated ON task (updated_at);
  CREATE INDEX task_state ON task (state, updated_at);
  CREATE INDEX task_type ON task (type_id, updated_at);
  CREATE INDEX task_worker ON task (worker_id, updated_at);
  CREATE INDEX task_queue ON task (queue_id, updated_at);
  CREATE INDEX task_received_apart ON task (received_at) WHERE abs(updated_at - received_at) > 250;
  CREATE INDEX task_started_apart ON task (started_at) WHERE abs(updated_at - started_at) > 250;
  CREATE INDEX task_finished_apart ON task (finished_at) WHERE abs(updated_at - finished_at) > 250;
  CREATE INDEX task_retried ON task (retries, updated_at) WHERE retries > 0;
  CREATE INDEX task_root ON task (root) WHERE root IS NOT NULL;
  CREATE INDEX task_parent ON task (parent) WHERE parent IS NOT NULL;

  CREATE TABLE name (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (kind, text));
  CREATE TABLE long_text (task_id INTEGER, field INTEGER, text TEXT NOT NULL, PRIMARY KEY (task_id, field)) WITHOUT ROWID;
  CREATE TABLE id_block (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
  CREATE TABLE text_block (
    id INTEGER PRIMARY KEY, newest_at INTEGER NOT NULL, oldest_at INTEGER NOT NULL, live INTEGER NOT NULL, row_ids BLOB NOT NULL, body BLOB NOT NULL
  );
  CREATE TABLE text_tail (task_id INTEGER PRIMARY KEY, updated_at INTEGER NOT NULL, line TEXT NOT NULL);
  CREATE TABLE counter (
    dim INTEGER, key INTEGER, state INTEGER, n INTEGER NOT NULL, PRIMARY KEY (dim, key, state)
  ) WITHOUT ROWID;

  CREATE TABLE roll_minute (
    dim INTEGER, key INTEGER, at INTEGER, success INTEGER NOT NULL, failure INTEGER NOT NULL, retry INTEGER NOT NULL,
    revoked INTEGER NOT NULL, rejected INTEGER NOT NULL, wait BLOB, runtime BLOB, PRIMARY KEY (dim, key, at)
  ) WITHOUT ROWID;
  CREATE TABLE roll_hour (
    dim INTEGER, key INTEGER, at INTEGER, success INTEGER NOT NULL, failure INTEGER NOT NULL, retry INTEGER NOT NULL,
    revoked INTEGER NOT NULL, rejected INTEGER NOT NULL, wait BLOB, runtime BLOB, PRIMARY KEY (dim, key, at)
  ) WITHOUT ROWID;
  CREATE TABLE roll_total (
    dim INTEGER, key INTEGER, at INTEGER, success INTEGER NOT NULL, failure INTEGER NOT NULL, retry INTEGER NOT NULL,
    revoked INTEGER NOT NULL, rejected INTEGER NOT NULL, wait BLOB, runtime BLOB, PRIMARY KEY (dim, key, at)
  ) WITHOUT ROWID;

  CREATE TABLE worker (hostname TEXT PRIMARY KEY, detail TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE queue (name TEXT PRIMARY KEY, detail TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE queue_sample (
    queue_id INTEGER, at INTEGER, ready INTEGER, in_flight INTEGER, consumers INTEGER, PRIMARY KEY (queue_id, at)
  ) WITHOUT ROWID;
  CREATE INDEX queue_sample_at ON queue_sample (at);
  CREATE TABLE gap (
    started_at INTEGER, cause TEXT, ended_at INTEGER, detail TEXT NOT NULL, lost_count INTEGER,
    PRIMARY KEY (started_at, cause)
  ) WITHOUT ROWID;
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
  // What changes with every heartbeat, apart from the answers that make a worker's picture large.
  `
  CREATE TABLE worker_summary (hostname TEXT PRIMARY KEY, summary TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO worker_summary SELECT hostname, json_remove(detail, '$.running', '$.reserved', '$.scheduled', '$.revoked',
    '$.registered', '$.activeQueues', '$.stats', '$.conf', '$.supports') FROM worker;
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the file to this version's schema; throws `store_newer` when it is past it, `bad_configuration` when it never was of ours. */
export function migrate(db: Database, path: string): void {
  applyMigrations(db, path, MIGRATIONS);
}

/** `application_id` keeps a fingerprint of the migrations that made the file: a build of another layout is told from this one. */
export function applyMigrations(db: Database, path: string, migrations: readonly string[]): void {
  db.transaction(() => {
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version > migrations.length) {
      throw new AppError(
        'store_newer',
        `The store ${path} was written by a newer version of Umbel (schema ${version}, this one knows ${migrations.length}). Start that version, or choose another data directory.`,
        { details: { path, found: version, known: migrations.length } },
      );
    }
    const madeBy = db.pragma('application_id', { simple: true }) as number;
    if (version > 0 && madeBy !== fingerprint(migrations.slice(0, version))) {
      throw new AppError(
        'bad_configuration',
        `The store ${path} was written by an unreleased build of Umbel with other tables. Delete it, or choose another data directory.`,
        { details: { path } },
      );
    }
    if (version === migrations.length) return;
    for (const sql of migrations.slice(version)) db.exec(sql);
    db.pragma(`user_version = ${migrations.length}`);
    db.pragma(`application_id = ${fingerprint(migrations)}`);
  }).immediate();
}

function fingerprint(migrations: readonly string[]): number {
  return hashId(migrations.join(';').replace(/\s+/g, ' '));
}
