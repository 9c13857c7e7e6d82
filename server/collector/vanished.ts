// Tasks that were seen waiting, or announced, and that their queue no longer holds though nobody said what became of them:
// the result backend is asked, else it is noted that they were taken unseen (UN in docs/spec.md). Whatever cannot be read
// speaks for the task.
import type { Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import type { TaskRecord } from '../store/task-record.ts';
import type { Fold } from './fold.ts';
import type { LiveTask } from './live-tasks.ts';
import { messageId } from './merge-queued.ts';
import type { QueueBook } from './queue-book.ts';
import type { Reconciler } from './reconcile.ts';
import { Turns } from './turns.ts';
import { markUnseen } from './unseen.ts';

const QUIET_MS = 20_000;
const BETWEEN_MS = 15_000;
const MAX_A_ROUND = 200;
/** The queue must have been read this long after the last fact of the task. */
const MARGIN_MS = 3000;

export type VanishedDeps = {
  transport: Transport;
  fold: Fold;
  queues: QueueBook;
  reconciler: Reconciler;
  clock: Clock;
  inGap: () => boolean;
};

export class VanishedTasks {
  readonly #deps: VanishedDeps;
  #suspects = new Map<string, number>();
  readonly #turns = new Turns();

  constructor(deps: VanishedDeps) {
    this.#deps = deps;
  }

  async round(): Promise<void> {
    const { fold, transport, clock, inGap, reconciler } = this.#deps;
    const now = clock.now();
    if (inGap() || transport.status().state !== 'connected') {
      this.#suspects.clear();
      return;
    }
    const due = [...fold.tasks.byId.values()].filter((live) => this.#isMissing(live.record, now));
    const missing = this.#turns.take(due, MAX_A_ROUND, now, (id) => this.#suspects.has(id));
    const flying = await this.#inFlight(missing.map((live) => live.record.id));
    const suspects = new Map<string, number>();
    const confirmed: LiveTask[] = [];
    for (const live of missing) {
      const { id } = live.record;
      if (flying.has(id)) continue;
      const since = this.#suspects.get(id) ?? now;
      if (now - since >= BETWEEN_MS) confirmed.push(live);
      else suspects.set(id, since);
    }
    this.#suspects = suspects;
    if (confirmed.length === 0) return;
    await reconciler.ask(confirmed);
    for (const live of confirmed) {
      if (!this.#isMissing(live.record, now)) continue;
      const reason = `It left ${live.record.queue ?? 'its queue'} and nobody announced what became of it`;
      markUnseen(fold, live, null, reason, now);
    }
  }

  #isMissing(record: TaskRecord, now: number): boolean {
    const { state, queue } = record;
    if (state !== 'queued' || record.worker !== null || queue === null) return false;
    if (now - record.updatedAt < QUIET_MS) return false;
    const entry = this.#deps.queues.entries.get(queue);
    const measure = entry?.measure ?? null;
    if (entry === undefined || measure === null || entry.measuredAt === null) return false;
    if (measure.inFlight === null) return false;
    if (measure.inFlight > 0 && !this.#deps.transport.capabilities.inFlight.ok) return false;
    if (measure.ready === 0) return entry.measuredAt > record.updatedAt + MARGIN_MS;
    const whole = entry.whole;
    return whole !== null && whole.at > record.updatedAt + MARGIN_MS && !whole.ids.has(record.id);
  }

  async #inFlight(ids: readonly string[]): Promise<Set<string>> {
    const { transport } = this.#deps;
    const flying = new Set<string>();
    if (ids.length === 0 || !transport.capabilities.inFlight.ok) return flying;
    const peek = await transport.peekInFlight({ limit: 1000, ids });
    if (!peek.supported || peek.truncated) return new Set(ids);
    for (const item of peek.messages) {
      const id = messageId(item);
      if (id !== null) flying.add(id);
    }
    return flying;
  }
}
