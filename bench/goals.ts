// The goals of this project for its own speed. Each part reports its figures here; at the end they are printed beside the goals.
import { printTable, round } from './measure.ts';

export const GOALS = {
  rate: { what: 'events/s sustained, Redis to store', atLeast: 60_000, digits: 0 },
  lost: { what: 'events lost while sustained', atMost: 0, digits: 0 },
  catchUp: { what: 'ms until caught up after a sustained run', atMost: 2000, digits: 0 },
  cpu: { what: 'processor seconds per 1,000,000 events', atMost: 15, digits: 1 },
  apiBusy: { what: 'API p95 ms meanwhile', atMost: 100, digits: 0 },
  burstLost: { what: 'events lost of a burst of 300,000', atMost: 0, digits: 0 },
  memory: { what: 'resident MB at rest, 1,000,000 tasks', atMost: 300, digits: 0 },
  firstPage: { what: 'first page p95 ms', atMost: 100, digits: 0 },
  filteredPage: { what: 'filtered page p95 ms', atMost: 100, digits: 0 },
  search: { what: 'substring search p95 ms', atMost: 500, digits: 0 },
  delay: { what: 'publish to page p95 ms at 5,000 events/s', atMost: 350, digits: 0 },
  startup: { what: 'start to first served page, median ms', atMost: 2000, digits: 0 },
  tasksToPrefork: { what: 'empty tasks/s, times Python prefork', atLeast: 5, digits: 1 },
  tasksToBullmq: { what: 'empty tasks/s, times BullMQ', atLeast: 1, digits: 2 },
  delayToPython: { what: 'calls/s in sequence, times Python', atLeast: 5, digits: 1 },
  busyScale: { what: 'busy tasks/s, two threads to solo', atLeast: 1.7, digits: 2 },
} as const;

export type GoalName = keyof typeof GOALS;
type Goal = { what: string; digits: number; atMost?: number; atLeast?: number };

/** What was measured, by goal; of several figures for one goal the worst counts. */
export class Scores {
  readonly #measured = new Map<GoalName, number>();

  report(name: GoalName, value: number): void {
    const goal: Goal = GOALS[name];
    const before = this.#measured.get(name) ?? value;
    const isWorse = goal.atLeast === undefined ? value > before : value < before;
    this.#measured.set(name, isWorse || Number.isNaN(value) ? value : before);
  }

  /** Prints the summary; false when a goal was missed. */
  summarize(): boolean {
    if (this.#measured.size === 0) return true;
    let allMet = true;
    const rows = [...this.#measured].map(([name, value]) => {
      const goal: Goal = GOALS[name];
      const { atLeast, atMost } = goal;
      const isMet = atLeast === undefined ? value <= (atMost ?? Infinity) : value >= atLeast;
      allMet &&= isMet;
      return {
        figure: goal.what,
        measured: round(value, goal.digits),
        goal: atLeast === undefined ? `at most ${String(atMost)}` : `at least ${String(atLeast)}`,
        verdict: isMet ? 'met' : 'MISSED',
      };
    });
    printTable('Goals', rows);
    return allMet;
  }
}
