// The loop of one cluster: events in, commits out. Owns the subscription, the fold, the only writer and every timer of the
// collector's thread. It must not know who listens to its notices.
import type { ClusterStatus } from '../../lib/contract/index.ts';
import type { ResultBackend } from '../backend/result-backend.ts';
import type { EventSubscription, Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import { atMost } from '../core/at-most.ts';
import { collectGarbage } from '../core/collect-garbage.ts';
import { errorText } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Annotation, CommitNotice, InspectMethod } from '../store/collecting.ts';
import type { StoreWriter } from '../store/store.ts';
import { annotateTasks } from './annotate.ts';
import { CommitQueue, type Committed } from './commit-queue.ts';
import { DEFAULT_FORGET_AFTER_MS, DEFAULT_LOST_AFTER_MS, type CollectorConfig } from './config.ts';
import { EtaTimer } from './eta-timer.ts';
import { Fold } from './fold.ts';
import { Gaps } from './gaps.ts';
import { Ingest } from './ingest.ts';
import { HeldBook } from './held-book.ts';
import { InFlightWatch } from './in-flight.ts';
import { Inspector } from './inspector.ts';
import { LostDetector } from './lost.ts';
import { Periodic } from './periodic.ts';
import { unreadSteps } from './priority-steps.ts';
import { QueueSampler } from './queue-sampler.ts';
import { Reconciler } from './reconcile.ts';
import { createTextRedactor } from '../core/redact-text.ts';
import { retain } from './retain.ts';
import { StatusBoard } from './status-board.ts';
import { BusySeries, busySlots } from './store-facts.ts';
import { TidyMemory } from './tidy-memory.ts';
import { VanishedTasks } from './vanished.ts';
import { WorkerBook } from './worker-book.ts';
import { WorkerWatch } from './worker-watch.ts';

export type CollectorParts = {
  transport: Transport;
  backend: ResultBackend | null;
  writer: StoreWriter;
};

export type CollectorDeps = {
  clock: Clock;
  logger: Logger;
  onCommit: (notice: CommitNotice) => void;
};

export const COMMIT_INTERVAL_MS = 200;
const TICK_MS = 1000;
const SAMPLE_MS = 2000;
const RECONCILE_MS = 60_000;
/** The first time soon after a start: what ended while nobody watched. */
const CATCH_UP_MS = 3000;
const LOST_MS = 10_000;
const IN_FLIGHT_MS = 10_000;
const UNFINISHED_AT_START = 50_000;
const CHECKPOINT_MS = 1000;
const JOBS_END_MS = 1000;
const CLOSE_MS = 700;

export class Collector {
  readonly fold: Fold;
  readonly book: WorkerBook;
  readonly gaps = new Gaps();
  readonly #forgetAfterMs: number;
  readonly #lostEveryMs: number;
  readonly #parts: CollectorParts;
  readonly #deps: CollectorDeps;
  readonly #ingest: Ingest;
  readonly #commits: CommitQueue;
  readonly #status: StatusBoard;
  readonly #eta: EtaTimer;
  readonly #inspector: Inspector;
  readonly #sampler: QueueSampler;
  readonly #reconciler: Reconciler;
  readonly #lost: LostDetector;
  readonly #held: HeldBook;
  readonly #vanished: VanishedTasks;
  readonly #inFlight: InFlightWatch;
  readonly #workerWatch: WorkerWatch;
  readonly #busy = new BusySeries();
  readonly #tidy: TidyMemory;
  readonly #jobs: Periodic[] = [];
  #subscription: EventSubscription | null = null;
  #stopListening: (() => void) | null = null;
  #commitTimer: NodeJS.Timeout | null = null;
  #givenUpCount = 0;
  #stopped = false;

