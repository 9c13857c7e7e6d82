// The overview picture: composed from facts by a pure function, read by a loader. One composition serves the route and the live topic.
import type {
  MetricSeries,
  Overview,
  QueueSummary,
  RangeName,
  WorkerSummary,
} from '../../lib/contract/index.ts';
import type { AttentionFacts } from './attention/facts.ts';
import { LOST_FILTER } from './attention/failure-lines.ts';
import { HELD_STATES } from './attention/worker-lines.ts';
import { findAttention } from './attention/find-attention.ts';
import type { WebCluster } from './deps.ts';
import { metricWindow } from './ranges.ts';
import { loadWorkers } from './worker-list.ts';

const SHOWN = 50;
const RECENT_MS = 900_000;
const USUAL_MS = 7 * 86_400_000;
const BACKLOG_POINTS = 60;

export type OverviewFacts = AttentionFacts & {
  series: MetricSeries;
  backlogSeries: Overview['backlogSeries'];
  busySeries: Overview['busySeries'];
};

export function composeOverview(facts: OverviewFacts): Overview {
  const { status, workers, queues, series, backlogSeries, busySeries } = facts;
  const alive = workers.filter((worker) => worker.state !== 'offline');
  return {
    status,
    attention: findAttention(facts),
    series,
    backlog: sumOrNull(queues.map((queue) => queue.ready)),
    backlogSeries,
    busySlots: sumOrNull(alive.map((worker) => worker.active)),
    totalSlots: sumOrNull(alive.map((worker) => worker.concurrency)),
    busySeries,
    workers: [...workers].sort(byNeed).slice(0, SHOWN),
    workerCounts: countStates(workers),
    queues: [...queues].sort(byBacklog).slice(0, SHOWN),
    queueCount: queues.length,
  };
}

export async function loadOverview(
  cluster: WebCluster,
  range: RangeName,
  now: number,
): Promise<Overview> {
  const { reader, collector } = cluster;
  const status = collector.status();
  const window = metricWindow(range, now, status.firstEventAt);
  const [series, backlogSeries, workers, queues, gaps, recentTypes, usualTypes, lostCount, busy] =
    await Promise.all([
      reader.metrics({ ...window, by: 'all', key: null }),
      reader.backlogSeries({ from: window.from, to: window.to, points: BACKLOG_POINTS }),
      loadWorkers(cluster, now),
      reader.queues(),
      reader.gaps({ from: now - RECENT_MS, to: now }),
      reader.metricTotals({ from: now - RECENT_MS, to: now, by: 'type' }),
      reader.metricTotals({ from: now - USUAL_MS, to: now - RECENT_MS, by: 'type' }),
      countLost(cluster, now),
      reader.fact('busySeries'),
    ]);
  const heldByOffline = await countHeld(cluster, workers);
  return composeOverview({
    status,
    workers,
    queues,
    gaps,
    recentTypes,
    usualTypes,
    heldByOffline,
    lostCount,
    now,
    series: overSeenTime(series, status.firstEventAt),
    backlogSeries,
    busySeries: toBusySeries(busy, window),
  });
}

/** As lists count them, so that the number is that of the rows behind it. */
async function countHeld(
  { reader }: WebCluster,
  workers: readonly WorkerSummary[],
): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  const gone = new Set(workers.filter(({ state }) => state === 'offline').map((w) => w.hostname));
  if (gone.size === 0) return held;
  const counts = await Promise.all(HELD_STATES.map((state) => reader.countsBy('worker', state)));
  for (const { value, count } of counts.flat()) {
    if (gone.has(value)) held.set(value, (held.get(value) ?? 0) + count);
  }
  return held;
}

async function countLost({ reader }: WebCluster, now: number): Promise<number> {
  const { lost } = await reader.countsByState();
  if (lost === 0) return 0;
  const query = { q: LOST_FILTER, range: '24h', sort: '-updated', limit: 1, now } as const;
  const page = await reader.listTasks(query);
  return page.total ?? page.totalAtLeast;
}

/**
 * A rate over the time since the first event, where the range reaches back further; or since the first that was counted:
 * events that waited for Umbel tell of a time before it listened.
 */
function overSeenTime(series: MetricSeries, firstEventAt: number | null): MetricSeries {
  const { totals, buckets, bucketMs, from, to } = series;
  const { executed } = totals;
  const firstAt = firstEventAt ?? to;
  const earlier = buckets.find(({ at, success, failure }) => {
    return at + bucketMs <= firstAt && success + failure > 0;
  });
  const seenMs = to - Math.max(from, earlier?.at ?? firstAt);
  const executedPerSecond = seenMs > 0 ? (executed * 1000) / Math.max(1000, seenMs) : null;
  return { ...series, totals: { ...series.totals, executedPerSecond } };
}

/** Null as soon as one part is unknown: a sum of what is known would be a lie. An empty sum is zero. */
function sumOrNull(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

function countStates(workers: readonly WorkerSummary[]): Overview['workerCounts'] {
  const counts = { online: 0, late: 0, offline: 0 };
  for (const worker of workers) counts[worker.state] += 1;
  return counts;
}

const NEED = { offline: 1, late: 0, online: 2 } as const;

function byNeed(a: WorkerSummary, b: WorkerSummary): number {
  return NEED[a.state] - NEED[b.state] || compareText(a.hostname, b.hostname);
}

function byBacklog(a: QueueSummary, b: QueueSummary): number {
  return (b.ready ?? -1) - (a.ready ?? -1) || compareText(a.name, b.name);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toBusySeries(fact: unknown, window: { from: number; to: number }): Overview['busySeries'] {
  if (!Array.isArray(fact)) return [];
  return fact.flatMap((point: unknown) => {
    if (typeof point !== 'object' || point === null) return [];
    const { at, busy } = point as { at?: unknown; busy?: unknown };
    if (typeof at !== 'number' || at < window.from || at > window.to) return [];
    return [{ at, busy: typeof busy === 'number' ? busy : null }];
  });
}
