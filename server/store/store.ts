// The two doors of the store. One writer per cluster, synchronous, in the collector's thread; any number of readers, asynchronous,
// answered by reader threads (or, later, by another database). Nothing that a page shows as history lives anywhere else.
import type {
  AuditEntry,
  Gap,
  IngestStatus,
  MetricSeries,
  QueueDetail,
  QueueSample,
  QueueSummary,
  Suggestions,
  TaskDetail,
  TaskFacets,
  TaskNews,
  TaskPage,
  TaskPageQuery,
  TaskState,
  WorkerDetail,
  WorkerSummary,
} from '../../lib/contract/index.ts';
import type { TaskRecord } from './task-record.ts';

/** One end of an attempt (or of a task), for the roll-ups per minute. */
export type MetricFact = {
  at: number;
  outcome: 'success' | 'failure' | 'retry' | 'revoked' | 'rejected';
  type: string | null;
  queue: string | null;
  worker: string | null;
  waitMs: number | null;
  runtimeMs: number | null;
};

/** What is stored of a worker: the whole picture for its page, and the row for lists. */
export type WorkerRow = {
  hostname: string;
  detail: WorkerDetail;
  /** Its answers are those that were written last: only what lists show is written. */
  isSummary?: boolean;
};

export type QueueRow = Omit<QueueDetail, 'samples'>;

export type QueueSampleRow = QueueSample & { queue: string };

export type CommitSummary = {
  version: number;
  newCount: number;
  changedCount: number;
  tasksStored: number;
};

/** Everything is optional: a commit writes what it is given, in one transaction. */
export type CommitBatch = {
  tasks?: readonly TaskRecord[];
  workers?: readonly WorkerRow[];
  forgetWorkers?: readonly string[];
  queues?: readonly QueueRow[];
  forgetQueues?: readonly string[];
  queueSamples?: readonly QueueSampleRow[];
  gaps?: readonly Gap[];
  /** Small facts by name, JSON: ingest totals, discovery state, last observation time. */
  facts?: Readonly<Record<string, unknown>>;
  now: number;
};

export interface StoreWriter {
  /** The rowid is put into `record.rowId` for new records. Metrics are written with it, now and then. */
  commit(batch: CommitBatch): CommitSummary;
  /** The stored records of these ids, for late events and restarts; absent ones are missing from the map. */
  loadTasks(ids: readonly string[]): Map<string, TaskRecord>;
  /** One of them; null for an id that is not stored, which costs next to nothing. */
  loadTask(id: string): TaskRecord | null;
  /** The newest unfinished tasks, at most `limit`, to continue after a restart. */
  loadUnfinished(limit: number): TaskRecord[];
  loadWorkers(): WorkerRow[];
  loadQueues(): QueueRow[];
  loadFact(name: string): unknown;
  /** Stretches that an earlier run left open, oldest first. */
  loadOpenGaps(): Gap[];
  addMetric(fact: MetricFact): void;
  /** One small step of retention; the number of tasks removed. Call it now and then; it is cheap when there is nothing to do. */
  retentionStep(now: number): number;
  /** Asks for a checkpoint, which a thread of its own makes; returns at once. */
  checkpoint(): void;
  /** A quiet moment: gives the memory of caches back. */
  rest(): void;
  stats(): { tasksStored: number; storeBytes: number; version: number };
  close(): void;
}

export type MetricQuery = {
  from: number;
  to: number;
  bucketMs: number;
  by: 'all' | 'type' | 'worker' | 'queue';
  key: string | null;
};

/** The query of a page, with `range` resolved against `now`. `visibleTypes` etc. leave room for access rules. */
export type TaskListQuery = TaskPageQuery & { now: number };

/** `beat_schedule` and `timezone` as some workers' configurations have them; `readAt`: when the first of them was read last. */
export type ToldSchedule = {
  beatSchedule: unknown;
  timezone: string | null;
  enableUtc: boolean | null;
  hostnames: string[];
  readAt: number;
};

export type NewestTask = {
  type: string;
  id: string;
  state: TaskState;
  customState: string | null;
  at: number;
};

export interface StoreReader {
  listTasks(query: TaskListQuery): Promise<TaskPage>;
  taskFacets(query: { q: string; range: TaskPageQuery['range']; now: number }): Promise<TaskFacets>;
  /** Tasks that match and whose first (new) or last (changed) fact is later than `since` (epoch ms). */
  taskNews(query: {
    q: string;
    range: TaskPageQuery['range'];
    since: number;
    now: number;
  }): Promise<TaskNews>;
  getTask(id: string): Promise<TaskDetail | null>;
  /** The raw records, for the Flower-compatible API and for control. */
  getTaskRecords(ids: readonly string[]): Promise<TaskRecord[]>;
  suggest(query: { field: string; prefix: string; limit: number }): Promise<Suggestions>;
  taskTypes(): Promise<string[]>;
  countsByState(): Promise<Record<TaskState, number>>;
  countsBy(
    dimension: 'type' | 'worker' | 'queue',
    state?: TaskState,
  ): Promise<{ value: string; count: number }[]>;
  metrics(query: MetricQuery): Promise<MetricSeries>;
  /** Per key totals over a window, e.g. per worker rates for lists, per type failure shares for attention lines. */
  metricTotals(query: { from: number; to: number; by: 'type' | 'worker' | 'queue' }): Promise<
    {
      key: string;
      success: number;
      failure: number;
      retry: number;
      revoked: number;
      rejected: number;
      waitP95Ms: number | null;
      runtimeP95Ms: number | null;
    }[]
  >;
  /** Cumulative totals since the store began, with runtime histogram buckets, for /metrics. `bounds` in seconds. */
  metricHistogram(query: { by: 'type' | 'worker' | 'queue'; bounds: readonly number[] }): Promise<
    {
      key: string;
      success: number;
      failure: number;
      retry: number;
      revoked: number;
      rejected: number;
      runtimeCounts: number[];
      runtimeSumSeconds: number;
      waitCounts: number[];
      waitSumSeconds: number;
    }[]
  >;
  workers(): Promise<WorkerSummary[]>;
  /** The same as JSON: thousands of them are passed on without being read. */
  workersText(): Promise<string>;
  worker(hostname: string): Promise<WorkerDetail | null>;
  /** The different schedules that workers' configurations tell, those of most workers first. */
  toldSchedules(): Promise<ToldSchedule[]>;
  /** The newest task of each of these types, by when it was sent (or else received, or first heard of). */
  newestOfTypes(types: readonly string[]): Promise<NewestTask[]>;
  queues(): Promise<QueueSummary[]>;
  queue(
    name: string,
    query: { from: number; to: number; maxSamples: number },
  ): Promise<QueueDetail | null>;
  backlogSeries(query: {
    from: number;
    to: number;
    points: number;
  }): Promise<{ at: number; ready: number | null }[]>;
  gaps(query: { from: number; to: number }): Promise<Gap[]>;
  fact(name: string): Promise<unknown>;
  close(): Promise<void>;
}

/** The dashboard's own data, one file beside the clusters', written from the main thread. */
export interface DashboardStore {
  appendAudit(entry: AuditEntry): void;
  listAudit(query: { limit: number; cluster?: string }): AuditEntry[];
  close(): void;
}

export type RetentionOptions = {
  /** Null: no limit by age. */
  maxAgeMs: number | null;
  /** Failures are kept this long, where it is longer. */
  failureMaxAgeMs: number | null;
  maxBytes: number | null;
  maxTasks: number | null;
};

export type StoredIngest = Pick<IngestStatus, 'eventsTotal' | 'droppedCount' | 'malformedCount'>;
