// Flower's metric names, so that dashboards and alerts keep working. Counts by task type have an empty worker label and counts by worker an
// empty task label: the product of both is what made Flower's page grow without bound. No series for publishers.
import {
  countsAt,
  RUNTIME_BOUNDS,
  totalOf,
  type ClusterFacts,
  type TypeTotals,
} from './cluster-facts.ts';
import { family, histogramSamples, type Sample } from './text.ts';

export const FLOWER_LINES_PER_TYPE = 5 + RUNTIME_BOUNDS.length + 3 + 1;

const EVENTS = [
  ['success', 'task-succeeded'],
  ['failure', 'task-failed'],
  ['retry', 'task-retried'],
  ['revoked', 'task-revoked'],
  ['rejected', 'task-rejected'],
] as const;

export function flowerMetrics(
  { workers, types, recentTypes }: ClusterFacts,
  admits: (type: string) => boolean,
): string[] {
  const known = types.filter(({ key }) => admits(key));
  return [
    family('flower_events_total', 'counter', 'Number of events', known.flatMap(eventSamples)),
    family(
      'flower_task_runtime_seconds',
      'histogram',
      'Task runtime',
      known.flatMap(({ key, runtimeCounts, runtimeSumSeconds }) => {
        const total = totalOf(runtimeCounts);
        const counts = countsAt(runtimeCounts, RUNTIME_BOUNDS);
        const labels = { worker: '', task: key };
        return total === 0
          ? []
          : histogramSamples(labels, RUNTIME_BOUNDS, counts, total, runtimeSumSeconds);
      }),
    ),
    family(
      'flower_task_prefetch_time_seconds',
      'gauge',
      'The time the task spent waiting: 95th percentile of the last five minutes',
      recentTypes
        .filter(({ key }) => admits(key))
        .map(({ key, waitP95Ms }) => ({
          labels: { worker: '', task: key },
          value: waitP95Ms === null ? null : waitP95Ms / 1000,
        })),
    ),
    family(
      'flower_worker_prefetched_tasks',
      'gauge',
      'Number of tasks prefetched at a worker',
      workers.map((worker) => ({
        labels: { worker: worker.hostname, task: '' },
        value: worker.prefetched,
      })),
    ),
    family(
      'flower_worker_online',
      'gauge',
      'Worker online status',
      workers.map((worker) => ({
        labels: { worker: worker.hostname },
        value: worker.state === 'offline' ? 0 : 1,
      })),
    ),
    family(
      'flower_worker_number_of_currently_executing_tasks',
      'gauge',
      'Number of tasks currently executing at a worker',
      workers.map((worker) => ({ labels: { worker: worker.hostname }, value: worker.active })),
    ),
  ];
}

function eventSamples(type: TypeTotals): Sample[] {
  return EVENTS.flatMap(([outcome, event]) =>
    type[outcome] === 0
      ? []
      : [{ labels: { worker: '', type: event, task: type.key }, value: type[outcome] }],
  );
}
