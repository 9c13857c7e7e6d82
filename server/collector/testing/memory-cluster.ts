// A broker and a result backend in memory, a fold and a clock that a test moves by hand, for tests of one part.
import { MessageChannel } from 'node:worker_threads';
import { MemoryBackend } from '../../backend/memory-backend.ts';
import { MemoryBroker } from '../../broker/memory/memory-broker.ts';
import { MemoryTransport } from '../../broker/memory/memory-transport.ts';
import { serveMemoryBroker } from '../../broker/memory/serve.ts';
import type { RawEvent } from '../../celery/event.ts';
import type { ResultMeta } from '../../celery/result-meta.ts';
import type { MetricFact } from '../../store/store.ts';
import type { TaskRecord } from '../../store/task-record.ts';
import { Fold } from '../fold.ts';
import { QueueBook } from '../queue-book.ts';
import { Reconciler } from '../reconcile.ts';
import { WorkerBook } from '../worker-book.ts';

export const START = 1_800_000_000_000;

export class HandClock {
  time = START;
  now(): number {
    return this.time;
  }
}

export type FoldOptions = { maxLiveTasks?: number; onMetric?: (fact: MetricFact) => void };

export function createFold({ maxLiveTasks, onMetric }: FoldOptions = {}) {
  const metrics: MetricFact[] = [];
  const stored = new Map<string, TaskRecord>();
  const fold = new Fold({
    load: (id) => stored.get(id) ?? null,
    metric: onMetric ?? ((fact) => metrics.push(fact)),
    redact: null,
    ...(maxLiveTasks === undefined ? {} : { maxLiveTasks }),
  });
  return { fold, metrics, stored };
}

export function rawEvent(type: string, at: number, fields: object = {}): RawEvent {
  return {
    ...{ hostname: 'w1@test', pid: 7, clock: null, utcoffset: 0, uuid: 'a' },
    timestamp: at / 1000,
    ...fields,
    type,
  };
}

export function metaOf(taskId: string, status: string, more: Partial<ResultMeta> = {}): ResultMeta {
  return {
    ...{ taskId, status, result: null, exception: null, traceback: null, children: null },
    ...{ doneAt: null, groupId: null, parentId: null, extended: null, stampedHeaders: null },
    extra: {},
    ...more,
  };
}

export async function openMemoryCluster() {
  const broker = new MemoryBroker();
  const clock = new HandClock();
  const closers: (() => void | Promise<void>)[] = [];
  const port = () => {
    const { port1, port2 } = new MessageChannel();
    closers.push(serveMemoryBroker(broker, port1));
    return port2;
  };
  const transport = new MemoryTransport({ port: port() });
  await transport.connect();
  closers.push(() => transport.close());
  const backend = new MemoryBackend({ port: port() });
  await backend.connect();
  closers.push(() => backend.close());
  const { fold, metrics, stored } = createFold();
  const workers = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  const queues = new QueueBook();
  const reconciler = new Reconciler(fold, backend, clock);
  let gap = false;
  return {
    ...{ transport, backend, fold, metrics, stored, workers, queues, reconciler, clock },
    inGap: () => gap,
    setGap: (open: boolean) => (gap = open),
    event: (type: string, fields: object = {}) =>
      fold.event(rawEvent(type, clock.time, fields), clock.time),
    record: (id: string) => fold.tasks.find(id)?.record,
    close: async () => {
      for (const close of closers.reverse()) await close();
    },
  };
}

export type MemoryCluster = Awaited<ReturnType<typeof openMemoryCluster>>;
