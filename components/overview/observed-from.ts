import type { MetricBucket, MetricSeries } from '@/lib/contract/overview.ts';

const isEmpty = (bucket: MetricBucket) =>
  bucket.success + bucket.failure + bucket.retry + bucket.revoked + bucket.rejected === 0;

/**
 * What lies before the first event ever (or the first connection) was not watched: it is left out, so that a new cluster fills its charts. Of the
 * bucket in which it was first heard, only what has passed since then counts.
 */
export function observedFrom(series: MetricSeries, watchedFrom: number | null): MetricSeries {
  if (watchedFrom === null) return series;
  const earlier = series.buckets.find((bucket) => {
    return bucket.at + series.bucketMs <= watchedFrom && !isEmpty(bucket);
  });
  const start = earlier?.at ?? watchedFrom;
  if (start - series.from < series.bucketMs) return series;
  const drawn = series.buckets.filter((bucket) => bucket.at + series.bucketMs > start);
  const from = drawn[0]?.unfinished === true ? start : (drawn[0]?.at ?? series.from);
  return {
    ...series,
    from,
    buckets: drawn.map((bucket) => (bucket.at < from ? { ...bucket, at: from } : bucket)),
  };
}
