// One task by its id: the hash blocks propose rows, newest first, the rows decide.
import { isTruncatedRepr } from '../../../../lib/python/repr.ts';
import {
  TASK_STATES,
  type TaskDetail,
  type TaskSummary,
  type TaskText,
} from '../../../../lib/contract/index.ts';
import { isMasked } from '../../../core/redact-text.ts';
import type { TaskRecord } from '../../task-record.ts';
import { ID_BLOCK_ROWS, toHashes } from '../id-index.ts';
import { decodeId, decodeNullableId, encodeId, hashId, wellFormed } from '../task-id.ts';
import { decodeTask, expiresOf, PREVIEW_CHARS, ROOT_IS_SELF, type TaskRow } from '../task-row.ts';
import type { Connection } from './connection.ts';

const MAX_CHILDREN = 200;

export function findRows({ db }: Connection, ids: readonly string[]): Map<string, TaskRow> {
  const found = new Map<string, TaskRow>();
  const wanted = new Map<number, string[]>();
  for (const id of ids) {
    const hash = hashId(wellFormed(id));
    wanted.set(hash, [...(wanted.get(hash) ?? []), id]);
  }
  const byRow = db.prepare('SELECT * FROM task WHERE id = ?');
  const blocks = db.prepare('SELECT id, hashes FROM id_block ORDER BY id DESC');
  for (const block of blocks.iterate() as Iterable<{ id: number; hashes: Buffer }>) {
    const hashes = toHashes(block.hashes);
    for (const [hash, same] of wanted) {
      for (let at = hashes.indexOf(hash); at >= 0; at = hashes.indexOf(hash, at + 1)) {
        const row = byRow.get(block.id * ID_BLOCK_ROWS + at) as TaskRow | undefined;
        const id = row === undefined ? null : decodeId(row.uid);
        for (const candidate of same) {
          if (row !== undefined && wellFormed(candidate) === id) found.set(candidate, row);
        }
      }
    }
    if (found.size === ids.length) break;
  }
  return found;
}

export function getTaskRecords(connection: Connection, ids: readonly string[]): TaskRecord[] {
  return [...findRows(connection, [...new Set(ids)]).values()].map((row) =>
    toRecord(connection, row),
  );
}

function toRecord({ db, names }: Connection, row: TaskRow): TaskRecord {
  const longTexts = db.prepare('SELECT field, text FROM long_text WHERE task_id = ?');
  return decodeTask(
    row,
    names,
    (rowId) => longTexts.all(rowId) as { field: number; text: string }[],
  );
}

export function getTask(connection: Connection, id: string): TaskDetail | null {
  const row = findRows(connection, [id]).get(id);
  if (row === undefined) return null;
  const { db } = connection;
  const record = toRecord(connection, row);
  const own = encodeId(record.id);
  const children = db
    .prepare('SELECT uid FROM task WHERE parent = ? ORDER BY id LIMIT ?')
    .pluck()
    .all(own, MAX_CHILDREN);
  const childCount = db
    .prepare('SELECT count(*) FROM task WHERE parent = ?')
    .pluck()
    .get(own) as number;
  return {
    ...toSummary(connection, row),
    argsText: textOf(record.args, record.argsExact, record.argsSource),
    kwargsText: textOf(record.kwargs, record.argsExact, record.argsSource),
    resultText: textOf(record.result, false, resultSource(record.timeline)),
    traceback: record.traceback,
    timeline: record.timeline.map((fact) => ({ ...fact, fields: fact.fields ?? {} })),
    timelineDropped: record.timelineDropped,
    routingKey: record.routingKey,
    exchange: record.exchange,
    sentBy: record.sentBy,
    workerPid: record.workerPid,
    groupId: record.groupId,
    childIds: children.map(decodeId),
    childCount,
    retryOfId: record.retryOfId,
    retriedAsIds: record.retriedAsIds,
    progress: null,
    resultMeta: null,
    notes: [],
  };
}

/** An event carries a result, or the result backend told it where no event had come. */
function resultSource(timeline: readonly { type: string; source: string }[]): 'event' | 'result' {
  const tellsResult = ({ type }: { type: string }) => type === 'task-succeeded' || type === 'found';
  return timeline.findLast(tellsResult)?.source === 'result' ? 'result' : 'event';
}

function textOf(text: string | null, isExact: boolean, source: TaskText['source']): TaskText {
  if (text === null) return { text, fidelity: 'unknown', source: 'none', sizeBytes: null };
  return {
    text,
    fidelity: isExact ? 'exact' : fidelityOf(text),
    source,
    sizeBytes: Buffer.byteLength(text),
  };
}

function fidelityOf(text: string): TaskText['fidelity'] {
  if (isMasked(text)) return 'redacted';
  const isCut = isTruncatedRepr(text) || /(\.\.\.|…)['"),\]}]*$/.test(text);
  return isCut ? 'shortened' : 'text';
}

export function toSummary({ names }: Connection, row: TaskRow): TaskSummary {
  const id = decodeId(row.uid);
  return {
    id,
    type: names.text(row.type_id),
    state: TASK_STATES[row.state] ?? 'queued',
    customState: row.custom,
    revoking: row.revoking !== 0,
    worker: names.text(row.worker_id),
    queue: names.text(row.queue_id),
    priority: row.priority,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    etaAt: row.eta_at,
    expiresAt: expiresOf(row),
    updatedAt: row.updated_at,
    waitMs: row.wait_ms,
    runtimeMs: row.runtime_ms,
    retries: row.retries,
    args: preview(row.args),
    kwargs: preview(row.kwargs),
    result: preview(row.result),
    exception: preview(row.exception),
    rootId: (row.flags & ROOT_IS_SELF) !== 0 ? id : decodeNullableId(row.root),
    parentId: decodeNullableId(row.parent),
  };
}

function preview(text: string | null): string | null {
  return text !== null && text.length > PREVIEW_CHARS ? text.slice(0, PREVIEW_CHARS) : text;
}
