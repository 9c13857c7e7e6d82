// A cluster in plain memory for tests of the HTTP edge: everything behind the interfaces is a value that a test can set.
import {
  queueSummary,
  TASK_STATES,
  taskSummary,
  workerSummary,
  type ClusterStatus,
  type MetricSeries,
  type QueueDetail,
  type RetryForm,
  type RetryPart,
  type TaskDetail,
  type TaskState,
  type WorkerDetail,
} from '../../../lib/contract/index.ts';
import type { Control, ResultReading } from '../../control/control.ts';
import type { Annotation, CollectorHandle, CommitNotice } from '../../store/collecting.ts';
import type { StoreReader } from '../../store/store.ts';
import { createTaskRecord, type TaskRecord } from '../../store/task-record.ts';
import type { WebCluster } from '../deps.ts';

export const T0 = Date.UTC(2026, 4, 1, 12);

export type MemoryCluster = WebCluster & {
  state: {
    status: ClusterStatus;
    tasks: Map<string, TaskDetail>;
    records: Map<string, TaskRecord>;
    workers: Map<string, WorkerDetail>;
    queues: Map<string, QueueDetail>;
    facts: Record<string, unknown>;
    totals: Awaited<ReturnType<StoreReader['metricTotals']>>;
    histogram: Awaited<ReturnType<StoreReader['metricHistogram']>>;
    workerTotals: Awaited<ReturnType<StoreReader['metricHistogram']>>;
    reading: ResultReading;
    calls: { method: string; arguments: unknown[] }[];
    annotations: Annotation[];
    reads: number;
    fail: Error | null;
  };
  commit(notice?: Partial<CommitNotice>): void;
  end(error: Error): void;
};

export function createMemoryCluster(name = 'demo'): MemoryCluster {
  const listeners = new Set<(notice: CommitNotice) => void>();
  let end: (error: Error) => void = () => undefined;
  const ended = new Promise<Error>((resolve) => (end = resolve));
  const state: MemoryCluster['state'] = {
    status: createStatus(name),
    tasks: new Map(),
    records: new Map(),
    workers: new Map(),
    queues: new Map(),
    facts: { discovery: { complete: true, reason: null } },
    totals: [],
    histogram: [],
    workerTotals: [],
    reading: { type: 'absent', readAt: T0 },
    calls: [],
    annotations: [],
    reads: 0,
    fail: null,
  };

  const read = async <T>(value: () => T): Promise<T> => {
    state.reads += 1;
    if (state.fail !== null) throw state.fail;
    return value();
  };
  const call = (method: string, ...args: unknown[]) => {
    state.calls.push({ method, arguments: args });
  };

  const reader: StoreReader = {
    listTasks: (query) =>
      read(() => {
        const items = [...state.tasks.values()]
          .slice(0, query.limit)
          .map((task) => taskSummary.parse(task));
        return {
          items,
          nextCursor: null,
          total: items.length,
          totalAtLeast: items.length,
          version: state.status.version,
          at: query.now,
          searchedBackTo: null,
        };
      }),
    taskFacets: () =>
      read(() => ({ states: [], types: [], queues: [], workers: [], exact: true, version: 1 })),
    taskNews: () => read(() => ({ newCount: 0, changedCount: 0, version: 1 })),
    getTask: (id) => read(() => state.tasks.get(id) ?? null),
    getTaskRecords: (ids) => read(() => ids.flatMap((id) => state.records.get(id) ?? [])),
    suggest: () => read(() => ({ values: [] })),
    taskTypes: () =>
      read(() => [...new Set([...state.tasks.values()].flatMap((task) => task.type ?? []))].sort()),
    countsByState: () => read(() => countStates([...state.tasks.values()])),
    countsBy: (dimension, wanted) =>
      read(() => {
        const counts = new Map<string, number>();
        for (const task of state.tasks.values()) {
          const value = task[dimension];
          if (value === null || (wanted !== undefined && task.state !== wanted)) continue;
          counts.set(value, (counts.get(value) ?? 0) + 1);
        }
        return [...counts].map(([value, count]) => ({ value, count }));
      }),
    metrics: ({ from, to, bucketMs }) => read(() => ({ ...emptySeries(), from, to, bucketMs })),
    metricTotals: () => read(() => state.totals),
    metricHistogram: ({ by }) =>
      read(() => (by === 'worker' ? state.workerTotals : state.histogram)),
    workers: () => read(() => [...state.workers.values()].map((row) => workerSummary.parse(row))),
    workersText: () =>
      read(() =>
        JSON.stringify([...state.workers.values()].map((row) => workerSummary.parse(row))),
      ),
    worker: (hostname) => read(() => state.workers.get(hostname) ?? null),
    toldSchedules: () => read(() => []),
    newestOfTypes: () => read(() => []),
    queues: () => read(() => [...state.queues.values()].map((row) => queueSummary.parse(row))),
    queue: (queue) => read(() => state.queues.get(queue) ?? null),
    backlogSeries: () => read(() => []),
    gaps: () => read(() => []),
    fact: (fact) => read(() => state.facts[fact] ?? null),
    close: async () => undefined,
  };

  const collector: CollectorHandle = {
    status: () => state.status,
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    annotate: async (annotation) => {
      state.annotations.push(annotation);
    },
    inspectNow: async (hostnames) => call('inspectNow', hostnames),
    forgetWorker: async (hostname) => {
      state.workers.delete(hostname);
    },
    stop: async () => undefined,
    failed: () => ended,
  };

  const control: Control = {
    revoke: async (actor, request) => {
      call('revoke', actor, request);
      return { acks: [], warnings: [] };
    },
    retryForm: async (id) => createRetryForm(id),
    retry: async (actor, id, request) => {
      call('retry', actor, id, request);
      return { id: 'new-id', originalId: id, queue: request.queue, notes: [] };
    },
    sendTask: async (actor, type, body) => {
      call('sendTask', actor, type, body);
      return { id: 'new-id', notes: [] };
    },
    abort: async (actor, id) => {
      call('abort', actor, id);
    },
    command: async (actor, request) => {
      call('command', actor, request);
      return {
        acks: request.workers.map((hostname) => ({ hostname, outcome: 'ok', text: 'ok' })),
        warnings: [],
      };
    },
    schedule: async () => ({ items: [], sources: [], total: 0, at: T0 }),
    peekQueue: async (queue, { from }) => {
      call('peekQueue', queue);
      return { supported: true, reason: null, from, messages: [], truncated: false };
    },
    readResult: async () => state.reading,
    forgetWorker: async (actor, hostname) => {
      call('forgetWorker', actor, hostname);
      state.workers.delete(hostname);
    },
  };

  return {
    name,
    demo: true,
    reader,
    control,
    collector,
    state,
    commit(notice = {}) {
      const version = state.status.version + 1;
      state.status = { ...state.status, version, at: state.status.at + 1 };
      const complete: CommitNotice = {
        version,
        at: state.status.at,
        newTotal: 0,
        changedTotal: 0,
        changedIds: [],
        workersChanged: false,
        queuesChanged: false,
        status: state.status,
        ...notice,
      };
      for (const listener of listeners) listener(complete);
    },
    end,
  };
}

