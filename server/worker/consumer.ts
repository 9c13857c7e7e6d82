// The consumer: takes messages, decides whether and when they run, and hands them to the pool. It never runs task code.
// Mirrors celery.worker.strategy: unknown → rejected, expired or revoked → dropped, eta → timer, rate limit → bucket.
import { setTimeout as wait } from 'node:timers/promises';
import type { Consumer, Delivery } from '../broker/transport.ts';
import { acceptedTypes } from '../celery/codec/serializer.ts';
import { decodeTaskMessage, type TaskMessage } from '../celery/message.ts';
import type { Celery } from '../client/celery.ts';
import type { QueueDefinition } from '../client/queues.ts';
import type { TaskOptions } from '../client/task-types.ts';
import type { Logger } from '../core/logger.ts';
import { errorText } from '../core/errors.ts';
import { Roster } from '../core/roster.ts';
import { OpenWork } from './open-work.ts';
import { concludeTask, revoke, type OutcomeParts } from './outcome.ts';
import type { Outcome } from '../client/attempt/attempt.ts';
import type { JobLimits } from './pool/messages.ts';
import type { Room, TaskPool } from './pool/task-pool.ts';
import { RateGate } from './rate-gate.ts';
import { parseRateLimit } from './rate-limit.ts';
import { EtaTimers } from './eta-timers.ts';
import { createHurry, displayName, limitsOf, toTaskRequest, type HeldRequest } from './request.ts';
import {
  hasSucceeded,
  mayHaveSucceeded,
  receivedFields,
  refusalOf,
  refuseUnknown,
  rejectMessage,
  tell,
  toHeldRequest,
} from './reception.ts';
import type { RevokedStamps } from './revoked-stamps.ts';
import type { RevokedTasks } from './revoked-tasks.ts';
import { storeResult } from './store-result.ts';
import type { TaskLog } from './task-log.ts';
import { grantWish, takeNote } from './task-run.ts';
import type { WorkerEvents } from './worker-events.ts';
import { WorkerQueues } from './worker-queues.ts';

const STOP_LOOK_MS = 20;

export type ConsumerOptions = {
  app: Celery;
  hostname: string;
  events: WorkerEvents;
  pool: TaskPool;
  revoked: RevokedTasks;
  logger: Logger;
  tasks: ReadonlyMap<string, TaskOptions>;
  defaultLimits: JobLimits;
  /** 0: takes all there is. */
  prefetchMultiplier: number;
  taskLog: TaskLog;
  stamps: RevokedStamps;
  onReceived: () => void;
};

