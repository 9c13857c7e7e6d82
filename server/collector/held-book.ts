// What each worker says it holds, from round to round. A task that two complete answers in a row no longer name has left
// the worker: if no event told of its end, the result backend is asked, and if that does not know either and the worker
// sends no events, the end is noted as unseen (UN in docs/spec.md). Timers and requests are others' business.
import type { Clock } from '../core/clock.ts';
import { FINAL_STATES } from '../../lib/contract/index.ts';
import type { Fold } from './fold.ts';
import type { LiveTask } from './live-tasks.ts';
import type { Reconciler } from './reconcile.ts';
import { markUnseen } from './unseen.ts';
import type { WorkerBook } from './worker-book.ts';

/** Asked again this long after the task left: results may be written a little later. */
const ASK_AFTER_MS: readonly number[] = [0, 5000, 20_000];
const MAX_A_ROUND = 200;
const MAX_LEFT = 20_000;
const MISSES = 2;

/** Where a worker named a task. Rate-limited tasks wait in none of the lists after their eta, so `scheduled` proves nothing. */
export type HeldIn = 'running' | 'reserved' | 'scheduled';

type Held = { where: HeldIn; misses: number };
type Left = { hostname: string; where: HeldIn; leftAt: number; asked: number };

export type HeldBookDeps = {
  fold: Fold;
  workers: WorkerBook;
  reconciler: Reconciler;
  clock: Clock;
  inGap: () => boolean;
};

export class HeldBook {
  readonly #deps: HeldBookDeps;
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #left = new Map<string, Left>();

  constructor(deps: HeldBookDeps) {
    this.#deps = deps;
  }

  /** One complete answer of a worker: all three lists, uncut. */
  observe(hostname: string, named: ReadonlyMap<string, HeldIn>, now: number): void {
    const before = this.#held.get(hostname);
    const after = new Map<string, Held>();
    for (const [id, where] of named) {
      after.set(id, { where, misses: 0 });
      this.#left.delete(id);
    }
    for (const [id, { where, misses }] of before ?? []) {
      if (after.has(id)) continue;
      if (misses + 1 < MISSES) after.set(id, { where, misses: misses + 1 });
      else if (this.#left.size < MAX_LEFT) {
        this.#left.set(id, { hostname, where, leftAt: now, asked: 0 });
      }
    }
    if (after.size === 0) this.#held.delete(hostname);
    else this.#held.set(hostname, after);
  }

  /** What unfinished tasks of an earlier run their workers held. */
  restore(): void {
    for (const { record } of this.#deps.fold.tasks.byId.values()) {
      if (record.worker === null) continue;
      const where =
        record.state === 'started' ? 'running' : record.state === 'received' ? 'reserved' : null;
      if (where === null) continue;
      const held = this.#held.get(record.worker) ?? new Map<string, Held>();
      this.#held.set(record.worker, held.set(record.id, { where, misses: 0 }));
    }
  }

  forget(hostname: string): void {
    this.#held.delete(hostname);
  }

  /** A bounded batch of those that left is looked after. */
  async round(): Promise<void> {
    const now = this.#deps.clock.now();
    const due: { live: LiveTask; left: Left }[] = [];
    for (const [id, left] of this.#left) {
      if (due.length >= MAX_A_ROUND) break;
      const live = this.#deps.fold.tasks.find(id);
      if (live === null || !this.#isOpen(live, left)) this.#left.delete(id);
      else if (now - left.leftAt >= (ASK_AFTER_MS[left.asked] ?? 0)) due.push({ live, left });
    }
    if (due.length === 0) return;
    await this.#deps.reconciler.ask(due.map((item) => item.live));
    for (const { live, left } of due) this.#settle(live, left, now);
  }

  #isOpen({ record }: LiveTask, left: Left): boolean {
    if (FINAL_STATES.has(record.state)) return false;
    if (record.worker !== left.hostname) return false;
    return record.state === 'started' || record.state === 'received';
  }

  #settle(live: LiveTask, left: Left, now: number): void {
    const { fold, workers, inGap } = this.#deps;
    left.asked += 1;
    if (!this.#isOpen(live, left)) {
      this.#left.delete(live.record.id);
      return;
    }
    if (left.asked < ASK_AFTER_MS.length) return;
    this.#left.delete(live.record.id);
    const sendsEvents = workers.known(left.hostname)?.eventsEnabled === true;
    if (sendsEvents || inGap() || left.where === 'scheduled') return;
    const reason = `${left.hostname} sends no events and no longer holds it; no result was found`;
    markUnseen(fold, live, left.hostname, reason, now);
  }
}
