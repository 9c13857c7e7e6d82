// Umbel's own metrics: queues, workers, tasks by type, and how well it itself keeps up.
import {
  countsAt,
  totalOf,
  UMBEL_BOUNDS,
  type ClusterFacts,
  type TypeTotals,
} from './cluster-facts.ts';
import { family, histogramSamples, type Sample } from './text.ts';

export const UMBEL_LINES_PER_TYPE = 5 + 2 * (UMBEL_BOUNDS.length + 3);

export function umbelMetrics(
  all: readonly ClusterFacts[],
  admits: (type: string) => boolean,
): string[] {
  const each = <T>(
    rows: (facts: ClusterFacts) => readonly T[],
    toSamples: (row: T, cluster: string) => Sample[],
  ): Sample[] => all.flatMap((facts) => rows(facts).flatMap((row) => toSamples(row, facts.name)));
  const status = (value: (facts: ClusterFacts) => number | null): Sample[] =>
    all.map((facts) => ({ labels: { cluster: facts.name }, value: value(facts) }));
  const ofQueues = (value: (queue: ClusterFacts['queues'][number]) => number | null): Sample[] =>
    each(
      (facts) => facts.queues,
      (queue, cluster) => [{ labels: { cluster, queue: queue.name }, value: value(queue) }],
    );
  const ofWorkers = (value: (worker: ClusterFacts['workers'][number]) => number | null): Sample[] =>
    each(
      (facts) => facts.workers,
      (worker, cluster) => [{ labels: { cluster, worker: worker.hostname }, value: value(worker) }],
    );
  const types = (facts: ClusterFacts) => facts.types.filter(({ key }) => admits(key));
  return [
    family('umbel_queue_messages', 'gauge', 'Messages by queue: ready, or in flight', [
      ...ofQueues((queue) => queue.ready).map(withState('ready')),
      ...ofQueues((queue) => queue.inFlight).map(withState('in_flight')),
    ]),
    family(
      'umbel_queue_oldest_age_seconds',
      'gauge',
      'Age of the message that is next',
      ofQueues((queue) => seconds(queue.oldestAgeMs)),
    ),
    family(
      'umbel_queue_consumers',
      'gauge',
      'Consumers',
      ofQueues((queue) => queue.consumers),
    ),
    family(
      'umbel_worker_online',
      'gauge',
      '1: heard of lately',
      ofWorkers((w) => (w.state === 'offline' ? 0 : 1)),
    ),
    family(
      'umbel_worker_concurrency',
      'gauge',
      'Slots of the pool',
      ofWorkers((w) => w.concurrency),
    ),
    family(
      'umbel_worker_active',
      'gauge',
      'Tasks running now',
      ofWorkers((w) => w.active),
    ),
    family(
      'umbel_worker_prefetched',
      'gauge',
      'Tasks held and not started',
      ofWorkers((w) => w.prefetched),
    ),
    family(
      'umbel_tasks_total',
      'counter',
      'Ended attempts by task type and outcome',
      each(types, (type, cluster) => outcomeSamples(type, { cluster, type: type.key })),
    ),
    family(
      'umbel_worker_tasks_total',
      'counter',
      'Ended attempts by worker and outcome',
      each(
        (facts) => facts.workerTotals,
        (totals, cluster) => outcomeSamples(totals, { cluster, worker: totals.key }),
      ),
    ),
    family(
      'umbel_task_runtime_seconds',
      'histogram',
      'Runtime of finished attempts',
      each(types, ({ key, runtimeCounts, runtimeSumSeconds }, cluster) =>
        durationSamples({ cluster, type: key }, runtimeCounts, runtimeSumSeconds),
      ),
    ),
    family(
      'umbel_task_wait_seconds',
      'histogram',
      'From being due (eta, sent or received) to the start',
      each(types, ({ key, waitCounts, waitSumSeconds }, cluster) =>
        durationSamples({ cluster, type: key }, waitCounts, waitSumSeconds),
      ),
    ),
    family(
      'umbel_broker_connected',
      'gauge',
      '1: connected',
      status((f) => (f.status.broker.state === 'connected' ? 1 : 0)),
    ),
    family(
      'umbel_ingest_events_total',
      'counter',
      'Events read',
      status((f) => f.status.ingest.eventsTotal),
    ),
    family(
      'umbel_ingest_lag_seconds',
      'gauge',
      'Age of the newest event when it was stored',
      status((f) => seconds(f.status.ingest.lagMs)),
    ),
    family(
      'umbel_ingest_buffered_bytes',
      'gauge',
      'Received and not decoded yet',
      status((f) => f.status.ingest.bufferedBytes),
    ),
    family(
      'umbel_ingest_dropped_total',
      'counter',
      'Events known to be lost; in gaps there may have been more',
      status((f) => f.status.ingest.droppedCount),
    ),
    family(
      'umbel_ingest_gaps_total',
      'counter',
      'Stretches in which events were or may have been missed',
      each(
        (facts) => Object.entries(facts.status.ingest.gapCounts),
        ([cause, value], cluster) => [{ labels: { cluster, cause }, value }],
      ),
    ),
    family(
      'umbel_ingest_malformed_total',
      'counter',
      'Messages that could not be read',
      status((f) => f.status.ingest.malformedCount),
    ),
    family(
      'umbel_store_bytes',
      'gauge',
      'Size of the history on disk',
      status((f) => f.status.storeBytes),
    ),
    family(
      'umbel_store_writable',
      'gauge',
      '1 while history is written, 0 while writing fails',
      status((f) => (f.status.storeProblem === null ? 1 : 0)),
    ),
    family(
      'umbel_store_tasks',
      'gauge',
      'Tasks in the history',
      status((f) => f.status.tasksStored),
    ),
  ];
}

function outcomeSamples(totals: TypeTotals, labels: Record<string, string>): Sample[] {
  return (['success', 'failure', 'retry', 'revoked', 'rejected'] as const).map((state) => ({
    labels: { ...labels, state },
    value:
      totals[state] === 0 && (state === 'revoked' || state === 'rejected') ? null : totals[state],
  }));
}

function durationSamples(
  labels: { cluster: string; type: string },
  counts: readonly number[],
  sum: number,
): Sample[] {
  const total = totalOf(counts);
  if (total === 0) return [];
  return histogramSamples(labels, UMBEL_BOUNDS, countsAt(counts, UMBEL_BOUNDS), total, sum);
}

function withState(state: string): (sample: Sample) => Sample {
  return (sample) => ({ ...sample, labels: { ...sample.labels, state } });
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
