import { describe, expect, it } from 'vitest';
import type { QueueSample } from '@/lib/contract/queue.ts';
import { toQueueRows } from './queue-data.ts';

const sample = (at: number, ready: number | null = 1): QueueSample => ({
  ...{ at, ready, inFlight: 0, consumers: 1 },
});
const every = (stepMs: number, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => sample(from + index * stepMs));

describe('toQueueRows', () => {
  it('finds nothing missing in samples of one rhythm, whatever it is', () => {
    for (const stepMs of [2000, 12_000, 300_000]) {
      const samples = every(stepMs, 0, 20);
      const { rows, unsampled } = toQueueRows(samples, samples.at(-1)?.at ?? 0);
      expect(unsampled).toEqual([]);
      expect(rows).toHaveLength(20);
    }
  });

  it('takes old samples that were thinned out for a rhythm of their own', () => {
    const samples = [...every(900_000, 0, 10), ...every(30_000, 9_000_000, 20)];
    expect(toQueueRows(samples, samples.at(-1)?.at ?? 0).unsampled).toEqual([]);
  });

  it('breaks the line where no sample was taken, and says from when to when', () => {
    const samples = [...every(2000, 0, 10), ...every(2000, 78_000, 10)];
    const { rows, unsampled } = toQueueRows(samples, 96_000);
    expect(unsampled).toEqual([{ from: 18_000, to: 78_000 }]);
    expect(rows.filter((row) => row.ready === null)).toEqual([
      { at: 18_001, ready: null, inFlight: null },
    ]);
  });

  it('tells a length that could not be read from none', () => {
    const samples = [sample(0), sample(2000, null), sample(4000, null), sample(6000, 0)];
    expect(toQueueRows(samples, 6000).unsampled).toEqual([{ from: 0, to: 6000 }]);
  });

  it('reaches to the present when samples have stopped', () => {
    expect(toQueueRows(every(2000, 0, 10), 60_000).unsampled).toEqual([
      { from: 18_000, to: 60_000 },
    ]);
    expect(toQueueRows([sample(0)], 5000).unsampled).toEqual([]);
    expect(toQueueRows([], 5000)).toEqual({ rows: [], unsampled: [] });
  });
});
