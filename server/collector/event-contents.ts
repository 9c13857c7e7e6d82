// What an event says besides when and who: names, arguments, results. Of two events that say the same thing the later one
// (by the order of the timeline) wins, whichever arrived first; what is known exactly is never replaced by event text.
import { toJson } from '../../lib/python/to-json.ts';
import type { PyValue } from '../../lib/python/values.ts';
import type { RawEvent } from '../celery/event.ts';
import type { TaskRecord, TimelineFact } from '../store/task-record.ts';
import {
  MAX_FACT_TEXT_CHARS,
  MAX_FIELDS_CHARS,
  MAX_TEXT_CHARS,
  MAX_TRACEBACK_CHARS,
  cutText,
} from './bounds.ts';
import { count, finite, isoTime, shortText } from './raw-fields.ts';
import { isSecretName, MASK, type TextRedactor } from '../core/redact-text.ts';

/** Fields beside columns are few; made only when there is something to say. */
export function setField(fact: TimelineFact, name: string, value: unknown): void {
  (fact.fields ??= {})[name] = value;
}

function longText(
  fact: TimelineFact,
  name: string,
  value: unknown,
  max: number,
  redact: TextRedactor | null,
): string | null {
  if (typeof value !== 'string') return null;
  let text = value;
  if (text.length > max) {
    setField(fact, 'cut', { ...(fact.fields?.['cut'] as object | undefined), [name]: text.length });
  }
  text = cutText(text, max);
  return redact === null ? text : redact(text);
}

function hasLater(
  record: TaskRecord,
  index: number,
  isOne: (fact: TimelineFact) => boolean,
): boolean {
  for (let at = record.timeline.length - 1; at > index; at -= 1) {
    const fact = record.timeline[at];
    if (fact !== undefined && isOne(fact)) return true;
  }
  return false;
}

const describes = (fact: TimelineFact): boolean =>
  fact.type === 'task-received' || fact.type === 'task-sent';
const isNamed = (fact: TimelineFact): boolean =>
  describes(fact) && fact.fields !== null && fact.fields['name'] !== undefined;
const isSending = (fact: TimelineFact): boolean => fact.type === 'task-sent';
const succeeds = (fact: TimelineFact): boolean => fact.type === 'task-succeeded';
const fails = (fact: TimelineFact): boolean =>
  fact.type === 'task-failed' || fact.type === 'task-retried';

/** task-sent and task-received: what the task is. */
export function describe(
  record: TaskRecord,
  index: number,
  raw: RawEvent,
  redact: TextRedactor | null,
): void {
  const fact = record.timeline[index];
  if (fact === undefined || !describes(fact)) return;
  const retries = count(raw['retries']) ?? 0;
  const etaAt = isoTime(raw['eta']);
  if (retries > 0) setField(fact, 'retries', retries);
  if (etaAt !== null) setField(fact, 'eta', etaAt);
  const name = shortText(raw['name']);
  if (name !== null && record.type !== null) {
    if (record.type !== name) noteNames(record, fact, name);
    else if (record.timeline.some(isNamed)) setField(fact, 'name', name);
  }
  const later = hasLater(record, index, describes);
  if (name !== null && (record.type === null || !later)) record.type = name;
  if (!record.argsExact && (record.args === null || !later)) {
    record.args = longText(fact, 'args', raw['args'], MAX_TEXT_CHARS, redact) ?? record.args;
    record.kwargs =
      longText(fact, 'kwargs', raw['kwargs'], MAX_TEXT_CHARS, redact) ?? record.kwargs;
    if (record.args !== null) record.argsSource = 'event';
  }
  record.rootId ??= shortText(raw['root_id']);
  const parentId = shortText(raw['parent_id']);
  if (parentId !== null && parentId !== record.id) record.parentId ??= parentId;
  if (!later) {
    record.retries = retries;
    record.etaAt = etaAt;
    record.expiresAt = isoTime(raw['expires']);
  }
  if (isSending(fact)) describePublication(record, index, fact, raw);
}

/** The names differ: from now on each reception says its own. */
function noteNames(record: TaskRecord, fact: TimelineFact, name: string): void {
  for (const other of record.timeline) {
    if (describes(other) && other.fields?.['name'] === undefined) {
      setField(other, 'name', other === fact ? name : record.type);
    }
  }
}

