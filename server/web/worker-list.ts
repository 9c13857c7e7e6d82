// Workers as lists show them: the stored rows, with rates from the roll-ups where the row has none.
import type { WorkerSummary } from '../../lib/contract/index.ts';
import type { WebCluster } from './deps.ts';

const RATE_WINDOW_MS = 5 * 60_000;

export async function loadWorkers(cluster: WebCluster, now: number): Promise<WorkerSummary[]> {
  const workers = await cluster.reader.workers();
  if (workers.every((worker) => worker.executedPerSecond !== null)) return workers;
  const from = now - RATE_WINDOW_MS;
  const totals = await cluster.reader.metricTotals({ from, to: now, by: 'worker' });
  const byName = new Map(totals.map((row) => [row.key, row]));
  return workers.map((worker) => {
    if (worker.executedPerSecond !== null) return worker;
    const seenMs = Math.min(RATE_WINDOW_MS, Math.max(60_000, now - worker.firstSeenAt));
    const row = byName.get(worker.hostname);
    // A worker that sends no events may have run anything.
    if (row === undefined && worker.eventsEnabled !== true) return worker;
    const ended = row === undefined ? 0 : row.success + row.failure;
    return {
      ...worker,
      executedPerSecond: (ended * 1000) / seenMs,
      failedPerSecond: ((row?.failure ?? 0) * 1000) / seenMs,
    };
  });
}
