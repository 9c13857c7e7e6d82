// Result records as key-value backends and rpc:// carry them: read and written as JSON text.
// Mirrors celery.backends.base. Knows no backend and never builds an exception.

import { isPyDict, PyTuple, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decodeKombuJson, encodeKombuJson } from './codec/kombu-json.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import { integerOrNull, isoToMs, msToIso, textOrNull } from './fields.ts';
import { decodeResultTuple, encodeResultTuple, type ResultTuple } from './result-tuple.ts';
import { EXCEPTION_STATES } from './states.ts';

export type { ResultTuple };

export const RESULT_KEY_PREFIX = 'celery-task-meta-';
export const GROUP_KEY_PREFIX = 'celery-taskset-meta-';

export type ExceptionInfo = {
  /** Qualified class name, e.g. `ValueError`. */
  excType: string;
  /** Usually the list of constructor arguments; some writers give a text. */
  excMessage: PyValue;
  excModule: string | null;
};

/** What `result_extended` adds. */
export type ExtendedResult = {
  name: string | null;
  args: PyValue;
  kwargs: PyValue;
  worker: string | null;
  retries: number | null;
  queue: string | null;
};

export type ResultMeta = {
  taskId: string;
  status: string;
  result: PyValue;
  /** Set for exception states whose result describes an exception. */
  exception: ExceptionInfo | null;
  traceback: string | null;
  children: ResultTuple[] | null;
  doneAt: number | null;
  groupId: string | null;
  parentId: string | null;
  extended: ExtendedResult | null;
  stampedHeaders: string[] | null;
  /** Top-level keys that are not Celery's own: stamps, mostly. */
  extra: PyDict;
};

const OWN_KEYS: ReadonlySet<string> = new Set([
  'status',
  'result',
  'traceback',
  'children',
  'date_done',
  'group_id',
  'parent_id',
  'name',
  'args',
  'kwargs',
  'worker',
  'retries',
  'queue',
  'stamped_headers',
  'task_id',
]);

/** Never throws. */
export function decodeResultMeta(input: string | Uint8Array): Decoded<ResultMeta> {
  const document = decodeKombuJson(input);
  return document.ok ? resultMetaFrom(document.value) : document;
}

/** From a value that was read already, e.g. the body of an rpc message. */
export function resultMetaFrom(value: PyValue): Decoded<ResultMeta> {
  if (!isPyDict(value)) return undecodable('not_a_result', 'A result record is an object');
  const status = textOrNull(value['status']);
  const taskId = textOrNull(value['task_id']);
  if (status === null) return undecodable('not_a_result', 'A record has a status', 'status');
  if (taskId === null) return undecodable('not_a_result', 'A record has a task id', 'task_id');
  const extra: PyDict = {};
  for (const [key, item] of Object.entries(value)) {
    if (!OWN_KEYS.has(key)) setKey(extra, key, item);
  }
  const result = value['result'] ?? null;
  const { children } = value;
  return decoded({
    taskId,
    status,
    result,
    exception: EXCEPTION_STATES.has(status) ? exceptionFrom(result) : null,
    traceback: textOrNull(value['traceback']),
    children: Array.isArray(children)
      ? children.flatMap((child) => decodeResultTuple(child) ?? [])
      : null,
    doneAt: isoToMs(value['date_done']),
    groupId: textOrNull(value['group_id']),
    parentId: textOrNull(value['parent_id']),
    extended: 'name' in value || 'worker' in value ? extendedFrom(value) : null,
    stampedHeaders: stampsOf(value['stamped_headers']),
    extra,
  });
}

function stampsOf(value: PyValue | undefined): string[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter((name): name is string => typeof name === 'string');
}

export function exceptionFrom(value: PyValue): ExceptionInfo | null {
  if (!isPyDict(value)) return null;
  const excType = textOrNull(value['exc_type']);
  if (excType === null) return null;
  return {
    excType,
    excMessage: toList(value['exc_message'] ?? null),
    excModule: textOrNull(value['exc_module']),
  };
}

/** A pickle keeps a tuple where JSON has a list. */
function toList(value: PyValue): PyValue {
  return value instanceof PyTuple ? [...value.items] : value;
}

export function exceptionValue(exception: ExceptionInfo): PyDict {
  return {
    exc_type: exception.excType,
    exc_message: exception.excMessage,
    exc_module: exception.excModule,
  };
}

function extendedFrom(value: PyDict): ExtendedResult {
  return {
    name: textOrNull(value['name']),
    args: value['args'] ?? null,
    kwargs: value['kwargs'] ?? null,
    worker: textOrNull(value['worker']),
    retries: integerOrNull(value['retries']),
    queue: textOrNull(value['queue']),
  };
}

/** The parts of a record; all but `taskId` and `status` have Celery's defaults. */
export type ResultMetaDraft = Pick<ResultMeta, 'taskId' | 'status'> & Partial<ResultMeta>;

/** A whole record from the parts that are known. */
export function emptyResultMeta(draft: ResultMetaDraft): ResultMeta {
  return {
    result: null,
    exception: null,
    traceback: null,
    children: [],
    doneAt: null,
    groupId: null,
    parentId: null,
    extended: null,
    stampedHeaders: null,
    extra: {},
    ...draft,
  };
}

export function encodeResultMeta(meta: ResultMetaDraft): string {
  return encodeKombuJson(resultMetaValue(meta));
}

/** Keys in Celery's own order; `exception` stands for the result where it is given. */
export function resultMetaValue(meta: ResultMetaDraft): PyDict {
  const { exception = null, children = [], doneAt = null, extended = null } = meta;
  const value: PyDict = {
    status: meta.status,
    result: exception === null ? (meta.result ?? null) : exceptionValue(exception),
    traceback: meta.traceback ?? null,
    children: children === null ? null : children.map(encodeResultTuple),
    date_done: doneAt === null ? null : msToIso(doneAt),
  };
  if (meta.groupId !== undefined && meta.groupId !== null) value['group_id'] = meta.groupId;
  if (meta.parentId !== undefined && meta.parentId !== null) value['parent_id'] = meta.parentId;
  if (extended !== null) Object.assign(value, extended);
  if (meta.stampedHeaders !== undefined && meta.stampedHeaders !== null) {
    value['stamped_headers'] = meta.stampedHeaders;
  }
  for (const [key, item] of Object.entries(meta.extra ?? {})) setKey(value, key, item);
  value['task_id'] = meta.taskId;
  return value;
}
