// One thread or process of the pool and the jobs that it holds: those that run, and those that were handed to it ahead of time and may be
// taken back (gate.ts). It must not know the other seats, nor why somebody is given a job.
import { setTimeout as wait } from 'node:timers/promises';
import type { Carrier } from './carrier.ts';
import { Gate, SLOTS } from './gate.ts';
import type { Job, Outcome } from '../../client/attempt/attempt.ts';
import type { JobLimits, Note, Wish } from './messages.ts';
import { AT_ONCE, packJob, type PackedJob } from './packed-job.ts';

export type JobHandlers = {
  /** It runs now. */
  onAccepted: (at: number, number: number | null) => void;
  /** It has not run and will not run here: it waits again. */
  onReturned: () => void;
  onOutcome: (outcome: Outcome) => void;
  onNote: (note: Note) => void;
  onWish: (wish: Wish) => Promise<unknown>;
};

export type Running = {
  job: Job;
  limits: JobLimits;
  handlers: JobHandlers;
  /** How to end its limits. */
  timers: (() => void)[];
  turn: number;
  /** What it was expected to take. */
  expectedMs: number;
  /** Handed over in this round of the sweep. */
  sweep: number;
};

/** Filled up to the one when it has come down to the other, so that several travel together. */
const MOST_AHEAD = 128;
const FEW_AHEAD = 8;
/**
 * Where more run at once, nothing is handed over ahead. A job that runs as far as is known here may wait in the thread still; with all of these
 * and those ahead, no turn comes to the slot of another that waits.
 */
const MOST_BESIDE = SLOTS / 2;
const FAREWELL_MS = 2000;

export class Seat {
  readonly carrier: Carrier;
  /** In the order of their starts. A list, and no Map, for the reason that core/roster.ts tells. */
  readonly running: Running[] = [];
  isReady = false;
  isLeaving = false;
  saysFarewell = false;
  /** Why this one is being ended, as the outcome of the task that it was for. */
  ending: { key: number; outcome: Outcome } | null = null;
  startedCount = 0;
  /** Null where jobs run as they come. */
  readonly #gate: Gate | null;
  #turn = 0;
  /** Handed over, to run after what runs. */
  #ahead: Running[] = [];
  /** What it held ahead had to be taken back: nothing more until it has ended what it runs. */
  #isSlow = false;
  #isFilling = true;
  #expectedMs = 0;
  #outbox: PackedJob[] = [];

  constructor(carrier: Carrier, gate: Gate | null) {
    this.carrier = carrier;
    this.#gate = gate;
  }

  get takesAhead(): boolean {
    return this.#gate !== null;
  }

  get aheadCount(): number {
    return this.#ahead.length;
  }

  /** Of all that it holds. */
  get expectedMs(): number {
    return this.#expectedMs;
  }

  /** `most` run in it at once. */
  canTakeAhead(most: number): boolean {
    return this.#gate !== null && most <= MOST_BESIDE && !this.#isSlow && this.#isFilling;
  }

  /** Hands a job over: to be run now, or ahead of time. */
  hand(given: Omit<Running, 'turn'>, isAhead: boolean): Running {
    if (isAhead) this.#turn = Gate.next(this.#turn);
    const turn = isAhead ? this.#turn : AT_ONCE;
    const handed: Running = { ...given, turn };
    this.#expectedMs += given.expectedMs;
    if (isAhead) {
      this.#gate?.offer(turn);
      this.#ahead.push(handed);
      this.#isFilling &&= this.#ahead.length < MOST_AHEAD;
    }
    this.#post(packJob(turn, given.job), isAhead || this.running.length > 0);
    return handed;
  }

  /** The next of those ahead, which runs now. */
  shift(): Running | undefined {
    const next = this.#ahead.shift();
    this.#isFilling ||= this.#ahead.length <= FEW_AHEAD;
    return next;
  }

  /** Those ahead that have started meanwhile, as the gate tells before the thread's own message does. */
  takeStarted(): Running[] {
    const started: Running[] = [];
    for (let first = this.#ahead[0]; first !== undefined; first = this.#ahead[0]) {
      if (this.#gate?.hasStarted(first.turn) !== true) break;
      started.push(first);
      this.shift();
    }
    return started;
  }

  /** After its end. */
  forget(running: Running): void {
    const at = this.running.indexOf(running);
    if (at >= 0) this.running.splice(at, 1);
    this.#isSlow = false;
    this.#recount();
  }

  /** Whether what is ahead was handed over before this round; if so, nothing more is until something has ended. */
  isStale(sweep: number): boolean {
    const [first] = this.#ahead;
    if (first === undefined || first.sweep === sweep) return false;
    this.#isSlow = true;
    return true;
  }

  /** Of what is ahead: what has started already, though its turn is not known here yet, and what has not and will not. */
  takeBack(): { started: Running[]; returned: Running[] } {
    const ahead = this.#ahead;
    const gate = this.#gate;
    if (gate === null || ahead.length === 0) return { started: [], returned: [] };
    const returned = ahead.filter(({ turn }) => gate.withdraw(turn));
    const started = ahead.filter((one) => !returned.includes(one));
    this.#ahead = [];
    this.#isFilling = true;
    this.#recount(started);
    return { started, returned };
  }

  /** Lets it end by itself when it has something to do before. */
  async farewell(): Promise<void> {
    const { carrier } = this;
    if (this.saysFarewell && this.running.length === 0) {
      carrier.post({ type: 'leave' });
      await Promise.race([carrier.gone, wait(FAREWELL_MS, undefined, { ref: false })]);
    }
    await carrier.end();
  }

  #recount(more: readonly Running[] = this.#ahead): void {
    let sum = 0;
    for (const one of this.running) sum += one.expectedMs;
    for (const one of more) sum += one.expectedMs;
    this.#expectedMs = sum;
  }

  /** What is handed over in one go travels in one message: for a thread that waits at once, for another with all of this turn. */
  #post(job: PackedJob, canWait: boolean): void {
    this.#outbox.push(job);
    if (this.#outbox.length > 1 && canWait) return;
    const send = () => {
      if (this.#outbox.length === 0) return;
      this.carrier.post({ type: 'run', jobs: this.#outbox });
      this.#outbox = [];
    };
    if (canWait) setImmediate(send);
    else queueMicrotask(send);
  }
}
