// Everything that one scrape reads of a cluster.
import type { ClusterStatus, QueueSummary, WorkerSummary } from '../../../lib/contract/index.ts';
import type { StoreReader } from '../../store/store.ts';
import type { WebCluster } from '../deps.ts';

/** Seconds. The last one holds everything, so that its count is the count of all. */
export const RUNTIME_BOUNDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60] as const;
export const UMBEL_BOUNDS = [0.01, 0.1, 0.5, 1, 5, 30, 300] as const;
const EVERYTHING = 1e9;
const BOUNDS = [...new Set<number>([...RUNTIME_BOUNDS, ...UMBEL_BOUNDS])].sort((a, b) => a - b);

export type TypeTotals = Awaited<ReturnType<StoreReader['metricHistogram']>>[number];

export type ClusterFacts = {
  name: string;
  status: ClusterStatus;
  workers: WorkerSummary[];
  queues: QueueSummary[];
  types: TypeTotals[];
  /** Of the workers that are known now. */
  workerTotals: TypeTotals[];
  recentTypes: { key: string; waitP95Ms: number | null }[];
};

export async function readClusterFacts(
  { name, collector, reader }: WebCluster,
  now: number,
): Promise<ClusterFacts> {
  const [workers, queues, types, byWorker, recentTypes] = await Promise.all([
    reader.workers(),
    reader.queues(),
    reader.metricHistogram({ by: 'type', bounds: [...BOUNDS, EVERYTHING] }),
    reader.metricHistogram({ by: 'worker', bounds: [] }),
    reader.metricTotals({ from: now - 300_000, to: now, by: 'type' }),
  ]);
  const known = new Set(workers.map(({ hostname }) => hostname));
  const workerTotals = byWorker.filter(({ key }) => known.has(key));
  return { name, status: collector.status(), workers, queues, types, workerTotals, recentTypes };
}

/** The cumulative counts at some of the bounds that were read. */
export function countsAt(counts: readonly number[], bounds: readonly number[]): number[] {
  return bounds.map((bound) => counts[BOUNDS.indexOf(bound)] ?? 0);
}

export function totalOf(counts: readonly number[]): number {
  return counts[BOUNDS.length] ?? 0;
}
