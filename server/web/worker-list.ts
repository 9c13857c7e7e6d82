// Workers as lists show them: the stored rows, with rates from the roll-ups where the row has none.
import type { WorkerSummary } from '../../lib/contract/index.ts';
import type { WebCluster } from './deps.ts';

const RATE_WINDOW_MS = 5 * 60_000;

/** A list of more goes without: their own rates are there in a second. */
const MAX_LOOKED_UP = 500;

/** Whether some row has no rate of its own yet, as after a start. */
export function needsRates(workersText: string): boolean {
  return workersText.includes('"executedPerSecond":null');
}

export async function loadWorkers(cluster: WebCluster, now: number): Promise<WorkerSummary[]> {
  const workers = await cluster.reader.workers();
  const without = workers.filter((worker) => worker.executedPerSecond === null);
  if (without.length === 0 || workers.length > MAX_LOOKED_UP) return workers;
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