  constructor(config: CollectorConfig, parts: CollectorParts, deps: CollectorDeps) {
    this.#forgetAfterMs = config.forgetAfterMs ?? DEFAULT_FORGET_AFTER_MS;
    this.#parts = parts;
    this.#deps = deps;
    const { writer } = parts;
    this.fold = new Fold({
      load: (id) => writer.loadTask(id),
      metric: (fact) => writer.addMetric(fact),
      redact: createTextRedactor(config.redactKeys),
    });
    this.book = new WorkerBook(this.fold, { offlineAfterMs: config.offlineAfterMs });
    this.#inspector = new Inspector(parts.transport, this.fold, this.book, deps.clock, {
      intervalMs: config.inspectIntervalMs,
      timeoutMs: config.inspectTimeoutMs,
      enableEvents: config.enableEvents,
    });
    this.#sampler = new QueueSampler(
      parts.transport,
      this.fold,
      this.book,
      deps.clock,
      config.queues,
      () => this.#inspector.hasDiscovered,
    );
    this.#reconciler = new Reconciler(this.fold, parts.backend, deps.clock);
    const watched = {
      transport: parts.transport,
      fold: this.fold,
      workers: this.book,
      queues: this.#sampler.book,
      reconciler: this.#reconciler,
      clock: deps.clock,
      inGap: () => this.gaps.isOpen(),
    };
    // Where priority steps are not read, any task may wait there.
    const cannotTell = () => this.gaps.isOpen() || this.#status.brokerNotice !== null;
    const lostAfterMs = config.lostAfterMs ?? DEFAULT_LOST_AFTER_MS;
    this.#lostEveryMs = Math.min(LOST_MS, lostAfterMs / 5);
    this.#lost = new LostDetector({ ...watched, inGap: cannotTell }, lostAfterMs);
    this.#held = new HeldBook(watched);
    this.#vanished = new VanishedTasks({ ...watched, inGap: cannotTell });
    this.#inFlight = new InFlightWatch(parts.transport, this.fold, deps.clock);
    this.#workerWatch = new WorkerWatch(this.book, this.gaps);
    this.#inspector.onHeld = (hostname, named) =>
      this.#held.observe(hostname, named, deps.clock.now());
    this.#eta = new EtaTimer(this.fold);
    this.#tidy = new TidyMemory(() => {
      writer.rest();
      collectGarbage();
    });
    this.#ingest = new Ingest(this.fold, deps.clock, (gap) => this.gaps.ended(gap));
    this.#status = new StatusBoard(
      ...([config, parts, this.fold, this.#ingest, this.book, this.gaps] as const),
    );
    this.#commits = new CommitQueue(this.fold, this.book, this.gaps, writer, this.#ingest);
    this.#commits.onShed = ({ factCount }, now) => {
      this.#ingest.droppedCount += factCount;
      this.#givenUpCount += factCount;
      this.gaps.unstored(factCount, this.#status.storeProblem?.since ?? now, now);
    };
    this.#commits.moreFacts = (now) => this.#moreFacts(now);
  }

  /** Never rejects. Resolves when the subscription stands, or, without a broker, when the attempts go on in the background. */
  async start(): Promise<void> {
    const { transport, backend, writer } = this.#parts;
    this.#hear(this.#deps.clock.now());
    const stops = [
      transport.onStatus((status) => {
        const now = this.#deps.clock.now();
        this.gaps.connection(status, now);
        this.#hear(now);
        this.#tellStatus();
      }),
      backend?.onStatus(() => this.#tellStatus()),
    ];
    this.#stopListening = () => {
      for (const stop of stops) stop?.();
    };
    this.#scheduleCommit();
    this.#every('tick', TICK_MS, () => this.#tick());
    this.#every('inspect', TICK_MS, async () => {
      await this.#inspector.round();
      await this.#held.round();
    });
    this.#every('queues', SAMPLE_MS, async () => {
      const { rows, samples, gone } = await this.#sampler.sample();
      this.#commits.addQueues(rows, samples, gone);
    });
    this.#every(
      'reconcile',
      RECONCILE_MS,
      async () => {
        await this.#reconciler.round();
      },
      CATCH_UP_MS,
    );
    this.#every('lost', this.#lostEveryMs, async () => {
      await this.#vanished.round();
      await this.#lost.round();
    });
    this.#every('in flight', IN_FLIGHT_MS, () => this.#inFlight.round());
    this.#every('checkpoint', CHECKPOINT_MS, () => writer.checkpoint());
    this.#every('retention', TICK_MS, () => retain(writer, this.#deps.clock.now()));
    try {
      await this.#subscribe();
    } catch (error) {
      this.#deps.logger.warn({ reason: errorText(error) }, 'cannot subscribe to events yet');
      this.#every('subscribe', TICK_MS, () => this.#subscribe());
    }
  }

  async #subscribe(): Promise<void> {
    if (this.#subscription !== null) return;
    this.#subscription = await this.#parts.transport.subscribeEvents(this.#ingest);
    this.#status.subscription = this.#subscription;
    this.gaps.began(this.#deps.clock.now());
  }

  /** What earlier runs left in the store; before `start`. */
  restore(): void {
    const now = this.#deps.clock.now();
    const { writer } = this.#parts;
    for (const record of writer.loadUnfinished(UNFINISHED_AT_START)) this.fold.tasks.adopt(record);
    for (const row of writer.loadWorkers()) this.book.restore(row);
    const observedAt = writer.loadFact('lastObservedAt');
    if (typeof observedAt === 'number' && observedAt < now) this.book.blind.add(observedAt, now);
    this.#sampler.restore(writer.loadQueues());
    this.#commits.restoreFacts(now);
    this.#busy.restore(writer.loadFact('busySeries'));
    this.#held.restore();
  }

  #moreFacts(now: number): Record<string, unknown> {
    const facts: Record<string, unknown> = {};
    const { discovery } = this.#sampler;
    if (discovery !== null) facts['discovery'] = discovery;
    const knowsWorkers = this.#inspector.hasDiscovered;
    const busySeries = this.#busy.observe(
      () => (this.gaps.isOpen() ? null : busySlots(this.book, knowsWorkers, now)),
      now,
    );
    if (busySeries !== null) facts['busySeries'] = busySeries;
    return facts;
  }

  /** Silence is none of the workers' while no event could arrive. */
  #hear(now: number): void {
    const isConnected = this.#parts.transport.status().state === 'connected';
    const isLost = this.#subscription !== null && this.#subscription.lost() !== null;
    this.book.blind.hears(isConnected && !isLost, now);
  }

  /** Pages learn of a lost connection at once, not with the next event. */
  #tellStatus(): void {
    this.#commits.statusChanged = true;
    if (!this.#stopped) this.commit();
  }

  #every(
    name: string,
    intervalMs: number,
    job: () => Promise<void> | void,
    firstAfterMs = intervalMs,
  ): void {
    const periodic = new Periodic(name, intervalMs, job, this.#deps.logger);
    periodic.start(firstAfterMs);
    this.#jobs.push(periodic);
  }

  #tick(): void {
    const now = this.#deps.clock.now();
    this.gaps.subscription(this.#subscription?.lost() ?? null, now);
    this.#hear(now);
    this.#ingest.droppedCount += this.#workerWatch.tick(now);
    this.#eta.tick(now);
    this.#commits.workersDue = true;
    this.#forgetGone(now);
    this.#status.brokerNotice = this.#unreadSteps(now);
    this.#tidy.observe(this.fold.counts.events, now);
  }

  #unreadSteps(now: number): string | null {
    const { kind, capabilities } = this.#parts.transport;
    return kind === 'redis'
      ? unreadSteps(this.book.entries(now), capabilities.prioritySteps)
      : null;
  }

  #forgetGone(now: number): void {
    for (const entry of [...this.book.entries(now)]) {
      const { offlineSince } = entry;
      if (offlineSince === null || now - offlineSince < this.#forgetAfterMs) continue;
      this.#forget(entry.facts.hostname);
    }
  }

  #forget(hostname: string): void {
    this.book.forget(hostname);
    this.#held.forget(hostname);
    this.#workerWatch.forget(hostname);
    this.#commits.forgetWorker(hostname);
  }

  #scheduleCommit(): void {
    this.#commitTimer = setTimeout(() => {
      this.commit();
      if (!this.#stopped) this.#scheduleCommit();
    }, COMMIT_INTERVAL_MS);
  }

  /** Writes what changed and tells who listens. */
  commit(): void {
    const now = this.#deps.clock.now();
    try {
      const committed = this.#commits.commit(now);
      if (committed === null) return;
      if (this.#status.storeProblem !== null) this.#deps.logger.info({}, 'commits succeed again');
      this.#status.storeProblem = null;
      this.#givenUpCount = 0;
      this.#tell(committed, now);
    } catch (error) {
      this.#commitFailed(errorText(error), now);
    }
  }

  /** Told like a commit, so that pages and probes know at once; logged once. */
  #commitFailed(reason: string, now: number): void {
    if (this.#status.storeProblem === null)
      this.#deps.logger.error({ reason }, 'a commit failed and is tried again until it succeeds');
    const since = this.#status.storeProblem?.since ?? now;
    this.#status.storeProblem = { reason, since, lostCount: this.#givenUpCount };
    this.#tell(this.#commits.unchanged(), now);
  }

  #tell(committed: Committed, now: number): void {
    this.#deps.onCommit({ ...committed, at: now, status: this.status(committed.version) });
  }

  status(version = this.#commits.version): ClusterStatus {
    return this.#status.read(version, this.#deps.clock.now());
  }

  annotate(annotation: Annotation): void {
    if (annotation.type === 'events-enabled') {
      this.book.eventsEnabled(annotation.hostnames, annotation.enabled, annotation.at);
      this.#commits.workersDue = true;
    } else annotateTasks(this.fold, annotation);
    this.commit();
  }

  async inspectNow(
    hostnames: readonly string[] | null,
    methods?: readonly InspectMethod[],
  ): Promise<void> {
    await this.#inspector.now(hostnames, methods);
    this.#commits.workersDue = true;
    this.commit();
  }

  forgetWorker(hostname: string): void {
    this.#forget(hostname);
    this.commit();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#commitTimer !== null) clearTimeout(this.#commitTimer);
    // A broker that hangs holds up neither the last commit nor the end of the process.
    await atMost(JOBS_END_MS, Promise.all(this.#jobs.map((job) => job.close())));
    await atMost(
      CLOSE_MS,
      this.#subscription?.close().catch(() => undefined),
    );
    this.#stopListening?.();
    this.#commits.workersDue = true;
    this.commit();
    // One commit takes so many tasks; what a burst left behind is not lost with the process.
    while (this.fold.tasks.dirty.length > 0 && this.#status.storeProblem === null) this.commit();
  }
}
