import type {
  ClusterStatus,
  Gap,
  QueueSummary,
  WorkerSummary,
} from '../../../lib/contract/index.ts';

export type TypeTotals = { key: string; success: number; failure: number };

/** Everything that the lines are derived from. */
export type AttentionFacts = {
  status: ClusterStatus;
  workers: readonly WorkerSummary[];
  queues: readonly QueueSummary[];
  /** Those of the last quarter of an hour. */
  gaps: readonly Gap[];
  /** Ended tasks by type, lately and over a much longer time before. */
  recentTypes: readonly TypeTotals[];
  usualTypes: readonly TypeTotals[];
  /** Unfinished tasks of workers that are offline, by hostname. */
  heldByOffline: ReadonlyMap<string, number>;
  /** Of the last day, without those that were sent again. */
  lostCount: number;
  now: number;
};
