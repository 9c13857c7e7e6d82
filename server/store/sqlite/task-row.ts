// One task record as a row, and back. Rows that lists read stay small: texts beyond 1 KB keep a preview in the row and
// their whole in `long_text`; tracebacks live there always; rare fields share one JSON column.
import {
  FINAL_STATES,
  TASK_STATES,
  type FactSource,
  type TaskState,
} from '../../../lib/contract/index.ts';
import { createTaskRecord, type StoredKeys, type TaskRecord } from '../task-record.ts';
import type { Names } from './names.ts';
import { decodeId, decodeNullableId } from './task-id.ts';
import { decodeTimeline } from './timeline-text.ts';

export const INLINE_CHARS = 1024;
export const PREVIEW_CHARS = 256;
export const MAX_STORED_CHARS = 1_000_000;

export const LONG_FIELDS = [
  'args',
  'kwargs',
  'result',
  'exception',
  'traceback',
  'messageParts',
] as const;
/** From this one on, fields have no column of their own. */
export const FIRST_UNSHOWN_FIELD = 4;
export const LONG_MASK = 63;
export const ROOT_IS_SELF = 64;
export const SENT_AGAIN = 128;

export const STATE_NUMBER: Readonly<Record<TaskState, number>> = Object.fromEntries(
  TASK_STATES.map((state, index) => [state, index]),
) as Record<TaskState, number>;

export const FINAL_NUMBERS = numbersOf(true);
export const UNFINISHED_NUMBERS = numbersOf(false);

function numbersOf(isFinal: boolean): number[] {
  return TASK_STATES.filter((state) => FINAL_STATES.has(state) === isFinal).map(
    (state) => STATE_NUMBER[state],
  );
}

export type TaskRow = {
  id: number;
  uid: unknown;
  type_id: number;
  worker_id: number;
  queue_id: number;
  /** Exchange, routing key and publisher as one name; 0: in `extra`, or not known. */
  origin_id: number;
  state: number;
  revoking: number;
  updated_at: number;
  first_seen_at: number;
  sent_at: number | null;
  received_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  eta_at: number | null;
  wait_ms: number | null;
  runtime_ms: number | null;
  retries: number;
  priority: number | null;
  custom: string | null;
  args: string | null;
  kwargs: string | null;
  result: string | null;
  exception: string | null;
  /** One bit per field of `LONG_FIELDS` whose text is in `long_text`, `ROOT_IS_SELF` and `SENT_AGAIN`. */
  flags: number;
  root: unknown;
  parent: unknown;
  block: number | null;
  extra: string | null;
  timeline: string | null;
};

type Extra = [
  workerPid: number | null,
  exchange: string | null,
  routingKey: string | null,
  sentBy: string | null,
  expiresAt: number | null,
  argsSource: FactSource,
  argsExact: 0 | 1,
  groupId: string | null,
  retryOfId: string | null,
  retriedAsIds: string[],
  stateClock: number | null,
  timelineDropped: number,
];

/** Null when the row itself says it all, as it does for most tasks. `origin`: exchange, routing key and publisher are kept as a name. */
export function encodeExtra(record: TaskRecord, origin: boolean): string | null {
  const isPlain =
    origin &&
    record.workerPid === null &&
    record.expiresAt === null &&
    !record.argsExact &&
    record.argsSource === (record.args === null ? 'none' : 'event') &&
    record.groupId === null &&
    record.retryOfId === null &&
    record.retriedAsIds.length === 0 &&
    record.timelineDropped === 0 &&
    record.stateClock === lastClock(record.timeline);
  if (isPlain) return null;
  const extra: Extra = [
    record.workerPid,
    origin ? null : record.exchange,
    origin ? null : record.routingKey,
    origin ? null : record.sentBy,
    record.expiresAt,
    record.argsSource,
    record.argsExact ? 1 : 0,
    record.groupId,
    record.retryOfId,
    record.retriedAsIds,
    record.stateClock,
    record.timelineDropped,
  ];
  return JSON.stringify(extra);
}

function lastClock(timeline: TaskRecord['timeline']): number | null {
  return timeline[timeline.length - 1]?.clock ?? null;
}

export function expiresOf(row: TaskRow): number | null {
  return row.extra === null ? null : (JSON.parse(row.extra) as Extra)[4];
}

/** The row as a record; `longText` reads the texts that did not fit into the row. */
export function decodeTask(
  row: TaskRow,
  names: Names,
  longText: (rowId: number) => { field: number; text: string }[],
): TaskRecord {
  const record = createTaskRecord(decodeId(row.uid), row.first_seen_at);
  record.rowId = row.id;
  if (UNFINISHED_NUMBERS.includes(row.state)) record.stored = keysOf(row);
  record.type = names.text(row.type_id);
  record.worker = names.text(row.worker_id);
  record.queue = names.text(row.queue_id);
  record.state = TASK_STATES[row.state] ?? 'queued';
  record.customState = row.custom;
  record.revoking = row.revoking !== 0;
  record.updatedAt = row.updated_at;
  record.sentAt = row.sent_at;
  record.receivedAt = row.received_at;
  record.startedAt = row.started_at;
  record.finishedAt = row.finished_at;
  record.etaAt = row.eta_at;
  record.waitMs = row.wait_ms;
  record.runtimeMs = row.runtime_ms;
  record.retries = row.retries;
  record.priority = row.priority;
  record.args = row.args;
  record.kwargs = row.kwargs;
  record.result = row.result;
  record.exception = row.exception;
  if ((row.flags & LONG_MASK) !== 0) {
    for (const { field, text } of longText(row.id)) {
      const name = LONG_FIELDS[field];
      if (name !== undefined) record[name] = text;
    }
  }
  record.rootId = (row.flags & ROOT_IS_SELF) !== 0 ? record.id : decodeNullableId(row.root);
  record.parentId = decodeNullableId(row.parent);
  const extra = row.extra === null ? null : (JSON.parse(row.extra) as Extra);
  if (extra !== null) fillExtra(record, extra);
  if (row.origin_id !== 0) fillOrigin(record, names.text(row.origin_id));
  record.timeline = decodeTimeline(row.timeline, record);
  if (extra === null) {
    record.argsSource = record.args === null ? 'none' : 'event';
    record.stateClock = lastClock(record.timeline);
  }
  return record;
}

function keysOf({ type_id, worker_id, queue_id, state, flags, block }: TaskRow): StoredKeys {
  return { type_id, worker_id, queue_id, state, flags, block };
}

function fillExtra(record: TaskRecord, extra: Extra): void {
  [
    record.workerPid,
    record.exchange,
    record.routingKey,
    record.sentBy,
    record.expiresAt,
    record.argsSource,
  ] = extra;
  record.argsExact = extra[6] === 1;
  record.groupId = extra[7];
  record.retryOfId = extra[8];
  record.retriedAsIds = extra[9];
  record.stateClock = extra[10];
  record.timelineDropped = extra[11];
}

function fillOrigin(record: TaskRecord, text: string | null): void {
  const parts: unknown = text === null ? null : JSON.parse(text);
  if (!Array.isArray(parts)) return;
  [record.exchange, record.routingKey, record.sentBy] = parts as [
    string | null,
    string | null,
    string | null,
  ];
}