export class TaskConsumer {
  readonly #options: ConsumerOptions;
  readonly #parts: OutcomeParts;
  readonly #held = new Roster<HeldRequest>();
  readonly #eta: EtaTimers;
  readonly #gate: RateGate;
  #waiting: HeldRequest[] = [];
  readonly #work: OpenWork;
  readonly totals = new Map<string, number>();
  readonly known: WorkerQueues;
  readonly #accepted: ReadonlySet<string>;
  processedCount = 0;
  #lastKey = 0;
  #consumer: Consumer | null = null;
  #wantsPrefetch = false;
  #setsPrefetch = false;
  #stopsAt: number | null = null;
  #stopping: Promise<void> | null = null;
  /** What still waits for a backend, or for another's chord, when the time of a shutdown is over. */
  readonly #hurry = createHurry();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    const { app, hostname, events, logger } = options;
    this.#parts = { app, hostname, events, logger };
    this.#work = new OpenWork(logger);
    const { clock, transport, conf } = options.app;
    this.known = new WorkerQueues(transport, conf);
    this.#accepted = acceptedTypes(conf.acceptContent);
    this.#gate = new RateGate(clock, (held) => {
      this.#queue(held);
    });
    this.#eta = new EtaTimers(clock, (held) => {
      this.updatePrefetch();
      this.#gate.enter(held);
    });
    if (conf.workerDisableRateLimits) return;
    for (const [name, task] of options.tasks)
      this.setRateLimit(name, task.rateLimit ?? conf.taskDefaultRateLimit);
  }

  get prefetchCount(): number {
    const { pool, prefetchMultiplier } = this.#options;
    if (prefetchMultiplier === 0) return 0;
    return pool.size * prefetchMultiplier + this.#eta.count;
  }

  get queues(): readonly string[] {
    return this.#consumer?.queues ?? [];
  }

  async start(queues: readonly string[]): Promise<void> {
    const own: string[] = [];
    for (const queue of queues) own.push(await this.known.declare(queue));
    this.#consumer = await this.#options.app.transport.consume(
      own,
      {
        prefetch: this.prefetchCount,
        isHungry: () => this.#isHungry(),
        beforeFetch: () => {
          this.#options.pool.noteStarts();
        },
      },
      (delivery) => {
        this.#receive(delivery);
      },
    );
  }

  async addQueue(queue: string, given: Partial<QueueDefinition> = {}): Promise<void> {
    const own = await this.known.declare(queue, given);
    await this.#consumer?.addQueue(own);
  }

  async cancelQueue(queue: string): Promise<void> {
    await this.#consumer?.cancelQueue(this.known.nameOf(queue) ?? queue);
  }

  /** After the pool's size or the number of scheduled tasks changed. */
  updatePrefetch(): void {
    if (this.#consumer === null || this.#stopsAt !== null) return;
    this.#wantsPrefetch = true;
    if (!this.#setsPrefetch) this.#work.add(this.#setPrefetch(this.#consumer));
  }

  /** One change at a time; what is wanted meanwhile is set by the next. */
  async #setPrefetch(consumer: Consumer): Promise<void> {
    this.#setsPrefetch = true;
    try {
      while (this.#wantsPrefetch && this.#stopsAt === null) {
        this.#wantsPrefetch = false;
        await consumer.setPrefetch(this.prefetchCount);
      }
    } finally {
      this.#setsPrefetch = false;
    }
  }

  list(...states: HeldRequest['state'][]): HeldRequest[] {
    const listed = [...this.#held].filter(({ state }) => states.includes(state));
    return listed.sort((a, b) => a.key - b.key);
  }

  find(id: string): HeldRequest | null {
    return this.#held.find(({ message }) => message.id === id) ?? null;
  }

  activeCount(): number {
    return this.list('active').length;
  }

  /** False when the limit is none of Celery's forms. */
  setRateLimit(name: string, limit: unknown): boolean {
    if (this.#options.app.conf.workerDisableRateLimits) return parseRateLimit(limit) !== undefined;
    return this.#gate.setLimit(name, limit);
  }

  /** Less waits than can run at once. */
  #isHungry(): boolean {
    const { pool } = this.#options;
    return this.#waiting.length + pool.aheadCount <= pool.size;
  }

  /** Gives threads that have room what waits for them; what comes once the worker is stopping goes back. */
  pump(): void {
    if (this.#stopsAt !== null) return;
    for (let held = this.#waiting[0]; held !== undefined; held = this.#waiting[0]) {
      const isDropped = this.#isDropped(held);
      const room = isDropped ? null : this.#options.pool.room();
      if (room === null && !isDropped) return;
      this.#waiting.shift();
      if (room === null) this.#work.add(this.#drop(held));
      else this.#run(room, held);
    }
  }

  /** After tasks were revoked: what was handed to a thread ahead of time and has not started is looked at again. */
  reconsider(): void {
    this.#options.pool.takeBack();
    this.pump();
  }

  /**
   * Takes nothing more, lets the running tasks end, and gives the rest back. What still runs after `graceMs` is cut off, and what has ended is not
   * waited for where its message can go back; a second call can only make it sooner.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopsAt = Math.min(this.#stopsAt ?? Infinity, Date.now() + graceMs);
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#gate.stop();
    this.#eta.stop();
    this.#options.pool.takeBack();
    this.#waiting = [];
    // A broker that does not answer keeps no task from ending: what still comes is not begun.
    for (const queue of [...this.queues]) {
      await this.#consumer?.cancelQueue(queue).catch((error: unknown) => {
        this.#options.logger.warn({ queue, error: errorText(error) }, 'a queue was not left');
      });
    }
    const isInTime = () => Date.now() < (this.#stopsAt ?? 0);
    while (this.activeCount() > 0 && isInTime()) await wait(STOP_LOOK_MS);
    this.#options.pool.cutOff({ type: 'cancelled' });
    while (this.activeCount() > 0) await wait(STOP_LOOK_MS);
    while (this.#work.count > 0) {
      if (!isInTime()) this.#hurry.abort();
      await wait(STOP_LOOK_MS);
    }
    await this.#consumer?.close();
  }

  #receive(delivery: Delivery): void {
    const decoded = decodeTaskMessage(delivery.message);
    if (!decoded.ok) {
      this.#work.add(rejectMessage(this.#parts, delivery, decoded.message));
      return;
    }
    const message = decoded.value;
    const options = this.#options.tasks.get(message.name);
    if (options !== undefined) {
      const refusal = refusalOf(delivery.message, message, this.#accepted);
      if (refusal !== null) {
        this.#work.add(rejectMessage(this.#parts, delivery, refusal, message));
        return;
      }
    }
    this.#lastKey += 1;
    const held = toHeldRequest(this.#lastKey, message, delivery, options, this.#hurry.signal);
    if (options === undefined) this.#work.add(refuseUnknown(this.#parts, held));
    else if (this.#isDropped(held)) this.#work.add(this.#drop(held));
    else this.#admit(held);
  }

  #admit(held: HeldRequest): void {
    this.#held.add(held);
    this.#options.taskLog.received(held);
    const { signals } = this.#options.app;
    const hasToWait = signals.taskReceived.isHeard || mayHaveSucceeded(this.#parts, held);
    if (hasToWait) this.#work.add(this.#admitLater(held));
    else {
      this.#announce(held);
      this.#schedule(held);
    }
  }

  async #admitLater(held: HeldRequest): Promise<void> {
    const parts = this.#parts;
    const { signals } = this.#options.app;
    const { id, name: task } = held.message;
    const { hostname } = this.#options;
    if (signals.taskReceived.isHeard) {
      await tell(parts, signals.taskReceived.send({ task, id, hostname }));
    }
    this.#announce(held);
    if (!mayHaveSucceeded(parts, held) || !(await hasSucceeded(parts, held))) {
      this.#schedule(held);
      return;
    }
    this.#leave(held);
    held.acknowledged = true;
    await held.delivery.ack();
  }

  #announce({ message, options }: HeldRequest): void {
    this.#options.onReceived();
    if (options.sendEvents === false || !this.#options.events.enabled) return;
    this.#options.events.task('task-received', message.id, receivedFields(message));
  }

  #isDropped(held: HeldRequest): boolean {
    const { revoked, stamps } = this.#options;
    return this.#isExpired(held.message) || revoked.has(held.message.id) || stamps.has(held);
  }

  #isExpired({ expiresAt }: TaskMessage): boolean {
    return expiresAt !== null && this.#options.app.clock.now() > expiresAt;
  }

  async #drop(held: HeldRequest): Promise<void> {
    this.#leave(held);
    this.#options.taskLog.discarded(held);
    const expired = this.#isExpired(held.message);
    await revoke(this.#parts, held, { terminated: false, signum: null, expired });
    held.acknowledged = true;
    await held.delivery.ack();
  }

  #schedule(held: HeldRequest): void {
    const { etaAt } = held.message;
    const now = this.#options.app.clock.now();
    if (etaAt === null || etaAt <= now) {
      this.#gate.enter(held);
      return;
    }
    held.state = 'scheduled';
    this.#eta.add(held, etaAt);
    this.updatePrefetch();
  }

  #queue(held: HeldRequest): void {
    held.state = 'reserved';
    this.#waiting.push(held);
    this.pump();
  }

  #run(room: Room, held: HeldRequest): void {
    const { hostname, pool, tasks, defaultLimits } = this.#options;
    const { id, name } = held.message;
    const job = { key: held.key, id, name, request: toTaskRequest(held, hostname) };
    // Those of now: the command time_limit holds for what already waits, too.
    const limits = limitsOf(held, tasks.get(name) ?? held.options, defaultLimits);
    let before: Promise<void> | null = null;
    const inOrder = (step: () => Promise<void>) => {
      before = before === null ? step() : before.then(step, step);
      this.#work.add(before);
    };
    pool.run(room, job, limits, {
      onAccepted: (at, pid) => {
        held.state = 'active';
        held.pid = pid;
        this.#accept(held, at);
        if (this.#storesStarted(held)) inOrder(() => this.#storeStarted(held));
      },
      onReturned: () => {
        held.state = 'reserved';
        if (this.#stopsAt === null) this.#waiting.unshift(held);
      },
      onNote: (note) => {
        inOrder(() => takeNote(this.#options, held, note));
      },
      onWish: (wish) => grantWish(this.#options, held, wish),
      onOutcome: (outcome) => {
        inOrder(() => this.#conclude(held, outcome));
      },
    });
  }

  #accept(held: HeldRequest, at: number): void {
    const { events, app } = this.#options;
    if (held.startedAt === null) {
      this.processedCount += 1;
      const name = displayName(held);
      this.totals.set(name, (this.totals.get(name) ?? 0) + 1);
    }
    held.startedAt = at;
    if (held.options.sendEvents !== false) events.task('task-started', held.message.id);
    if ((held.options.acksLate ?? app.conf.taskAcksLate) || held.acknowledged) return;
    held.acknowledged = true;
    this.#work.add(held.delivery.ack());
  }

  #storesStarted({ options }: HeldRequest): boolean {
    return options.trackStarted ?? this.#options.app.conf.taskTrackStarted;
  }

  async #storeStarted(held: HeldRequest): Promise<void> {
    const { app, hostname } = this.#options;
    const result = { pid: process.pid, hostname };
    await storeResult(app, held, hostname, { status: 'STARTED', result });
  }

  async #conclude(held: HeldRequest, outcome: Outcome): Promise<void> {
    this.#leave(held);
    this.#options.taskLog.ended(held, outcome);
    try {
      await concludeTask(this.#parts, held, outcome);
    } catch (error) {
      const { id, name: task } = held.message;
      await tell(
        this.#parts,
        this.#options.app.signals.taskInternalError.send({ task, id, error }),
      );
      throw error;
    }
  }

  #leave(held: HeldRequest): void {
    held.state = 'done';
    this.#held.delete(held);
  }
}
