// What each fact does to a task's state, in the order of the facts: Celery's precedence (celery.events.state), with the
// exceptions that docs/spec.md numbers ST1 ff. Works on the record alone; a record can be replayed from its timeline.
import { PRESUMED_STATES, type TaskState } from '../../lib/contract/index.ts';
import type { TaskRecord, TimelineFact } from '../store/task-record.ts';

/** Larger is stronger. Custom states stand with `started`. */
const STRENGTH: Readonly<Record<TaskState, number>> = {
  success: 9,
  failure: 8,
  revoked: 6,
  started: 5,
  received: 4,
  scheduled: 4,
  rejected: 3,
  retry: 2,
  queued: 1,
  lost: 0,
  unseen: 0,
};

function mayBecome(record: TaskRecord, state: TaskState): boolean {
  if (record.state === 'retry' || record.state === 'unseen') return true;
  return STRENGTH[state] >= STRENGTH[record.state];
}

function fieldNumber(fact: TimelineFact, name: string): number | null {
  const value = fact.fields?.[name];
  return typeof value === 'number' ? value : null;
}

/** Recomputes everything that the order of facts decides. */
export function replay(record: TaskRecord, now: number): void {
  const reported = record.state === 'success' ? record.runtimeMs : null;
  record.state = 'queued';
  record.customState = null;
  record.worker = null;
  record.stateClock = null;
  record.receivedAt = null;
  record.startedAt = null;
  record.finishedAt = null;
  record.runtimeMs = null;
  for (let index = 0; index < record.timeline.length; index += 1) step(record, index, now);
  if (isSuccess(record) && reported !== null) record.runtimeMs = reported;
}

/** Applies the fact at `index`, the newest so far. */
export function step(record: TaskRecord, index: number, now: number): void {
  const fact = record.timeline[index];
  if (fact === undefined) return;
  switch (fact.type) {
    case 'task-sent':
    case 'seen-queued':
      return sent(record, now);
    case 'task-received':
    case 'seen-reserved':
      return received(record, index, fact, now);
    case 'task-started':
    case 'seen-active':
      return started(record, fact);
    case 'task-succeeded':
      return ended(record, fact, 'success');
    case 'task-failed':
      return ended(record, fact, 'failure');
    case 'task-revoked':
      return ended(record, fact, 'revoked');
    case 'task-rejected':
      return rejected(record, fact);
    case 'task-retried':
      return retried(record, index, fact);
    case 'task-cancelled':
      return cancelled(record, fact);
    case 'lost':
      if (STRENGTH[record.state] < STRENGTH.revoked) setState(record, 'lost', fact);
      return;
    case 'found':
      return found(record, fact);
    case 'seen-in-flight':
      return delivered(record, fact, now);
    case 'ended-unseen':
      return endedUnseen(record, fact);
    default:
      if (fact.type.startsWith('task-')) custom(record, fact);
  }
}

function setState(record: TaskRecord, state: TaskState, fact: TimelineFact): void {
  record.state = state;
  record.stateClock = fact.clock;
  record.customState = null;
}

function sent(record: TaskRecord, now: number): void {
  if (record.state !== 'queued' && !PRESUMED_STATES.has(record.state)) return;
  record.state = waitsForEta(record, now) ? 'scheduled' : 'queued';
}

export function waitsForEta(record: TaskRecord, now: number): boolean {
  return record.etaAt !== null && record.etaAt > now;
}

function received(record: TaskRecord, index: number, fact: TimelineFact, now: number): void {
  record.receivedAt = Math.round(fact.at);
  const replaced = record.state === 'started' && isReplacement(record, index, fact);
  if (!replaced && !mayBecome(record, 'received')) return;
  setState(record, waitsForEta(record, now) ? 'scheduled' : 'received', fact);
  record.worker = fact.hostname;
  record.finishedAt = null;
}

/** Received again with another name: the task replaced itself. */
function isReplacement(record: TaskRecord, index: number, fact: TimelineFact): boolean {
  const name = fact.fields?.['name'];
  if (typeof name !== 'string') return false;
  for (let at = index - 1; at >= 0; at -= 1) {
    const before = record.timeline[at];
    if (before?.type !== 'task-received') continue;
    return typeof before.fields?.['name'] === 'string' && before.fields['name'] !== name;
  }
  return false;
}

function started(record: TaskRecord, fact: TimelineFact): void {
  if (!mayBecome(record, 'started')) return;
  setState(record, 'started', fact);
  record.startedAt = Math.round(fact.at);
  record.finishedAt = null;
  record.worker = fact.hostname;
}

function ended(
  record: TaskRecord,
  fact: TimelineFact,
  state: 'success' | 'failure' | 'revoked',
): void {
  if (!mayBecome(record, state)) return;
  setState(record, state, fact);
  finish(record, fact);
}

