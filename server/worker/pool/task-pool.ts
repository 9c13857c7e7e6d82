// The threads or processes that run tasks: one task each, or several in one thread (`async`). One that dies takes only its own tasks
// with it and is replaced; so is one that has run its number of tasks or holds too much memory. What one of them holds is in seat.ts. It must
// not know Celery's protocol.
import { after } from '../../core/after.ts';
import type { CarrierEvents } from './carrier.ts';
import { Durations } from './durations.ts';
import { describeError } from '../../client/attempt/error-report.ts';
import { Gate } from './gate.ts';
import type { Job, Outcome } from '../../client/attempt/attempt.ts';
import type { FromCarrier, JobLimits, RegisteredTask, ToCarrier } from './messages.ts';
import { unpackOutcome } from '../../client/attempt/packed-outcome.ts';
import { startProcessCarrier } from './process-carrier.ts';
import { Seat, type JobHandlers, type Running } from './seat.ts';
import { toSignal } from './signals.ts';
import type { TaskPlace } from './task-place.ts';
import { startThreadCarrier } from './thread-carrier.ts';

export const POOL_KINDS = ['threads', 'processes', 'async', 'solo'] as const;
export type PoolKind = (typeof POOL_KINDS)[number];

/** Where a job can go. */
export type Room = { seat: Seat };

export type TaskPoolOptions = {
  kind: PoolKind;
  concurrency: number;
  place: TaskPlace;
  /** The JavaScript heap of each. */
  maxHeapMb: number | null;
  /** Replaced after so many tasks. */
  maxTasksPerChild: number | null;
  /** Replaced after a task that left it with more. */
  maxMemoryBytes: number | null;
  /** One became free, ready or was replaced. */
  onFree: () => void;
  onTrouble: (text: string) => void;
};

/** A thread that will be free sooner than this gets the job ahead of time rather than another being woken for it. */
const WAKE_MS = 1;
/** Without a free thread, one that will be free sooner than this. */
const AHEAD_MS = 2;
/** What is ahead and not started in one to two of these is taken back. */
const SWEEP_MS = 5;
const RESPAWN_MS = 500;

export class TaskPool {
  readonly #options: TaskPoolOptions;
  readonly #seats = new Set<Seat>();
  readonly #respawns = new Set<NodeJS.Timeout>();
  readonly #durations = new Durations();
  #sweep = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #size: number;
  #closed = false;
  #resolveTasks: (tasks: RegisteredTask[]) => void = () => undefined;
  #rejectTasks: (error: Error) => void = () => undefined;
  #everReady = false;

  constructor(options: TaskPoolOptions) {
    this.#options = options;
    this.#size = options.kind === 'solo' ? 1 : Math.max(1, options.concurrency);
  }

  get size(): number {
    return this.#size;
  }

  get kind(): PoolKind {
    return this.#options.kind;
  }

  get limits(): { maxTasksPerChild: number | null } {
    return this.#options;
  }

