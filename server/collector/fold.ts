// Celery's raw events folded into task records and worker facts. Pure but for the two functions it is given: one loads a
// stored task, one takes a metric. The hot path: a fact in order costs one map look-up and one step.
// Mirrors celery.events.state; where it differs on purpose, docs/spec.md says so (EV, ST, WK).
import type { RawEvent } from '../celery/event.ts';
import type { MetricFact } from '../store/store.ts';
import type { TaskRecord, TimelineFact } from '../store/task-record.ts';
import { MAX_ID_CHARS, cutText } from './bounds.ts';
import { customFields, describe, notesEnd } from './event-contents.ts';
import type { TextRedactor } from '../core/redact-text.ts';
import { LiveTasks, type LiveTask, type LoadTask } from './live-tasks.ts';
import { eventTime, integer, shortText } from './raw-fields.ts';
import { computeWait, replay, step } from './task-state.ts';
import { insertFact } from './timeline.ts';
import { createWorkerFacts, foldWorkerEvent, type WorkerFacts } from './worker-facts.ts';

export type FoldDeps = {
  load: LoadTask;
  metric: (fact: MetricFact) => void;
  redact: TextRedactor | null;
  /** Unfinished tasks held in memory at most. */
  maxLiveTasks?: number;
  maxWorkers?: number;
};

const DEFAULT_LIVE_TASKS = 100_000;
const DEFAULT_WORKERS = 20_000;

export type FoldCounts = {
  events: number;
  duplicates: number;
  /** Well-formed, but of a group that is neither task nor worker. */
  unknown: number;
  rejected: number;
};

export class Fold {
  readonly tasks: LiveTasks;
  readonly workers = new Map<string, WorkerFacts>();
  /** Publications seen per queue since the start, for rates. */
  readonly sentByQueue = new Map<string, number>();
  readonly counts: FoldCounts = { events: 0, duplicates: 0, unknown: 0, rejected: 0 };
  /** By the senders' clocks. */
  newestEventAt: number | null = null;
  newestEventHost: WorkerFacts | null = null;
  lastRejected: string | null = null;
  readonly #deps: FoldDeps;
  readonly #maxWorkers: number;
  #lastWorker: WorkerFacts | null = null;

  constructor(deps: FoldDeps) {
    this.#deps = deps;
    this.tasks = new LiveTasks(deps.load, deps.maxLiveTasks ?? DEFAULT_LIVE_TASKS);
    this.#maxWorkers = deps.maxWorkers ?? DEFAULT_WORKERS;
  }

  /** Masks secrets, when there are keys to mask. */
  redact(text: string): string {
    return this.#deps.redact === null ? text : this.#deps.redact(text);
  }

  /** Takes one event that was received at `now`. False: it could not be used, and was counted. */
  event(raw: RawEvent, now: number): boolean {
    const { type } = raw;
    if (type.startsWith('task-')) return this.#taskEvent(raw, type, now);
    if (type.startsWith('worker-')) return this.#workerEvent(raw, now);
    this.counts.unknown += 1;
    this.counts.events += 1;
    return true;
  }

