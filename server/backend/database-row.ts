// Rows of Celery's result tables, read and written. Mirrors celery.backends.database; a missing column is null.
import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { JSON_RESULTS, type ResultCodec } from '../celery/codec/result-codec.ts';
import { viewPickle } from '../celery/codec/pickle-view.ts';
import { writePickle } from '../celery/codec/pickle-write.ts';
import { exceptionFrom, exceptionValue, type ResultMeta } from '../celery/result-meta.ts';
import { decodeResultTuple, encodeResultTuple } from '../celery/result-tuple.ts';
import { EXCEPTION_STATES, READY_STATES } from '../celery/states.ts';

const PICKLE_PROTOCOL = 0x80;

export type TaskRow = {
  task_id: string;
  status: string;
  result: Buffer | null;
  date_done: string | Date | null;
  traceback: string | null;
  children?: Buffer | null | undefined;
  name?: string | null | undefined;
  args?: Buffer | string | null | undefined;
  kwargs?: Buffer | string | null | undefined;
  worker?: string | null | undefined;
  retries?: number | null | undefined;
  queue?: string | null | undefined;
  stamps?: Buffer | null | undefined;
};

export type GroupRow = { taskset_id: string; result: Buffer | null };

export function rowToMeta(row: TaskRow, codec: ResultCodec): ResultMeta {
  const result = fromStored(row.result, codec);
  const { name = null, worker = null, retries = null, queue = null } = row;
  const isExtended = name !== null || worker !== null || queue !== null;
  const children = fromBytes(row.children, codec);
  const stamps = fromBytes(row.stamps, codec);
  return {
    taskId: row.task_id,
    status: row.status,
    result,
    exception: EXCEPTION_STATES.has(row.status) ? exceptionFrom(result) : null,
    traceback: row.traceback,
    children: Array.isArray(children)
      ? children.flatMap((child) => decodeResultTuple(child) ?? [])
      : null,
    doneAt: READY_STATES.has(row.status) ? toEpochMs(row.date_done) : null,
    groupId: null,
    parentId: null,
    extended: isExtended
      ? {
          ...{ name, worker, retries, queue },
          args: fromBytes(row.args, codec),
          kwargs: fromBytes(row.kwargs, codec),
        }
      : null,
    ...stampsFrom(stamps),
  };
}

function stampsFrom(value: PyValue): Pick<ResultMeta, 'stampedHeaders' | 'extra'> {
  if (!isPyDict(value) || !Array.isArray(value['stamped_headers'])) {
    return { stampedHeaders: null, extra: {} };
  }
  const names = value['stamped_headers'].filter((one): one is string => typeof one === 'string');
  const { stamps } = value;
  return { stampedHeaders: names, extra: isPyDict(stamps) ? stamps : {} };
}

/** `isPickled`: as Celery before 5.7 wrote it, without the columns that came then. */
export function metaToRow(meta: ResultMeta, isPickled: boolean, codec: ResultCodec): TaskRow {
  const bytes = (value: PyValue) => toBytes(value, codec);
  const { exception, extended, children, stampedHeaders } = meta;
  const result = exception === null ? meta.result : exceptionValue(exception);
  const row: TaskRow = {
    task_id: meta.taskId,
    status: meta.status,
    result: isPickled ? writePickle(result) : bytes(result),
    // As Celery's column, with every change: by it, what was begun and never ended is cleaned up.
    date_done: toDatabaseTime(meta.doneAt ?? Date.now()),
    traceback: meta.traceback,
  };
  if (extended !== null) {
    const { name, worker, retries, queue, args, kwargs } = extended;
    Object.assign(row, {
      name,
      worker,
      retries,
      queue,
      args: bytes(args),
      kwargs: bytes(kwargs),
    });
  }
  if (isPickled) return row;
  const hasChildren = children !== null && children.length > 0;
  row.children = hasChildren ? bytes(children.map(encodeResultTuple)) : null;
  if (stampedHeaders !== null && stampedHeaders.length > 0) {
    const stamps: PyDict = {};
    for (const name of stampedHeaders) stamps[name] = meta.extra[name] ?? null;
    row.stamps = bytes({ stamped_headers: stampedHeaders, stamps });
  }
  return row;
}

export function toBytes(value: PyValue, codec: ResultCodec): Buffer {
  return Buffer.from(codec.encode(value));
}

/** Older Celery stores a pickle, which is only looked at; newer stores the bytes of `result_serializer`. */
export function fromStored(bytes: Buffer | null, codec: ResultCodec = JSON_RESULTS): PyValue {
  if (bytes === null) return null;
  if (bytes[0] !== PICKLE_PROTOCOL || bytes.length === 1) return fromBytes(bytes, codec);
  const view = viewPickle(bytes);
  return view.ok ? view.value : null;
}

function fromBytes(bytes: Buffer | string | null | undefined, codec: ResultCodec): PyValue {
  return bytes === null || bytes === undefined ? null : (codec.decode(bytes) ?? null);
}

/** Without a zone, which is UTC. */
export function toDatabaseTime(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, -1)}000`;
}

/** SQLite has text without a zone, which is UTC. */
function toEpochMs(value: string | Date | null): number | null {
  if (value === null) return null;
  if (value instanceof Date) return value.getTime();
  const text = value.replace(' ', 'T');
  const at = Date.parse(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? null : at;
}