  /** Process ids, or numbers of threads. */
  get numbers(): number[] {
    return [...this.#seats].map(({ carrier }) => carrier.number);
  }

  /** Starts them; the tasks, once the first has loaded them. */
  start(): Promise<RegisteredTask[]> {
    const tasks = new Promise<RegisteredTask[]>((resolve, reject) => {
      this.#resolveTasks = resolve;
      this.#rejectTasks = reject;
    });
    this.#fill();
    return tasks;
  }

  /** Jobs that were handed over and have not started. */
  get aheadCount(): number {
    let count = 0;
    for (const seat of this.#seats) count += seat.aheadCount;
    return count;
  }

  /** Where the next job can go; null when it has to wait. */
  room(): Room | null {
    const seat = this.#seatForNext();
    return seat === null ? null : { seat };
  }

  /** `room` is what `room()` answered just before. */
  run({ seat }: Room, job: Job, limits: JobLimits, handlers: JobHandlers): void {
    const expectedMs = this.#durations.expectedMs(job.name);
    const isAhead = seat.takesAhead && seat.running.length >= this.#seatSize();
    const sweep = this.#sweep;
    const handed = seat.hand({ job, limits, handlers, timers: [], expectedMs, sweep }, isAhead);
    if (isAhead) this.#sweeper ??= setTimeout(() => this.#takeBackStale(), SWEEP_MS);
    else this.#begin(seat, handed);
  }

  /** Tells of jobs handed over ahead of time that have started since. */
  noteStarts(): void {
    for (const seat of this.#seats) {
      if (seat.aheadCount > 0) for (const one of seat.takeStarted()) this.#begin(seat, one);
    }
  }

  /** Jobs that were handed over and have not started are returned. */
  takeBack(): void {
    for (const seat of this.#seats) this.#takeBack(seat);
  }

  /** False when it does not run here. */
  terminate(id: string, signal: string): boolean {
    let isHere = false;
    this.takeBack();
    for (const [seat, running] of this.#everyRunning()) {
      if (running.job.id !== id) continue;
      this.#end(seat, running, { type: 'terminated', signal });
      isHere = true;
    }
    return isHere;
  }

  /** Ends what runs now; each is told as a task that was cut off. */
  cutOff(outcome: Outcome): void {
    this.takeBack();
    for (const [seat, running] of this.#everyRunning()) this.#end(seat, running, outcome);
  }

  resize(size: number): void {
    this.#size = Math.max(1, size);
    if (this.#options.kind === 'solo') return;
    if (this.#options.kind === 'async') {
      for (const { carrier } of this.#seats) carrier.post({ type: 'resize', limit: this.#size });
      return;
    }
    this.#fill();
    const surplus = [...this.#seats].filter((seat) => !seat.isLeaving);
    surplus.sort((a, b) => a.running.length - b.running.length);
    for (const seat of surplus.slice(0, Math.max(0, surplus.length - this.#size))) {
      this.#takeBack(seat);
      seat.isLeaving = true;
      this.#leaveWhenIdle(seat);
    }
  }

  /** Replaces all, each when its task has ended. */
  restart(): void {
    for (const seat of [...this.#seats]) this.#retire(seat);
    for (const seat of [...this.#seats]) this.#leaveWhenIdle(seat);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#respawns) clearTimeout(timer);
    if (this.#sweeper !== null) clearTimeout(this.#sweeper);
    const seats = [...this.#seats];
    this.#seats.clear();
    for (const seat of seats) {
      for (const { timers } of seat.running) timers.forEach((end) => end());
    }
    await Promise.all(seats.map((seat) => seat.farewell()));
  }

  #seatSize(): number {
    return this.#options.kind === 'async' ? this.#size : 1;
  }

  #fill(): void {
    const { kind } = this.#options;
    const wanted = kind === 'async' || kind === 'solo' ? 1 : this.#size;
    let count = [...this.#seats].filter((seat) => !seat.isLeaving).length;
    for (; count < wanted && !this.#closed; count += 1) this.#spawn();
  }

  #seatForNext(): Seat | null {
    const most = this.#seatSize();
    let free: Seat | null = null;
    let soonest: Seat | null = null;
    for (const seat of this.#seats) {
      if (!seat.isReady || seat.isLeaving || seat.ending !== null) continue;
      if (seat.running.length < most) {
        free ??= seat;
        continue;
      }
      if (!seat.canTakeAhead(most)) continue;
      if (seat.expectedMs < WAKE_MS) return seat;
      if (seat.expectedMs < (soonest?.expectedMs ?? AHEAD_MS)) soonest = seat;
    }
    return free ?? soonest;
  }

  #spawn(): void {
    const { place, maxHeapMb, kind } = this.#options;
    const gate = this.#runsAhead() ? new Gate() : null;
    const events: CarrierEvents = {
      onMessage: (message) => {
        this.#receive(seat, message);
      },
      onGone: (reason) => {
        this.#gone(seat, reason);
      },
    };
    const start = kind === 'processes' ? startProcessCarrier : startThreadCarrier;
    const seat: Seat = new Seat(start({ place, maxHeapMb, gate }, events), gate);
    this.#seats.add(seat);
  }

  /** Jobs are counted, and memory is looked at, between one and the next. */
  #runsAhead(): boolean {
    const { kind, maxTasksPerChild, maxMemoryBytes } = this.#options;
    return kind !== 'processes' && maxTasksPerChild === null && maxMemoryBytes === null;
  }

  #begin(seat: Seat, running: Running): void {
    seat.running.push(running);
    seat.startedCount += 1;
    const { maxTasksPerChild } = this.#options;
    if (maxTasksPerChild !== null && seat.startedCount >= maxTasksPerChild) this.#retire(seat);
    this.#limit(seat, running);
    const { carrier } = seat;
    running.handlers.onAccepted(Date.now(), carrier.isProcess ? carrier.number : null);
  }

  /** A thread that turned out to be busy for long does not keep jobs from the others, nor past a change of mind. */
  #takeBackStale(): void {
    this.#sweeper = null;
    let isNeeded = false;
    for (const seat of this.#seats) {
      if (seat.isStale(this.#sweep)) this.#takeBack(seat);
      isNeeded ||= seat.aheadCount > 0;
    }
    this.#sweep += 1;
    if (isNeeded) this.#sweeper ??= setTimeout(() => this.#takeBackStale(), SWEEP_MS);
  }

  #takeBack(seat: Seat): void {
    const { started, returned } = seat.takeBack();
    for (const one of started) this.#begin(seat, one);
    for (const { handlers } of returned.reverse()) handlers.onReturned();
    if (returned.length > 0) this.#options.onFree();
  }

  #receive(seat: Seat, message: FromCarrier): void {
    if (message.type === 'ready') {
      seat.isReady = true;
      seat.saysFarewell = message.saysFarewell;
      if (this.#seatSize() > 1) seat.carrier.post({ type: 'resize', limit: this.#seatSize() });
      this.#everReady = true;
      this.#resolveTasks(message.tasks);
      this.#options.onFree();
      return;
    }
    const running = seat.running.find(({ job }) => job.key === message.key);
    if (running === undefined) return;
    const { handlers } = running;
    switch (message.type) {
      case 'outcome':
        if (seat.ending?.key === message.key) {
          // It did not hear the signal that was to end it.
          void seat.carrier.end();
          break;
        }
        if (this.#isTooBig(message.cost.memoryBytes)) this.#retire(seat);
        this.#durations.add(running.job.name, message.cost.ms);
        this.#finish(seat, running, unpackOutcome(message.outcome));
        break;
      case 'note':
        handlers.onNote(message.note);
        break;
      case 'wish':
        grant(seat, message.call, handlers.onWish(message.wish));
    }
  }

  #isTooBig(memoryBytes: number | null): boolean {
    const { maxMemoryBytes } = this.#options;
    return maxMemoryBytes !== null && memoryBytes !== null && memoryBytes > maxMemoryBytes;
  }

  #limit(seat: Seat, running: Running): void {
    const { key } = running.job;
    const { softTimeLimitMs: soft, timeLimitMs: hard } = running.limits;
    if (soft !== null && soft > 0) {
      const message: ToCarrier = { type: 'soft-limit', key, seconds: soft / 1000 };
      running.timers.push(after(soft, () => seat.carrier.post(message)));
    }
    if (hard !== null && hard > 0) {
      const onHard = () => {
        const error = describeError('TimeLimitExceeded', 'billiard.exceptions', [hard / 1000]);
        this.#end(seat, running, { type: 'failure', error, timedOut: true });
      };
      running.timers.push(after(hard, onHard));
    }
  }

  /** Ends whatever runs the task, the second time by force; in a shared thread the task is only told, and forgotten. */
  #end(seat: Seat, running: Running, outcome: Outcome): void {
    const { key } = running.job;
    this.#takeBack(seat);
    const { kind } = this.#options;
    if (kind !== 'async' && seat.running.at(-1) !== running) return;
    if (kind === 'async') {
      seat.carrier.post({ type: 'abort', key });
      this.#finish(seat, running, outcome);
    } else if (seat.ending === null) {
      seat.ending = { key, outcome };
      const signal = outcome.type === 'terminated' ? toSignal(outcome.signal) : 'SIGKILL';
      void seat.carrier.end(signal);
    } else void seat.carrier.end();
  }

  #everyRunning(): [Seat, Running][] {
    return [...this.#seats].flatMap((seat) =>
      seat.running.map((running): [Seat, Running] => [seat, running]),
    );
  }

  #finish(seat: Seat, running: Running, outcome: Outcome): void {
    running.timers.forEach((end) => end());
    seat.forget(running);
    running.handlers.onOutcome(outcome);
    const next = seat.running.length < this.#seatSize() ? seat.shift() : undefined;
    if (next !== undefined) this.#begin(seat, next);
    this.#leaveWhenIdle(seat);
    this.#options.onFree();
  }

  /** Takes no further task; another is on its way. */
  #retire(seat: Seat): void {
    if (seat.isLeaving) return;
    seat.isLeaving = true;
    this.#fill();
  }

  #leaveWhenIdle(seat: Seat): void {
    if (seat.isLeaving && seat.running.length === 0) void seat.farewell();
  }

  #gone(seat: Seat, reason: string): void {
    if (!this.#seats.delete(seat) || this.#closed) return;
    const lost: Outcome = {
      type: 'failure',
      lost: true,
      error: describeError('WorkerLostError', 'billiard.exceptions', [
        `Worker exited prematurely: ${reason}.`,
      ]),
    };
    if (!seat.isReady && !seat.isLeaving) {
      this.#options.onTrouble(`The tasks could not be loaded: ${reason}`);
      if (!this.#everReady) this.#rejectTasks(new Error(reason));
    }
    this.#takeBack(seat);
    for (const running of [...seat.running]) {
      const meant = seat.ending?.key === running.job.key ? seat.ending.outcome : lost;
      this.#finish(seat, running, meant);
    }
    if (seat.isReady) this.#fill();
    else {
      const timer = setTimeout(() => {
        this.#respawns.delete(timer);
        this.#fill();
      }, RESPAWN_MS);
      this.#respawns.add(timer);
    }
  }
}

function grant(seat: Seat, call: number, granting: Promise<unknown>): void {
  granting.then(
    (value) => {
      seat.carrier.post({ type: 'granted', call, value, error: null });
    },
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      seat.carrier.post({ type: 'granted', call, value: null, error: text });
    },
  );
}