function finish(record: TaskRecord, fact: TimelineFact): void {
  record.finishedAt = Math.round(fact.at);
  record.revoking = false;
  if (fact.hostname !== null) record.worker = fact.hostname;
  record.runtimeMs =
    fieldNumber(fact, 'runtimeMs') ??
    (record.startedAt === null ? null : Math.max(0, Math.round(fact.at) - record.startedAt));
}

function rejected(record: TaskRecord, fact: TimelineFact): void {
  if (STRENGTH[record.state] >= STRENGTH.revoked) return;
  if (fact.fields?.['requeue'] === true) {
    setState(record, 'queued', fact);
    return;
  }
  setState(record, 'rejected', fact);
  finish(record, fact);
}

function retried(record: TaskRecord, index: number, fact: TimelineFact): void {
  if (STRENGTH[record.state] >= STRENGTH.revoked || isLateRetry(record, index)) return;
  setState(record, 'retry', fact);
  record.worker = fact.hostname;
}

/** The next attempt started before the end of this one was announced. */
function isLateRetry(record: TaskRecord, index: number): boolean {
  let attempts = 0;
  let latest = -1;
  let ended = 0;
  let running = false;
  for (let at = 0; at < index; at += 1) {
    const fact = record.timeline[at];
    if (fact?.type === 'task-received') {
      const retries = fieldNumber(fact, 'retries') ?? 0;
      if (retries > latest) {
        latest = retries;
        attempts += 1;
        running = false;
      }
    } else if (fact?.type === 'task-started') running = true;
    else if (fact?.type === 'task-retried') ended += 1;
  }
  return running && ended < attempts - 1;
}

function cancelled(record: TaskRecord, fact: TimelineFact): void {
  if (STRENGTH[record.state] < STRENGTH.revoked) setState(record, 'retry', fact);
}

/** Somebody has its message; who, only an event or a worker's answer says. */
function delivered(record: TaskRecord, fact: TimelineFact, now: number): void {
  const { state } = record;
  if (state !== 'queued' && state !== 'scheduled' && !PRESUMED_STATES.has(state)) return;
  setState(record, waitsForEta(record, now) ? 'scheduled' : 'received', fact);
}

function endedUnseen(record: TaskRecord, fact: TimelineFact): void {
  if (STRENGTH[record.state] > STRENGTH.started) return;
  setState(record, 'unseen', fact);
  record.revoking = false;
}

function custom(record: TaskRecord, fact: TimelineFact): void {
  if (STRENGTH[record.state] > STRENGTH.started) return;
  if (record.state !== 'started') {
    setState(record, 'started', fact);
    if (fact.hostname !== null) record.worker = fact.hostname;
  }
  record.customState = fact.type.slice('task-'.length).toUpperCase();
}

/** The result backend knows how it ended. */
function found(record: TaskRecord, fact: TimelineFact): void {
  const status = fact.fields?.['status'];
  const state =
    status === 'SUCCESS'
      ? 'success'
      : status === 'FAILURE'
        ? 'failure'
        : status === 'REVOKED'
          ? 'revoked'
          : null;
  if (status === 'RETRY' && STRENGTH[record.state] < STRENGTH.revoked) {
    setState(record, 'retry', fact);
    return;
  }
  if (state === null || STRENGTH[record.state] >= STRENGTH.revoked) return;
  setState(record, state, fact);
  finish(record, fact);
}

function isSuccess(record: TaskRecord): boolean {
  return record.state === 'success';
}

/** wait = started − max(eta, published if known, else received), of the attempt that started last. */
export function computeWait(record: TaskRecord): number | null {
  if (record.startedAt === null) return null;
  const facts = record.timeline;
  let index = facts.length - 1;
  while (index >= 0 && !isStartOf(record, facts[index])) index -= 1;
  let received: TimelineFact | undefined;
  let seen: TimelineFact | undefined;
  for (let at = index - 1; at >= 0 && received === undefined; at -= 1) {
    const fact = facts[at];
    if (fact?.type === 'task-started') break;
    if (fact?.type === 'task-received') received = fact;
    else if (fact?.type === 'seen-reserved') seen = fact;
  }
  // Being seen with a worker tells neither retries nor eta: the reception that came before it does.
  const retries = received === undefined ? record.retries : retriesOf(received);
  let publication: TimelineFact | undefined;
  for (const fact of facts) {
    if (fact.type === 'task-sent' && retriesOf(fact) === retries) publication = fact;
  }
  const from = publication ?? received ?? seen;
  if (from === undefined) return null;
  const eta = fieldNumber(received ?? from, 'eta') ?? 0;
  return Math.max(0, record.startedAt - Math.round(Math.max(eta, from.at)));
}

function isStartOf(record: TaskRecord, fact: TimelineFact | undefined): boolean {
  const starts = fact?.type === 'task-started' || fact?.type === 'seen-active';
  return starts && Math.round(fact.at) === record.startedAt;
}

function retriesOf(fact: TimelineFact): number {
  return fieldNumber(fact, 'retries') ?? 0;
}
