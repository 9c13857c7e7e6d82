import { compareBy, type Sort } from '@/components/layout/use-sort.ts';
import type { WorkerState, WorkerSummary } from '@/lib/contract/worker.ts';
import { toHostnamePattern } from './hostname-pattern.ts';

export const WORKER_SORTS = [
  'concern',
  'hostname',
  'busy',
  'processed',
  'rate',
  'failed',
  'memory',
  'uptime',
  'seen',
] as const;
export type WorkerSort = (typeof WORKER_SORTS)[number];

export type WorkerGroup = {
  pattern: string;
  workers: WorkerSummary[];
  counts: Record<WorkerState, number>;
  /** Null where one of them has not told. */
  active: number | null;
  concurrency: number | null;
  executedPerSecond: number | null;
  failedPerSecond: number | null;
};

export type WorkerRow =
  | { type: 'group'; key: string; group: WorkerGroup; isOpen: boolean }
  | { type: 'worker'; key: string; worker: WorkerSummary; isMember: boolean };

const CONCERN: Record<WorkerState, number> = { late: 0, offline: 1, online: 2 };

function valueOf(worker: WorkerSummary, key: WorkerSort): string | number | null {
  switch (key) {
    case 'concern':
      return worker.duplicateHostname ? -1 : CONCERN[worker.state];
    case 'hostname':
      return worker.hostname;
    case 'busy':
      return worker.active;
    case 'processed':
      return worker.processed;
    case 'rate':
      return worker.executedPerSecond;
    case 'failed':
      return worker.failedPerSecond;
    case 'memory':
      return worker.memoryBytes;
    case 'uptime':
      return worker.uptimeMs;
    case 'seen':
      return worker.lastSeenAt;
  }
}

export type WorkerFilter = { text: string; state: WorkerState | null };

export function filterWorkers(workers: readonly WorkerSummary[], filter: WorkerFilter) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return workers.filter((worker) => {
    if (filter.state !== null && worker.state !== filter.state) return false;
    const text = [worker.hostname, worker.pool ?? '', ...(worker.queues ?? [])]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function sortWorkers(workers: readonly WorkerSummary[], sort: Sort<WorkerSort>) {
  const byName = compareBy<WorkerSummary>((worker) => worker.hostname, false);
  const order = compareBy<WorkerSummary>((worker) => valueOf(worker, sort.key), sort.descending);
  return [...workers].sort((a, b) => order(a, b) || byName(a, b));
}

function sum(values: readonly (number | null)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (value === null) return null;
    total += value;
  }
  return total;
}

/** Workers by the pattern of their hostnames, in the order in which they come. */
export function groupWorkers(workers: readonly WorkerSummary[]): WorkerGroup[] {
  const groups = new Map<string, WorkerSummary[]>();
  for (const worker of workers) {
    const pattern = toHostnamePattern(worker.hostname);
    const members = groups.get(pattern);
    if (members === undefined) groups.set(pattern, [worker]);
    else members.push(worker);
  }
  return [...groups].map(([pattern, members]) => {
    const counts = { online: 0, late: 0, offline: 0 };
    for (const worker of members) counts[worker.state] += 1;
    const alive = members.filter((worker) => worker.state !== 'offline');
    return {
      pattern,
      workers: members,
      counts,
      active: sum(alive.map((worker) => worker.active)),
      concurrency: sum(alive.map((worker) => worker.concurrency)),
      executedPerSecond: sum(alive.map((worker) => worker.executedPerSecond)),
      failedPerSecond: sum(alive.map((worker) => worker.failedPerSecond)),
    };
  });
}

export function toRows(
  workers: readonly WorkerSummary[],
  grouped: boolean,
  open: ReadonlySet<string>,
): WorkerRow[] {
  const toRow = (worker: WorkerSummary, isMember: boolean): WorkerRow => ({
    type: 'worker',
    key: worker.hostname,
    worker,
    isMember,
  });
  if (!grouped) return workers.map((worker) => toRow(worker, false));
  return groupWorkers(workers).flatMap((group) => {
    const [only] = group.workers;
    if (group.workers.length === 1 && only !== undefined) return [toRow(only, false)];
    const isOpen = open.has(group.pattern);
    return [
      { type: 'group' as const, key: `group ${group.pattern}`, group, isOpen },
      ...(isOpen ? group.workers.map((worker) => toRow(worker, true)) : []),
    ];
  });
}