function describePublication(
  record: TaskRecord,
  index: number,
  fact: TimelineFact,
  raw: RawEvent,
): void {
  if (record.timeline.findIndex(isSending) === index) {
    record.sentAt = Math.round(fact.at);
    record.sentBy = fact.hostname;
  }
  if (hasLater(record, index, isSending)) return;
  record.queue = shortText(raw['queue']) ?? record.queue;
  record.exchange =
    typeof raw['exchange'] === 'string' ? shortText(raw['exchange']) : record.exchange;
  record.routingKey = shortText(raw['routing_key']) ?? record.routingKey;
  record.priority = finite(raw['priority']) ?? record.priority;
}

/** How an attempt ended: result, exception, traceback, runtime, signal. Called after the state was derived. */
export function notesEnd(
  record: TaskRecord,
  index: number,
  raw: RawEvent,
  redact: TextRedactor | null,
): void {
  const fact = record.timeline[index];
  if (fact === undefined) return;
  switch (fact.type) {
    case 'task-succeeded':
      if (hasLater(record, index, succeeds)) return;
      record.result = longText(fact, 'result', raw['result'], MAX_TEXT_CHARS, redact);
      record.exception = null;
      record.traceback = null;
      noteRuntime(record, raw['runtime']);
      return;
    case 'task-failed':
    case 'task-retried':
      return noteFailure(record, index, fact, raw, redact);
    case 'task-revoked':
      if (raw['terminated'] === true) setField(fact, 'terminated', true);
      if (raw['expired'] === true) setField(fact, 'expired', true);
      if (typeof raw['signum'] === 'number' || typeof raw['signum'] === 'string') {
        setField(fact, 'signum', cutText(String(raw['signum']), 32));
      }
      return;
    default:
  }
}

function noteRuntime(record: TaskRecord, value: unknown): void {
  const seconds = finite(value);
  if (seconds !== null && seconds >= 0 && record.state === 'success') {
    record.runtimeMs = Math.round(seconds * 1_000_000) / 1000;
  }
}

function noteFailure(
  record: TaskRecord,
  index: number,
  fact: TimelineFact,
  raw: RawEvent,
  redact: TextRedactor | null,
): void {
  const traceback = longText(fact, 'traceback', raw['traceback'], MAX_TRACEBACK_CHARS, redact);
  const exception = longText(
    fact,
    'exception',
    realException(raw['exception'], traceback),
    MAX_TEXT_CHARS,
    redact,
  );
  if (fact.type === 'task-retried' && exception !== null) {
    setField(fact, 'exception', cutText(exception, MAX_FACT_TEXT_CHARS));
  }
  if (record.state === 'success' || hasLater(record, index, fails)) return;
  record.exception = exception;
  record.traceback = traceback;
}

/** billiard 4 sends a placeholder; the truth is then the last line of the traceback. */
function realException(exception: unknown, traceback: string | null): unknown {
  if (exception !== 'ExceptionWithTraceback()' || traceback === null) return exception;
  const line = traceback.trimEnd().split('\n').at(-1)?.trim();
  return line === undefined || line === '' ? exception : line;
}

const COMMON: ReadonlySet<string> = new Set([
  'type',
  'uuid',
  'hostname',
  'timestamp',
  'utcoffset',
  'pid',
  'clock',
  '__proto__',
]);

/** The fields of a custom event, bounded as JSON; too large ones are named with their size. */
export function customFields(
  raw: RawEvent,
  redact: TextRedactor | null,
): Record<string, unknown> | null {
  const fields: Record<string, unknown> = {};
  let room = MAX_FIELDS_CHARS;
  let some = false;
  for (const [name, given] of Object.entries(raw)) {
    if (COMMON.has(name) || name.length > 100) continue;
    if (room <= 0) break;
    some = true;
    const value = toJson(given as PyValue);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const kept = redact === null ? text : isSecretName(name, redact) ? MASK : redact(text);
    if (kept.length > room) {
      fields[name] = cutText(kept, Math.max(0, room));
      room = 0;
    } else {
      fields[name] = kept === text ? value : kept;
      room -= kept.length + name.length;
    }
  }
  return some ? fields : null;
}