export function createStatus(name: string): ClusterStatus {
  return {
    name,
    brokerKind: 'memory',
    brokerUrl: 'memory://demo',
    backendUrl: null,
    demo: true,
    broker: { state: 'connected', since: T0, reason: null, attempt: 0, nextAttemptAt: null },
    backend: null,
    ingest: {
      eventsPerSecond: 12,
      eventsTotal: 1000,
      lagMs: 40,
      bufferedBytes: 0,
      droppedCount: 0,
      malformedCount: 0,
      gapCounts: {
        stopped: 0,
        disconnected: 0,
        dropped: 0,
        'worker-silent': 0,
        'buffer-overrun': 0,
      },
      lastMalformed: null,
      lastMalformedAt: null,
    },
    tasksStored: 0,
    storeBytes: 4096,
    storeProblem: null,
    brokerNotice: null,
    celeryVersions: ['5.6.2'],
    firstEventAt: T0 - 3_600_000,
    version: 1,
    at: T0,
  };
}

export function createTask(id: string, changes: Partial<TaskDetail> = {}): TaskDetail {
  const text = { text: null, fidelity: 'unknown', source: 'none', sizeBytes: null } as const;
  return {
    id,
    type: 'tasks.add',
    state: 'success',
    customState: null,
    revoking: false,
    worker: 'w1@host',
    queue: 'celery',
    priority: null,
    sentAt: T0 - 5000,
    receivedAt: T0 - 4000,
    startedAt: T0 - 3000,
    finishedAt: T0 - 1000,
    etaAt: null,
    expiresAt: null,
    updatedAt: T0 - 1000,
    waitMs: 1000,
    runtimeMs: 2000,
    retries: 0,
    args: '(1, 2)',
    kwargs: '{}',
    result: '3',
    exception: null,
    rootId: id,
    parentId: null,
    argsText: { ...text, text: '(1, 2)', fidelity: 'shortened', source: 'event' },
    kwargsText: { ...text, text: '{}', fidelity: 'text', source: 'event' },
    resultText: { ...text, text: '3', fidelity: 'text', source: 'event' },
    traceback: null,
    timeline: [],
    timelineDropped: 0,
    routingKey: 'celery',
    exchange: '',
    sentBy: 'gen1@host',
    workerPid: 7,
    groupId: null,
    childIds: [],
    childCount: 0,
    retryOfId: null,
    retriedAsIds: [],
    progress: null,
    resultMeta: null,
    notes: [],
    ...changes,
  };
}

