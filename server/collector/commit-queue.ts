// What waits to be written, and the one transaction that writes it. After a failure everything is tried again.
import type { Gap } from '../../lib/contract/index.ts';
import type { CommitNotice } from '../store/collecting.ts';
import type { CommitBatch, QueueRow, QueueSampleRow, StoreWriter } from '../store/store.ts';
import type { TaskRecord } from '../store/task-record.ts';
import type { Fold } from './fold.ts';
import type { Gaps } from './gaps.ts';
import type { Ingest } from './ingest.ts';
import type { Shed } from './live-tasks.ts';
import type { WorkerBook } from './worker-book.ts';
import { WorkerRows } from './worker-rows.ts';

const MAX_TASKS_A_COMMIT = 50_000;
const MAX_IDS_TOLD = 500;
const FACTS_EVERY_MS = 1000;
const MAX_SAMPLES_KEPT = 20_000;

export type Committed = Omit<CommitNotice, 'at' | 'status'>;

export class CommitQueue {
  version = 0;
  workersDue = false;
  statusChanged = false;
  /** More facts to write, asked for about once a second. */
  moreFacts: (now: number) => Record<string, unknown> = () => ({});
  /** How much is kept while nothing can be written. */
  unwritten = { maxCount: 200_000, maxBytes: 256 * 1024 * 1024 };
  /** Told of what was given up. */
  onShed: (shed: Shed, now: number) => void = () => undefined;
  readonly #fold: Fold;
  readonly #gaps: Gaps;
  readonly #writer: StoreWriter;
  readonly #ingest: Ingest;
  readonly #rows: WorkerRows;
  #queues: QueueRow[] = [];
  #samples: QueueSampleRow[] = [];
  #forgottenWorkers: string[] = [];
  #forgottenQueues: string[] = [];
  #unwrittenGaps: Gap[] = [];
  #factsAt = 0;
  #newTotal = 0;
  #changedTotal = 0;

  constructor(fold: Fold, book: WorkerBook, gaps: Gaps, writer: StoreWriter, ingest: Ingest) {
    this.#fold = fold;
    this.#rows = new WorkerRows(book);
    this.#gaps = gaps;
    this.#writer = writer;
    this.#ingest = ingest;
  }

  restoreFacts(now: number): void {
    this.version = this.#writer.stats().version;
    const known = this.#writer.loadFact('ingest');
    if (typeof known === 'object' && known !== null) {
      const facts = known as Record<string, unknown>;
      const total = (name: string): number => (typeof facts[name] === 'number' ? facts[name] : 0);
      this.#ingest.eventsBefore = total('eventsTotal');
      this.#ingest.droppedCount = total('droppedCount');
      this.#ingest.malformedCount = total('malformedCount');
      this.#ingest.lastMalformedAt = total('lastMalformedAt') || null;
      const last = facts['lastMalformed'];
      this.#ingest.lastMalformed = typeof last === 'string' ? last : null;
      this.#ingest.firstEventAt = total('firstEventAt') || null;
      this.#gaps.restoreCounts(facts['gapCounts']);
    }
    this.#gaps.stopped(this.#writer.loadFact('lastObservedAt'), this.#writer.loadOpenGaps(), now);
  }

  forgetWorker(hostname: string): void {
    this.#forgottenWorkers.push(hostname);
    this.#rows.forget(hostname);
  }

  addQueues(
    rows: readonly QueueRow[],
    samples: readonly QueueSampleRow[],
    gone: readonly string[],
  ) {
    // While nothing can be written, one may go and come back: what was said last holds.
    const names = new Set(rows.map((row) => row.name));
    this.#forgottenQueues = this.#forgottenQueues.filter((name) => !names.has(name));
    if (gone.length > 0) {
      const dropped = new Set(gone);
      this.#queues = this.#queues.filter((row) => !dropped.has(row.name));
    }
    this.#queues.push(...rows);
    this.#samples.push(...samples);
    this.#forgottenQueues.push(...gone);
  }

