import { describe, expect, it } from 'vitest';
import type { MetricBucket, MetricSeries } from '@/lib/contract/overview.ts';
import { observedFrom } from './observed-from.ts';

const bucket = (at: number, success: number): MetricBucket => ({
  ...{ at, success, failure: 0, retry: 0, revoked: 0, rejected: 0 },
  ...{ waitP50Ms: null, waitP95Ms: null, waitP99Ms: null },
  ...{ runtimeP50Ms: null, runtimeP95Ms: null, runtimeP99Ms: null },
  ...{ observed: true, unfinished: false },
});
const series = (counts: number[]): MetricSeries => ({
  ...{ from: 0, to: counts.length * 60_000, bucketMs: 60_000, gaps: [] },
  buckets: counts.map((count, index) => bucket(index * 60_000, count)),
  totals: {
    ...{ executed: 0, success: 0, failure: 0, retry: 0, revoked: 0, rejected: 0 },
    ...{ executedPerSecond: null, failedShare: null, waitP50Ms: null, waitP95Ms: null },
    ...{ runtimeP50Ms: null, runtimeP95Ms: null },
  },
});
const observed = (of: MetricSeries) => of.buckets.map((one) => one.observed);

describe('observedFrom', () => {
  it('leaves out what lies before the first event', () => {
    const drawn = observedFrom(series([0, 0, 3, 0]), 130_000);
    expect(drawn.from).toBe(120_000);
    expect(observed(drawn)).toEqual([true, true]);
  });

  it('believes what was counted more than the first event that is remembered', () => {
    const drawn = observedFrom(series([0, 4, 0, 2]), 190_000);
    expect(drawn.from).toBe(60_000);
    expect(observed(drawn)).toEqual([true, true, true]);
  });

  it('begins a cluster that is seconds old where it was first heard', () => {
    const young = series([0, 0, 0]);
    const buckets = [...young.buckets, { ...bucket(180_000, 5), unfinished: true }];
    expect(observedFrom({ ...young, to: 200_000, buckets }, 190_000)).toMatchObject({
      ...{ from: 190_000, to: 200_000, buckets: [{ at: 190_000, success: 5, unfinished: true }] },
    });
  });

  it('leaves a window alone that was watched from its start, or never', () => {
    const whole = series([1, 0]);
    expect(observedFrom(whole, 10)).toBe(whole);
    expect(observedFrom(whole, null)).toBe(whole);
  });
});
