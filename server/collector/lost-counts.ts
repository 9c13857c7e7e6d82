// Events that never came: a worker's heartbeats count the tasks it started, its events tell of each. When that difference
// rises and stays, so many were lost (GA in docs/spec.md). Says less rather than more: only of workers that send events,
// were watched without a break, and whose difference came to rest again.
import type { WorkerFacts } from './worker-facts.ts';

export type LostEvents = { hostname: string; startedAt: number; endedAt: number; count: number };

type Account = {
  pid: number | null;
  /** The highest difference that is explained. */
  level: number;
  pulseAt: number;
  loss: { startedAt: number; count: number; restPulses: number } | null;
  /** Runs task types that announce nothing: its difference says nothing. */
  isSilenced: boolean;
};

const REST_PULSES = 5;
/** A difference that keeps rising for so long is no loss but a task type with send_events=False. */
const MAX_RISE_MS = 60_000;

export class LostCounts {
  readonly #accounts = new Map<string, Account>();

  forget(hostname: string): void {
    this.#accounts.delete(hostname);
  }

  /** After a break in the observation of a worker the account starts anew. */
  interrupt(facts: WorkerFacts): void {
    this.#accounts.delete(facts.hostname);
    facts.pulses.length = 0;
  }

  /** Call about once a second for a worker that sends events. */
  check(facts: WorkerFacts): LostEvents | null {
    const last = facts.pulses.at(-1);
    if (last === undefined || facts.pulses.length < MIN_PULSES) return null;
    const known = this.#accounts.get(facts.hostname);
    const differences = facts.pulses.map((pulse) => pulse.processed - pulse.started);
    if (known === undefined || known.pid !== facts.pid) {
      this.#accounts.set(facts.hostname, {
        pid: facts.pid,
        level: Math.max(...differences),
        pulseAt: last.at,
        loss: null,
        isSilenced: false,
      });
      return null;
    }
    if (known.pulseAt === last.at || known.isSilenced) return null;
    const before = known.pulseAt;
    known.pulseAt = last.at;
    const risen = Math.min(...differences) - known.level;
    if (risen > 0) {
      known.level = Math.max(...differences);
      known.loss ??= { startedAt: facts.pulses[0]?.at ?? before, count: 0, restPulses: 0 };
      known.loss.count += risen;
      known.loss.restPulses = 0;
      if (last.at - known.loss.startedAt > MAX_RISE_MS) {
        known.isSilenced = true;
        known.loss = null;
      }
      return null;
    }
    const { loss } = known;
    if (loss === null) return null;
    loss.restPulses += 1;
    if (loss.restPulses < REST_PULSES) return null;
    known.loss = null;
    const { startedAt, count } = loss;
    return { hostname: facts.hostname, startedAt, endedAt: last.at, count };
  }
}

/** How many heartbeats are looked at together: events and heartbeats travel apart. */
export const MIN_PULSES = 3;