  /** Null when there was nothing to write or tell. */
  commit(now: number): Committed | null {
    const tasks = this.#fold.tasks.takeDirty(MAX_TASKS_A_COMMIT);
    const workers = this.workersDue ? this.#rows.take(now) : [];
    const batch: CommitBatch = { now };
    if (tasks.length > 0) batch.tasks = tasks.map((live) => live.record);
    if (workers.length > 0) batch.workers = workers;
    if (workers.length > 0 && this.#forgottenWorkers.length > 0) {
      const back = new Set(workers.map((row) => row.hostname));
      this.#forgottenWorkers = this.#forgottenWorkers.filter((hostname) => !back.has(hostname));
    }
    if (this.#forgottenWorkers.length > 0) batch.forgetWorkers = this.#forgottenWorkers;
    if (this.#queues.length > 0) batch.queues = this.#queues;
    if (this.#samples.length > 0) batch.queueSamples = this.#samples;
    if (this.#forgottenQueues.length > 0) batch.forgetQueues = this.#forgottenQueues;
    this.#unwrittenGaps.push(...this.#gaps.take());
    if (this.#unwrittenGaps.length > 0) batch.gaps = this.#unwrittenGaps;
    const factsDue = now - this.#factsAt >= FACTS_EVERY_MS;
    if (factsDue) batch.facts = this.#facts(now);
    if (Object.keys(batch).length === 1 && !this.statusChanged) return null;
    const ids = tasks.length <= MAX_IDS_TOLD ? tasks.map((live) => live.record.id) : null;
    const summary = this.#write(batch, tasks);
    this.#newTotal += summary.newCount;
    this.#changedTotal += summary.changedCount;
    this.version = summary.version;
    const told: Committed = {
      version: summary.version,
      newTotal: this.#newTotal,
      changedTotal: this.#changedTotal,
      changedIds: ids,
      workersChanged: workers.length > 0 || this.#forgottenWorkers.length > 0,
      queuesChanged: this.#queues.length > 0 || this.#forgottenQueues.length > 0,
    };
    if (factsDue) this.#factsAt = now;
    this.#clear();
    return told;
  }

  /** What a failed commit has to tell: nothing but the status beside it. */
  unchanged(): Committed {
    return {
      version: this.version,
      newTotal: this.#newTotal,
      changedTotal: this.#changedTotal,
      changedIds: [],
      workersChanged: false,
      queuesChanged: false,
    };
  }

  #write(batch: CommitBatch, tasks: readonly { record: TaskRecord; dirty: boolean }[]) {
    try {
      const summary = this.#writer.commit(batch);
      this.#fold.tasks.written(tasks);
      this.#rows.written();
      return summary;
    } catch (error) {
      this.#fold.tasks.putBack(tasks);
      this.#keepNewest();
      const shed = this.#fold.tasks.shed(this.unwritten);
      if (shed.taskCount > 0) this.onShed(shed, batch.now);
      throw error;
    }
  }

  /** While nothing can be written: of each queue the newest row, of samples the newest. */
  #keepNewest(): void {
    this.#queues = [...new Map(this.#queues.map((row) => [row.name, row])).values()];
    this.#samples = this.#samples.slice(-MAX_SAMPLES_KEPT);
    this.#forgottenQueues = [...new Set(this.#forgottenQueues)];
    const gaps = this.#unwrittenGaps.map((gap) => [`${gap.startedAt} ${gap.cause}`, gap] as const);
    this.#unwrittenGaps = [...new Map(gaps).values()];
  }

  #clear(): void {
    this.workersDue = false;
    this.statusChanged = false;
    this.#queues = [];
    this.#samples = [];
    this.#forgottenWorkers = [];
    this.#forgottenQueues = [];
    this.#unwrittenGaps = [];
  }

  #facts(now: number): Record<string, unknown> {
    const { eventsTotal, droppedCount, malformedCount, lastMalformed, lastMalformedAt } =
      this.#ingest;
    const { firstEventAt } = this.#ingest;
    const facts: Record<string, unknown> = {
      ...this.moreFacts(now),
      ingest: {
        ...{ eventsTotal, droppedCount, malformedCount, firstEventAt },
        ...{ lastMalformed, lastMalformedAt },
        gapCounts: this.#gaps.counts,
      },
    };
    if (!this.#gaps.isOpen()) facts['lastObservedAt'] = now;
    return facts;
  }
}
