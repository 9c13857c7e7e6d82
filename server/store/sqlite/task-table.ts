// Writes task records: INSERT for new ones, UPDATE by rowid for the rest, one statement a task. It keeps the id index, the
// counters and the search lines in step. What the stored row counts as travels with an unfinished record (`stored`), so
// that nothing is read back; only finished tasks that change again are. Call inside a transaction.
import type { Database, Statement } from 'better-sqlite3';
import { FINAL_STATES } from '../../../lib/contract/index.ts';
import type { StoredKeys, TaskRecord } from '../task-record.ts';
import type { Counters } from './counters.ts';
import type { IdIndex } from './id-index.ts';
import type { WritableNames } from './names.ts';
import { encodeId, hashId, wellFormed } from './task-id.ts';
import {
  encodeExtra,
  FIRST_UNSHOWN_FIELD,
  INLINE_CHARS,
  LONG_FIELDS,
  MAX_STORED_CHARS,
  PREVIEW_CHARS,
  ROOT_IS_SELF,
  SENT_AGAIN,
  STATE_NUMBER,
} from './task-row.ts';
import type { TextLines } from './text-lines.ts';
import { encodeTimeline } from './timeline-text.ts';

const CHANGING =
  'type_id,worker_id,queue_id,origin_id,state,revoking,updated_at,sent_at,received_at,started_at,finished_at,eta_at,wait_ms,runtime_ms,retries,priority,custom,args,kwargs,result,exception,flags,root,parent,block,extra,timeline'.split(
    ',',
  );
const ONCE = ['uid', 'first_seen_at'];

export type TaskTableParts = {
  names: WritableNames;
  ids: IdIndex;
  counters: Counters;
  lines: TextLines;
};

export class TaskTable {
  private nextRow: number;
  private readonly parts: TaskTableParts;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly readOld: Statement;
  private readonly putLong: Statement;
  private readonly dropLong: Statement;

  constructor(db: Database, parts: TaskTableParts) {
    this.parts = parts;
    const columns = [...CHANGING, 'id', ...ONCE];
    this.insert = db.prepare(
      `INSERT INTO task (${columns.join(',')}) VALUES (${columns.map(() => '?').join(',')})`,
    );
    this.update = db.prepare(
      `UPDATE task SET ${CHANGING.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`,
    );
    this.readOld = db.prepare(
      'SELECT type_id, worker_id, queue_id, state, flags, block FROM task WHERE id = ?',
    );
    this.putLong = db.prepare(
      'INSERT OR REPLACE INTO long_text (task_id, field, text) VALUES (?, ?, ?)',
    );
    this.dropLong = db.prepare('DELETE FROM long_text WHERE task_id = ? AND field = ?');
    const highest = db.prepare('SELECT coalesce(max(id), 0) FROM task').pluck().get() as number;
    const block = db.prepare('SELECT coalesce(max(id), 0) FROM id_block').pluck().get() as number;
    this.nextRow = Math.max(highest + 1, block * 1024 + 1);
  }

  /** Writes one record. Answers with what its row counts as now; the caller keeps it when the transaction stands. */
  write(record: TaskRecord, now: number): { isNew: boolean; stored: StoredKeys } {
    const { names, counters, lines, ids } = this.parts;
    const old = record.rowId === 0 ? null : (record.stored ?? this.oldOf(record.rowId));
    const rowId = old === null ? this.nextRow : record.rowId;
    const type = names.idFor('type', record.type);
    const worker = names.idFor('worker', record.worker);
    const queue = names.idFor('queue', record.queue);
    const origin = names.originId(record.exchange, record.routingKey, record.sentBy);
    const state = STATE_NUMBER[record.state];
    if (old !== null && old.block !== null) lines.forget(old.block);
    const block = FINAL_STATES.has(record.state) ? lines.add(record, rowId) : null;
    const isSelf = record.rootId === record.id;
    let flags = isSelf ? ROOT_IS_SELF : 0;
    if (record.retriedAsIds.length > 0) flags |= SENT_AGAIN;
    const oldFlags = old?.flags ?? 0;
    for (let field = 0; field < LONG_FIELDS.length; field += 1) {
      flags |= this.putAside(record, field, rowId, oldFlags);
    }
    const stored = { type_id: type, worker_id: worker, queue_id: queue, state, flags, block };
    const values = [
      type,
      worker,
      queue,
      origin ?? 0,
      state,
      record.revoking ? 1 : 0,
      finite(record.updatedAt) ?? now,
      finite(record.sentAt),
      finite(record.receivedAt),
      finite(record.startedAt),
      finite(record.finishedAt),
      finite(record.etaAt),
      finite(record.waitMs),
      finite(record.runtimeMs),
      finite(record.retries) ?? 0,
      finite(record.priority),
      record.customState === null ? null : wellFormed(record.customState),
      inRow(record.args),
      inRow(record.kwargs),
      inRow(record.result),
      inRow(record.exception),
      flags,
      isSelf || record.rootId === null ? null : encodeId(record.rootId),
      record.parentId === null ? null : encodeId(record.parentId),
      block,
      encodeExtra(record, origin !== null),
      encodeTimeline(record),
      rowId,
    ];
    if (old !== null) {
      this.update.run(values);
      if (!isSame(old, stored)) {
        counters.add(old, -1);
        counters.add(stored, 1);
      }
      return { isNew: false, stored };
    }
    values.push(encodeId(record.id), finite(record.firstSeenAt) ?? now);
    this.insert.run(values);
    this.nextRow += 1;
    counters.add(stored, 1);
    ids.add(hashId(wellFormed(record.id)), rowId);
    record.rowId = rowId;
    return { isNew: true, stored };
  }

  private oldOf(rowId: number): StoredKeys | null {
    return (this.readOld.get(rowId) as StoredKeys | undefined) ?? null;
  }

  /** The bit of a text that does not fit into the row and was put into a table of its own. */
  private putAside(record: TaskRecord, field: number, rowId: number, oldFlags: number): number {
    const text = record[LONG_FIELDS[field] ?? 'args'];
    const bit = 1 << field;
    if (text !== null && (field >= FIRST_UNSHOWN_FIELD || text.length > INLINE_CHARS)) {
      this.putLong.run(rowId, field, bounded(wellFormed(text)));
      return bit;
    }
    if ((oldFlags & bit) !== 0) this.dropLong.run(rowId, field);
    return 0;
  }
}

function isSame(a: StoredKeys, b: StoredKeys): boolean {
  return (
    a.state === b.state &&
    a.type_id === b.type_id &&
    a.worker_id === b.worker_id &&
    a.queue_id === b.queue_id
  );
}

function inRow(text: string | null): string | null {
  if (text === null) return null;
  const sound = wellFormed(text);
  return sound.length > INLINE_CHARS ? sound.slice(0, PREVIEW_CHARS) : sound;
}

function bounded(text: string): string {
  return text.length > MAX_STORED_CHARS ? `${text.slice(0, MAX_STORED_CHARS)}…` : text;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
