// Named ranges of time as windows with a bucket width, for charts.
import { RANGES, type RangeName } from '../../lib/contract/index.ts';

export type MetricWindow = { from: number; to: number; bucketMs: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const BUCKET: Readonly<Record<Exclude<RangeName, 'all'>, number>> = {
  '15m': MINUTE,
  '1h': MINUTE,
  '6h': 5 * MINUTE,
  '24h': 15 * MINUTE,
  '7d': 2 * HOUR,
};

const WIDTHS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 24 * HOUR, 168 * HOUR];

/** `all` reaches back to the first event, at least a quarter of an hour. */
export function metricWindow(
  range: RangeName,
  now: number,
  firstEventAt: number | null,
): MetricWindow {
  if (range !== 'all') return align(now - RANGES[range], now, BUCKET[range]);
  const from = Math.min(firstEventAt ?? now, now - RANGES['15m']);
  const width = WIDTHS.find((candidate) => (now - from) / candidate <= 120) ?? 672 * HOUR;
  return align(from, now, width);
}

function align(from: number, to: number, bucketMs: number): MetricWindow {
  return { from: Math.floor(from / bucketMs) * bucketMs, to, bucketMs };
}
