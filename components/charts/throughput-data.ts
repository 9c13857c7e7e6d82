import type { Gap, MetricBucket, MetricSeries } from '@/lib/contract/overview.ts';

export const CHART_STATES = ['success', 'retry', 'failure'] as const;
export type ChartState = (typeof CHART_STATES)[number];

export type ThroughputRow = {
  /** Where it is drawn: the start of the bucket, or now for the one that is not over yet. */
  at: number;
  unfinished: boolean;
  observed: boolean;
  /** Per second, over the whole bucket or what has passed of it. */
  rates: Record<ChartState, number> | null;
  counts: Record<ChartState, number>;
  /** What the firm areas draw, and what the dashed end draws. */
  done: Record<ChartState, number | null>;
  open: Record<ChartState, number | null>;
};

const NOTHING: Record<ChartState, null> = { success: null, retry: null, failure: null };

function ratesOf(bucket: MetricBucket, series: MetricSeries): Record<ChartState, number> | null {
  const none = bucket.success + bucket.retry + bucket.failure === 0;
  if (!bucket.observed && none) return null;
  const passedMs = bucket.unfinished
    ? Math.min(series.bucketMs, Math.max(1000, series.to - bucket.at))
    : series.bucketMs;
  const perSecond = (count: number) => (count * 1000) / passedMs;
  return {
    success: perSecond(bucket.success),
    retry: perSecond(bucket.retry),
    failure: perSecond(bucket.failure),
  };
}

/** The bucket that is not over yet reaches to the end of the chart. */
export function drawnAt(bucket: MetricBucket, series: MetricSeries): number {
  return bucket.unfinished ? Math.max(bucket.at, series.to) : bucket.at;
}

/**
 * Rows for the stacked chart; the unfinished bucket hangs dashed on the last finished one. Where nothing is known before
 * it (a new cluster, a gap) it begins its own line.
 */
export function toThroughputRows(series: MetricSeries): ThroughputRow[] {
  const rates = series.buckets.map((bucket) => ratesOf(bucket, series));
  return series.buckets.flatMap((bucket, index) => {
    const mine = rates[index] ?? null;
    const isLastFinished = !bucket.unfinished && series.buckets[index + 1]?.unfinished === true;
    const row = {
      at: drawnAt(bucket, series),
      unfinished: bucket.unfinished,
      observed: bucket.observed,
      rates: mine,
      counts: { success: bucket.success, retry: bucket.retry, failure: bucket.failure },
      done: bucket.unfinished || mine === null ? NOTHING : mine,
      open: (bucket.unfinished || isLastFinished) && mine !== null ? mine : NOTHING,
    };
    const isAlone = bucket.unfinished && mine !== null && (rates[index - 1] ?? null) === null;
    return isAlone ? [{ ...row, at: bucket.at }, row] : [row];
  });
}

/** `partial`: events of some tasks are missing; else nothing was observed at all. */
export type Stretch = { from: number; to: number; text: string; partial: boolean };

const WHOLE: ReadonlySet<Gap['cause']> = new Set(['stopped', 'disconnected']);

/** Stretches that were not observed, cut to the window and joined where they touch. */
export function toStretches(series: MetricSeries): Stretch[] {
  const cut = series.gaps
    .map((gap) => ({
      from: Math.max(gap.startedAt, series.from),
      to: Math.min(gap.endedAt ?? series.to, series.to),
      text: gap.detail,
      partial: !WHOLE.has(gap.cause),
    }))
    .filter((gap) => gap.to > gap.from)
    .sort((a, b) => a.from - b.from);
  const joined: Stretch[] = [];
  for (const gap of cut) {
    const last = joined.at(-1);
    if (last !== undefined && gap.from <= last.to && gap.partial === last.partial) {
      last.to = Math.max(last.to, gap.to);
      if (!last.text.includes(gap.text)) last.text += `; ${gap.text}`;
    } else {
      joined.push({ ...gap });
    }
  }
  return joined;
}

/** Where the hatching begins: a bucket is drawn at its start, so the line before a gap ends there and not at the gap. */
export function lastKnownBefore(rows: readonly ThroughputRow[], from: number): number {
  const index = rows.findLastIndex((row) => row.at < from && row.rates !== null);
  const row = rows[index];
  return row !== undefined && rows[index + 1]?.rates === null ? row.at : from;
}