  #reject(reason: string): false {
    this.counts.rejected += 1;
    this.lastRejected = reason;
    return false;
  }

  worker(hostname: string, now: number): WorkerFacts | null {
    const last = this.#lastWorker;
    if (last !== null && last.hostname === hostname) return last;
    let facts = this.workers.get(hostname);
    if (facts === undefined) {
      const name = cutText(hostname, MAX_ID_CHARS);
      if (name !== hostname) return this.worker(name, now);
      if (this.workers.size >= this.#maxWorkers) return null;
      facts = createWorkerFacts(name, now);
      this.workers.set(facts.hostname, facts);
    }
    this.#lastWorker = facts;
    return facts;
  }

  forgetWorker(hostname: string): void {
    this.workers.delete(hostname);
    this.#lastWorker = null;
  }

  #workerEvent(raw: RawEvent, now: number): boolean {
    const hostname = shortText(raw['hostname']);
    if (hostname === null) return this.#reject(`${raw.type} without a hostname`);
    const facts = this.worker(hostname, now);
    this.counts.events += 1;
    if (facts !== null) foldWorkerEvent(facts, raw, now);
    return true;
  }

  #taskEvent(raw: RawEvent, type: string, now: number): boolean {
    const uuid = raw['uuid'];
    if (typeof uuid !== 'string' || uuid === '' || uuid.length > MAX_ID_CHARS) {
      return this.#reject(`${cutText(type, 100)} without a usable uuid`);
    }
    const id = uuid.toWellFormed();
    const hostname = shortText(raw['hostname']);
    const at = eventTime(raw['timestamp'], now);
    const isSent = type === 'task-sent';
    const worker = isSent || hostname === null ? null : this.worker(hostname, now);
    const fact: TimelineFact = {
      at: at ?? now,
      type: type.length > 100 ? cutText(type, 100) : type,
      hostname: worker?.hostname ?? hostname,
      clock: at === null ? null : integer(raw['clock']),
      pid: integer(raw['pid']),
      source: 'event',
      fields: null,
    };
    this.counts.events += 1;
    if (at !== null && (this.newestEventAt === null || at > this.newestEventAt)) {
      this.newestEventAt = at;
      this.newestEventHost = worker;
    }
    if (worker !== null) {
      worker.lastSeenAt = now;
      worker.lastTaskEventAt = now;
      worker.taskEventCount += 1;
    }
    const live = this.tasks.take(id, now);
    if (!this.apply(live, fact, raw, now)) {
      this.counts.duplicates += 1;
      return true;
    }
    if (worker !== null) countOf(worker, type);
    return true;
  }

  /** Puts a fact into a task; `raw` has the contents of an event, null for facts of our own. False: a duplicate. */
  apply(live: LiveTask, fact: TimelineFact, raw: RawEvent | null, now: number): boolean {
    const { record } = live;
    if (raw !== null && isCustom(fact.type)) fact.fields = customFields(raw, this.#deps.redact);
    else if (raw?.['requeue'] === true && fact.type === 'task-rejected') {
      fact.fields = { requeue: true };
    }
    const index = insertFact(record, fact);
    if (index === -1) return false;
    const before = record.state;
    if (raw !== null) {
      describe(record, index, raw, this.#deps.redact);
      if (fact.type === 'task-sent') this.#countSent(record);
    }
    if (index === record.timeline.length - 1) step(record, index, now);
    else if (fact.type === 'task-sent' && index === 0) step(record, index, now);
    else replay(record, now);
    if (raw !== null) notesEnd(record, index, raw, this.#deps.redact);
    if (record.startedAt !== null && STARTS.has(fact.type)) record.waitMs = computeWait(record);
    record.updatedAt = now;
    this.tasks.touch(live);
    if (fact.source === 'event' || fact.type === 'found') this.#measure(record, fact, before);
    return true;
  }

  #countSent(record: TaskRecord): void {
    const { queue } = record;
    if (queue === null) return;
    const known = this.sentByQueue.get(queue);
    if (known !== undefined || this.sentByQueue.size < 10_000) {
      this.sentByQueue.set(queue, (known ?? 0) + 1);
    }
  }

  #measure(record: TaskRecord, fact: TimelineFact, before: TaskRecord['state']): void {
    const outcome = OUTCOMES.get(fact.type) ?? foundOutcome(record, fact);
    if (outcome === null) return;
    const isTold = outcome === 'retry' && fact.type !== 'found';
    if (!isTold && (record.state === before || record.state !== outcome)) return;
    this.#deps.metric({
      at: fact.at,
      outcome,
      type: record.type,
      queue: record.queue,
      worker: fact.hostname,
      waitMs: record.waitMs,
      runtimeMs:
        outcome === 'retry' && record.startedAt !== null
          ? Math.max(0, Math.round(fact.at) - record.startedAt)
          : record.runtimeMs,
    });
  }
}

const STARTS: ReadonlySet<string> = new Set([
  'task-started',
  'task-sent',
  'task-received',
  'seen-reserved',
]);

const OUTCOMES: ReadonlyMap<string, MetricFact['outcome']> = new Map([
  ['task-succeeded', 'success'],
  ['task-failed', 'failure'],
  ['task-retried', 'retry'],
  ['task-revoked', 'revoked'],
  ['task-rejected', 'rejected'],
]);

/** What the result backend knew of the end. */
function foundOutcome({ state }: TaskRecord, fact: TimelineFact): MetricFact['outcome'] | null {
  if (fact.type !== 'found') return null;
  return state === 'success' || state === 'failure' || state === 'revoked' || state === 'retry'
    ? state
    : null;
}

const KNOWN: ReadonlySet<string> = new Set([
  ...OUTCOMES.keys(),
  'task-sent',
  'task-received',
  'task-started',
  'task-cancelled',
]);

function isCustom(type: string): boolean {
  return !KNOWN.has(type);
}

function countOf(worker: WorkerFacts, type: string): void {
  if (type === 'task-received') worker.receivedCount += 1;
  else if (type === 'task-started') worker.startedCount += 1;
  else if (OUTCOMES.has(type)) {
    worker.endedCount += 1;
    if (type === 'task-failed') worker.failedCount += 1;
  }
}
