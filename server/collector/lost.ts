// Calls a task lost only when nobody holds it: its worker does not (gone, or does not name it), and the broker does not
// (neither waiting nor in flight); seen twice with time between, never during a gap, and the result backend asked first.
// Whatever cannot be read speaks for the task (LO in docs/spec.md).
import type { Transport } from '../broker/transport.ts';
import { decodeTaskMessage } from '../celery/message.ts';
import type { Clock } from '../core/clock.ts';
import type { TaskRecord } from '../store/task-record.ts';
import { DEFAULT_LOST_AFTER_MS } from './config.ts';
import type { Fold } from './fold.ts';
import type { LiveTask } from './live-tasks.ts';
import type { QueueBook } from './queue-book.ts';
import type { Reconciler } from './reconcile.ts';
import { Turns } from './turns.ts';
import type { WorkerBook } from './worker-book.ts';

/** Of the time until a task is lost: it is suspected after so much silence, and must stay so for the rest. */
const SUSPECTED_AFTER = 0.6;
const MAX_A_ROUND = 200;
const MAX_WAITING = 1000;
/** An inspect answer must be this much younger than the task's last fact. */
const INSPECT_MARGIN_MS = 3000;

export type LostDeps = {
  transport: Transport;
  fold: Fold;
  workers: WorkerBook;
  queues: QueueBook;
  reconciler: Reconciler;
  clock: Clock;
  inGap: () => boolean;
};

export class LostDetector {
  readonly #deps: LostDeps;
  readonly #quietMs: number;
  readonly #betweenMs: number;
  readonly #suspects = new Map<string, number>();
  readonly #turns = new Turns();

  constructor(deps: LostDeps, lostAfterMs = DEFAULT_LOST_AFTER_MS) {
    this.#deps = deps;
    this.#quietMs = SUSPECTED_AFTER * lostAfterMs;
    this.#betweenMs = lostAfterMs - this.#quietMs;
  }

  /** The ids that were declared lost in this round. */
  async round(): Promise<string[]> {
    const { fold, transport, clock, inGap } = this.#deps;
    const now = clock.now();
    if (inGap() || transport.status().state !== 'connected') {
      this.#suspects.clear();
      return [];
    }
    const due = [...fold.tasks.byId.values()].filter(
      ({ record }) => now - record.updatedAt >= this.#quietMs && this.#workerLetGo(record, now),
    );
    // What the broker holds may stay for hours: it must not keep others from being looked at.
    const candidates = this.#turns.take(due, MAX_A_ROUND, now, (id) => this.#suspects.has(id));
    const held = candidates.length === 0 ? new Set<string>() : await this.#heldByBroker(candidates);
    const confirmed: LiveTask[] = [];
    const suspects = new Map<string, number>();
    for (const live of candidates) {
      const { id } = live.record;
      if (held === null || held.has(id)) continue;
      const since = this.#suspects.get(id) ?? now;
      if (now - since >= this.#betweenMs) confirmed.push(live);
      suspects.set(id, since);
    }
    this.#suspects.clear();
    for (const [id, since] of suspects) this.#suspects.set(id, since);
    return this.#declare(confirmed, now);
  }

  /** Signal one. Tasks of no worker are left alone: whether anybody announces their events is not known. */
  #workerLetGo(record: TaskRecord, now: number): boolean {
    if (record.worker === null) return false;
    if (!HOLDABLE.has(record.state)) return false;
    const { workers } = this.#deps;
    const entry = workers.known(record.worker);
    if (entry === null) return true;
    if (workers.liveness(entry, now).state === 'offline') return true;
    // Rate-limited tasks are in none of the lists: only of a started one does absence say something.
    // Of a worker without events absence means that it ended, one way or another (see held-book.ts).
    if (record.state !== 'started' || entry.eventsEnabled !== true) return false;
    const { running } = entry.sections;
    return (
      running.value !== null &&
      running.reason === null &&
      running.readAt !== null &&
      running.readAt > record.updatedAt + INSPECT_MARGIN_MS &&
      !running.value.some((task) => task.id === record.id) &&
      running.value.length < MAX_WAITING
    );
  }

  /** Signal two: what the broker holds of these; null when it cannot be told for any. */
  async #heldByBroker(candidates: readonly LiveTask[]): Promise<Set<string> | null> {
    const { transport, queues } = this.#deps;
    const held = new Set<string>();
    const { peek, inFlight } = transport.capabilities;
    if (!peek.ok || !inFlight.ok) {
      for (const { record } of candidates) {
        const measure = record.queue === null ? null : queues.entries.get(record.queue)?.measure;
        const empty = measure?.ready === 0 && measure.inFlight === 0;
        if (!empty) held.add(record.id);
      }
      return held;
    }
    const ids = candidates.map((live) => live.record.id);
    const flying = await transport.peekInFlight({ limit: MAX_WAITING, ids });
    // Not all of it was read: any of them may be there.
    if (!flying.supported || flying.truncated) return null;
    for (const item of flying.messages) addId(held, item.message);
    for (const name of queueNames(candidates, [...queues.entries.keys()])) {
      const waiting = await transport.peek(name, { from: 'next', limit: MAX_WAITING });
      // Not all of it was read: everything of this queue may wait there.
      if (!waiting.supported || waiting.truncated) {
        for (const { record } of candidates) {
          if (record.queue === null || record.queue === name) held.add(record.id);
        }
      }
      for (const item of waiting.messages) addId(held, item.message);
    }
    return held;
  }

  async #declare(confirmed: readonly LiveTask[], now: number): Promise<string[]> {
    if (confirmed.length === 0) return [];
    const { fold, reconciler } = this.#deps;
    await reconciler.ask(confirmed);
    const lost: string[] = [];
    for (const live of confirmed) {
      const { record } = live;
      this.#suspects.delete(record.id);
      if (!HOLDABLE.has(record.state) || record.updatedAt > now) continue;
      const fields = {
        reason: `${record.worker ?? 'Its worker'} does not hold it, nor does the broker`,
      };
      fold.apply(
        live,
        { at: now, type: 'lost', hostname: null, clock: null, pid: null, source: 'none', fields },
        null,
        now,
      );
      lost.push(record.id);
    }
    return lost;
  }
}

const HOLDABLE: ReadonlySet<string> = new Set(['received', 'scheduled', 'started']);

function addId(ids: Set<string>, message: Parameters<typeof decodeTaskMessage>[0] | null): void {
  if (message === null) return;
  const { id } = message.headers;
  if (typeof id === 'string') {
    ids.add(id);
    return;
  }
  const decoded = decodeTaskMessage(message);
  if (decoded.ok) ids.add(decoded.value.id);
}

/** The queues of the candidates; all of them when the queue of one is not known. */
function queueNames(candidates: readonly LiveTask[], all: readonly string[]): string[] {
  if (candidates.some((live) => live.record.queue === null)) return [...all];
  return [...new Set(candidates.map((live) => live.record.queue ?? ''))];
}
