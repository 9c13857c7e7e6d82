// Small facts that pages read beside tasks, workers and queues: whether the list of queues is complete, and how many slots
// were busy over the last day, thinner with age. Written into the store by name.
import type { WorkerBook } from './worker-book.ts';

export type Discovery = { complete: boolean; reason: string | null };

export type BusyPoint = { at: number; busy: number | null };

const STEP_MS = 10_000;
/** One point a step of this length, for points younger than that age. */
const STEPS: readonly { youngerThanMs: number; stepMs: number }[] = [
  { youngerThanMs: 15 * 60_000, stepMs: STEP_MS },
  { youngerThanMs: 2 * 3_600_000, stepMs: 60_000 },
  { youngerThanMs: 24 * 3_600_000, stepMs: 300_000 },
];

export class BusySeries {
  #points: BusyPoint[] = [];
  #at = 0;

  /** From an earlier run; what is not a series is forgotten. */
  restore(fact: unknown): void {
    if (!Array.isArray(fact)) return;
    this.#points = fact.slice(-1000).flatMap((item: unknown): BusyPoint[] => {
      if (typeof item !== 'object' || item === null) return [];
      const { at, busy } = item as Partial<BusyPoint>;
      if (typeof at !== 'number') return [];
      return [{ at, busy: typeof busy === 'number' ? busy : null }];
    });
    this.#at = this.#points.at(-1)?.at ?? 0;
  }

  /** The whole series when a point was due, else null. */
  observe(busy: () => number | null, now: number): BusyPoint[] | null {
    if (now < this.#at) this.restore([]);
    if (now - this.#at < STEP_MS) return null;
    this.#at = now;
    this.#points.push({ at: now, busy: busy() });
    this.#points = thinned(this.#points, now);
    return this.#points;
  }
}

/** The last point of each step stays, so that a point outlives several thinnings unchanged. */
function thinned(points: readonly BusyPoint[], now: number): BusyPoint[] {
  return points.filter(({ at }, index) => {
    const step = STEPS.find(({ youngerThanMs }) => now - at < youngerThanMs);
    if (step === undefined) return false;
    const next = points[index + 1];
    if (next === undefined || step.stepMs === STEP_MS) return true;
    return Math.floor(next.at / step.stepMs) !== Math.floor(at / step.stepMs);
  });
}

/** Null as soon as one worker that is there does not say what it runs, and while it is not known who is there. */
export function busySlots(book: WorkerBook, knowsWorkers: boolean, now: number): number | null {
  let busy = 0;
  let some = false;
  for (const entry of book.entries(now)) {
    if (book.liveness(entry, now).state === 'offline') continue;
    const active = book.active(entry, now);
    if (active === null) return null;
    busy += active;
    some = true;
  }
  return some || knowsWorkers ? busy : null;
}