/** Puts the task where pages, and where the Flower-compatible paths, find it. */
export function addTask(cluster: MemoryCluster, task: TaskDetail): void {
  const record = createTaskRecord(task.id, task.sentAt ?? T0);
  const { id, type, state, worker, queue, args, kwargs, result, exception, rootId, parentId } =
    task;
  const { sentAt, receivedAt, startedAt, finishedAt, etaAt, updatedAt, runtimeMs, retries } = task;
  cluster.state.tasks.set(id, task);
  cluster.state.records.set(id, {
    ...record,
    ...{ type, state, worker, queue, args, kwargs, result, exception, rootId, parentId },
    ...{ sentAt, receivedAt, startedAt, finishedAt, etaAt, updatedAt, runtimeMs, retries },
    traceback: task.traceback,
    customState: task.customState,
  });
}

export function createWorker(hostname: string, changes: Partial<WorkerDetail> = {}): WorkerDetail {
  const unread = { value: null, readAt: null, reason: 'Not asked yet.' };
  return {
    hostname,
    state: 'online',
    stateReason: null,
    lastSeenAt: T0,
    firstSeenAt: T0 - 3_600_000,
    heartbeatMs: 2000,
    active: 1,
    concurrency: 4,
    processed: 100,
    prefetched: 2,
    pool: 'prefork',
    queues: ['celery'],
    loadAverage: [0.1, 0.2, 0.3],
    memoryBytes: 50_000_000,
    uptimeMs: 3_600_000,
    pid: 42,
    software: 'py-celery 5.6.2',
    eventsEnabled: true,
    duplicateHostname: false,
    clockSkewMs: 0,
    executedPerSecond: 1,
    failedPerSecond: 0,
    running: { value: [], readAt: T0, reason: null },
    reserved: { value: [], readAt: T0, reason: null },
    scheduled: { value: [], readAt: T0, reason: null },
    revoked: { value: [], readAt: T0, reason: null },
    registered: {
      value: [{ name: 'tasks.add', rateLimit: null, info: null }],
      readAt: T0,
      reason: null,
    },
    activeQueues: {
      value: [
        {
          name: 'celery',
          exchange: 'celery',
          exchangeType: 'direct',
          routingKey: 'celery',
          durable: true,
        },
      ],
      readAt: T0,
      reason: null,
    },
    stats: { value: { pid: 42, total: { 'tasks.add': 100 } }, readAt: T0, reason: null },
    conf: unread,
    supports: {},
    ...changes,
  };
}

export function createQueue(name: string, changes: Partial<QueueDetail> = {}): QueueDetail {
  return {
    name,
    ready: 3,
    readyByPriority: [{ priority: 0, ready: 3 }],
    inFlight: 1,
    consumers: 1,
    consumerNames: ['w1@host'],
    oldestAgeMs: 1500,
    inPerSecond: 1,
    outPerSecond: 2,
    emptyInMs: 3000,
    sampledAt: T0,
    reason: null,
    kind: 'task',
    durable: true,
    queueType: 'list',
    discoveredFrom: ['binding'],
    samples: [{ at: T0, ready: 3, inFlight: 1, consumers: 1 }],
    bindings: [],
    arguments: {},
    ...changes,
  };
}

function countStates(tasks: readonly TaskDetail[]): Record<TaskState, number> {
  const counts = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<
    TaskState,
    number
  >;
  for (const task of tasks) counts[task.state] += 1;
  return counts;
}

function emptySeries(): MetricSeries {
  return {
    from: T0,
    to: T0,
    bucketMs: 60_000,
    buckets: [],
    gaps: [],
    totals: {
      executed: 0,
      success: 0,
      failure: 0,
      retry: 0,
      revoked: 0,
      rejected: 0,
      executedPerSecond: null,
      failedShare: null,
      waitP50Ms: null,
      waitP95Ms: null,
      runtimeP50Ms: null,
      runtimeP95Ms: null,
    },
  };
}

function createRetryForm(id: string): RetryForm {
  const part: RetryPart = { text: null, source: 'unknown', condition: 'unknown', hint: null };
  return {
    id,
    type: part,
    args: part,
    kwargs: part,
    queue: part,
    exchange: part,
    routingKey: part,
    priority: part,
    headers: part,
    links: part,
    chain: part,
    timeLimit: part,
    serializer: null,
    chord: { member: false, note: null },
    queues: [],
    notes: [],
  };
}
