// Roll-ups merged into the buckets of a chart, into totals per key, and into cumulative histograms. A bucket that a gap
// covers is marked as not observed; a percentile of nothing is null.
import type { MetricBucket, MetricSeries } from '../../../../lib/contract/index.ts';
import type { MetricQuery, StoreReader } from '../../store.ts';
import { DIMENSION } from '../counters.ts';
import { cumulative, quantile } from '../histogram.ts';
import {
  addRow,
  createRoll,
  HOUR_MS,
  mergeRoll,
  MINUTE_MS,
  type Roll,
  type RollRow,
} from '../rollups.ts';
import type { Connection } from './connection.ts';
import { gaps } from './small-queries.ts';

const MAX_BUCKETS = 2000;
const IN_RANGE = 'WHERE dim = ? AND key = ? AND at >= ? AND at < ?';

export function metrics(
  connection: Connection,
  query: MetricQuery,
  now = Date.now(),
): MetricSeries {
  const key = query.by === 'all' ? 0 : (connection.names.id(query.by, query.key ?? '') ?? -1);
  const dim = DIMENSION[query.by];
  const hourFrom = Math.floor(query.from / HOUR_MS) * HOUR_MS;
  const hours = connection.db
    .prepare(`SELECT * FROM roll_hour ${IN_RANGE}`)
    .all(dim, key, hourFrom, query.to) as RollRow[];
  const wanted = Math.max(query.bucketMs, MINUTE_MS, (query.to - query.from) / MAX_BUCKETS);
  const unit = hours.length > 0 ? HOUR_MS : MINUTE_MS;
  const bucketMs = Math.ceil(wanted / unit) * unit;
  const from = Math.floor(query.from / bucketMs) * bucketMs;
  const minutes = connection.db
    .prepare(`SELECT * FROM roll_minute ${IN_RANGE}`)
    .all(dim, key, from, query.to) as RollRow[];
  const count = Math.max(1, Math.ceil((query.to - from) / bucketMs));
  const rolls = Array.from({ length: count }, createRoll);
  for (const row of [...hours, ...minutes]) {
    const roll = rolls[Math.floor((row.at - from) / bucketMs)];
    if (roll !== undefined) addRow(roll, row);
  }
  const total = createRoll();
  for (const roll of rolls) mergeRoll(total, roll);
  const known = gaps(connection, query);
  const buckets = rolls.map((roll, index) => {
    const at = from + index * bucketMs;
    const end = Math.min(at + bucketMs, now);
    const observed = !known.some((gap) => gap.startedAt < end && (gap.endedAt ?? Infinity) > at);
    return toBucket(roll, at, observed, at + bucketMs > now);
  });
  return { from, to: query.to, bucketMs, buckets, gaps: known, totals: totalsOf(total, query) };
}

function toBucket(roll: Roll, at: number, observed: boolean, unfinished: boolean): MetricBucket {
  const { success, failure, retry, revoked, rejected, wait, runtime } = roll;
  return {
    at,
    success,
    failure,
    retry,
    revoked,
    rejected,
    waitP50Ms: quantile(wait, 0.5),
    waitP95Ms: quantile(wait, 0.95),
    waitP99Ms: quantile(wait, 0.99),
    runtimeP50Ms: quantile(runtime, 0.5),
    runtimeP95Ms: quantile(runtime, 0.95),
    runtimeP99Ms: quantile(runtime, 0.99),
    observed,
    unfinished,
  };
}

function totalsOf(roll: Roll, { from, to }: MetricQuery): MetricSeries['totals'] {
  const { success, failure, retry, revoked, rejected, wait, runtime } = roll;
  const executed = success + failure;
  return {
    executed,
    success,
    failure,
    retry,
    revoked,
    rejected,
    executedPerSecond: to > from ? executed / ((to - from) / 1000) : null,
    failedShare: success + failure > 0 ? failure / (success + failure) : null,
    waitP50Ms: quantile(wait, 0.5),
    waitP95Ms: quantile(wait, 0.95),
    runtimeP50Ms: quantile(runtime, 0.5),
    runtimeP95Ms: quantile(runtime, 0.95),
  };
}

type Totals = Awaited<ReturnType<StoreReader['metricTotals']>>;
type Cumulative = Awaited<ReturnType<StoreReader['metricHistogram']>>;

export function metricTotals(
  connection: Connection,
  { from, to, by }: { from: number; to: number; by: 'type' | 'worker' | 'queue' },
): Totals {
  const start = Math.floor(from / MINUTE_MS) * MINUTE_MS;
  const hourStart = Math.floor(from / HOUR_MS) * HOUR_MS;
  const readMinutes = connection.db.prepare(`SELECT * FROM roll_minute ${IN_RANGE}`);
  const readHours = connection.db.prepare(`SELECT * FROM roll_hour ${IN_RANGE}`);
  const totals: Totals = [];
  for (const [key, id] of connection.names.entries(by)) {
    const rows = [
      ...(readMinutes.all(DIMENSION[by], id, start, to) as RollRow[]),
      ...(readHours.all(DIMENSION[by], id, hourStart, to) as RollRow[]),
    ];
    if (rows.length === 0) continue;
    const roll = createRoll();
    for (const row of rows) addRow(roll, row);
    const { success, failure, retry, revoked, rejected } = roll;
    const [waitP95Ms, runtimeP95Ms] = [quantile(roll.wait, 0.95), quantile(roll.runtime, 0.95)];
    totals.push({ key, success, failure, retry, revoked, rejected, waitP95Ms, runtimeP95Ms });
  }
  return totals;
}

export function metricHistogram(
  { db, names }: Connection,
  { by, bounds }: { by: 'type' | 'worker' | 'queue'; bounds: readonly number[] },
): Cumulative {
  const limits = bounds.map((bound) => bound * 1000);
  const rows = db.prepare('SELECT * FROM roll_total WHERE dim = ?').all(DIMENSION[by]) as RollRow[];
  return rows.flatMap((row) => {
    const key = names.text(row.key);
    if (key === null) return [];
    const roll = createRoll();
    addRow(roll, row);
    const { success, failure, retry, revoked, rejected, runtime, wait } = roll;
    return [
      {
        key,
        success,
        failure,
        retry,
        revoked,
        rejected,
        runtimeCounts: cumulative(runtime, limits),
        runtimeSumSeconds: runtime.sum / 1000,
        waitCounts: cumulative(wait, limits),
        waitSumSeconds: wait.sum / 1000,
      },
    ];
  });
}
