// Events that never came: a worker's heartbeats count the tasks it started, its events tell of each. When that difference
// rises and stays, so many were lost (GA in docs/spec.md). Says less rather than more: only of workers that send events,
// and whose difference came to rest again. A break in the observation is bridged: what one process counted meanwhile and
// no event told of went missing in it.
import type { WorkerFacts } from './worker-facts.ts';

export type LostEvents = {
  hostname: string;
  startedAt: number;
  endedAt: number;
  count: number;
  /** Missing since a break in the observation, which has a mark of its own. */
  inBreak: boolean;
};

type Account = {
  pid: number | null;
  /** The highest difference that is explained. */
  level: number;
  pulseAt: number;
  loss: { startedAt: number; count: number; restPulses: number } | null;
  /** Runs task types that announce nothing: its difference says nothing. */
  isSilenced: boolean;
  /** Until the difference has come to rest after a break. */
  inBreak: boolean;
};

const REST_PULSES = 5;
/** A difference that keeps rising for so long is no loss but a task type with send_events=False. */
const MAX_RISE_MS = 60_000;

export class LostCounts {
  readonly #accounts = new Map<string, Account>();

  forget(hostname: string): void {
    this.#accounts.delete(hostname);
  }

  /** Nobody listened for a while: the heartbeats after it are compared with the account before it. */
  bridge(facts: WorkerFacts): void {
    facts.pulses.length = 0;
    const known = this.#accounts.get(facts.hostname);
    if (known === undefined) return;
    if (known.isSilenced || known.pid !== facts.pid) {
      this.#accounts.delete(facts.hostname);
      return;
    }
    known.inBreak = true;
    known.loss ??= { startedAt: known.pulseAt, count: 0, restPulses: 0 };
    known.loss.restPulses = 0;
  }

  /** What it takes without events is counted elsewhere: the account starts anew. */
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
        inBreak: false,
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
        known.inBreak = false;
      }
      return null;
    }
    const { loss } = known;
    if (loss === null) return null;
    loss.restPulses += 1;
    if (loss.restPulses < REST_PULSES) return null;
    const { inBreak } = known;
    const { startedAt, count } = loss;
    known.loss = null;
    known.inBreak = false;
    if (count === 0) return null;
    return { hostname: facts.hostname, startedAt, endedAt: last.at, count, inBreak };
  }
}

/** How many heartbeats are looked at together: events and heartbeats travel apart. */
export const MIN_PULSES = 3;
