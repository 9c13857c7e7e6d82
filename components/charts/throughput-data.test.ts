import { describe, expect, it } from 'vitest';
import type { Gap, MetricBucket, MetricSeries } from '@/lib/contract/overview.ts';
import { lastKnownBefore, toStretches, toThroughputRows } from './throughput-data.ts';

const bucket = (of: Partial<MetricBucket>): MetricBucket => ({
  at: 0,
  success: 0,
  failure: 0,
  retry: 0,
  revoked: 0,
  rejected: 0,
  waitP50Ms: null,
  waitP95Ms: null,
  waitP99Ms: null,
  runtimeP50Ms: null,
  runtimeP95Ms: null,
  runtimeP99Ms: null,
  observed: true,
  unfinished: false,
  ...of,
});

const series = (buckets: MetricBucket[], gaps: MetricSeries['gaps'] = []): MetricSeries => ({
  from: 0,
  to: 130_000,
  bucketMs: 60_000,
  buckets,
  gaps,
  totals: {
    executed: 0,
    success: 0,
    failure: 0,
    retry: 0,
    revoked: 0,
    rejected: 0,
    executedPerSecond: null,
    failedShare: null,
    waitP50Ms: null,
    waitP95Ms: null,
    runtimeP50Ms: null,
    runtimeP95Ms: null,
  },
});

describe('toThroughputRows', () => {
  it('divides the unfinished bucket by what has passed of it, and draws it apart', () => {
    const rows = toThroughputRows(
      series([
        bucket({ at: 0, success: 60 }),
        bucket({ at: 60_000, success: 120, failure: 60 }),
        bucket({ at: 120_000, success: 20, unfinished: true }),
      ]),
    );
    expect(rows.map((row) => row.rates?.success)).toEqual([1, 2, 2]);
    expect(rows.map((row) => row.done.success)).toEqual([1, 2, null]);
    expect(rows.map((row) => row.open.success)).toEqual([null, 2, 2]);
    expect(rows[1]?.rates?.failure).toBe(1);
  });

  it('knows nothing of an empty bucket that was not observed, and keeps a partly seen one', () => {
    const rows = toThroughputRows(
      series([
        bucket({ observed: false }),
        bucket({ at: 60_000, observed: false, success: 6 }),
        bucket({ at: 120_000 }),
      ]),
    );
    expect(rows.map((row) => row.rates?.success)).toEqual([undefined, 0.1, 0]);
  });
});

it('begins a line with the bucket that is not over yet, where nothing is known before it', () => {
  const rows = toThroughputRows(series([bucket({ at: 100_000, success: 60, unfinished: true })]));
  expect(rows.map((row) => [row.at, row.open.success])).toEqual([
    [100_000, 2],
    [130_000, 2],
  ]);
});

describe('toStretches', () => {
  it('keeps apart what was not observed and what was observed in part', () => {
    const gap = (startedAt: number, endedAt: number, cause: Gap['cause']): Gap => ({
      ...{ startedAt, endedAt, cause, detail: cause, lostCount: null },
    });
    const gaps = [gap(0, 50_000, 'worker-silent'), gap(40_000, 60_000, 'stopped')];
    expect(toStretches(series([], gaps))).toMatchObject([
      { from: 0, to: 50_000, partial: true },
      { from: 40_000, to: 60_000, partial: false },
    ]);
  });

  it('cuts to the window and joins what overlaps', () => {
    const gap = (startedAt: number, endedAt: number | null, detail: string): Gap => ({
      ...{ startedAt, endedAt, detail, cause: 'stopped', lostCount: null },
    });
    const stretches = toStretches(
      series([], [gap(100_000, null, 'b'), gap(-5_000, 20_000, 'a'), gap(10_000, 30_000, 'c')]),
    );
    expect(stretches).toEqual([
      { from: 0, to: 30_000, text: 'a; c', partial: false },
      { from: 100_000, to: 130_000, text: 'b', partial: false },
    ]);
  });
});

it('begins the hatching where the line ends', () => {
  const rows = toThroughputRows(
    series([
      bucket({ success: 1 }),
      bucket({ at: 60_000, observed: false }),
      bucket({ at: 120_000 }),
    ]),
  );
  expect(lastKnownBefore(rows, 60_000)).toBe(0);
  expect(lastKnownBefore(rows, 125_000)).toBe(125_000);
});
