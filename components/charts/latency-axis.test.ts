import { expect, it } from 'vitest';
import { latencyAxis } from './latency-axis.ts';

it('is linear where durations are of one size, and where there are none', () => {
  expect(latencyAxis([200, 300, null, 900]).log).toBeNull();
  expect(latencyAxis([]).log).toBeNull();
  expect(latencyAxis([null, null]).log).toBeNull();
  expect(latencyAxis([0, 0, 1]).log).toBeNull();
});

it('is logarithmic where they lie decades apart, with whole decades at its ends', () => {
  expect(latencyAxis([3, 12, 4500]).log).toEqual({
    domain: [1, 10_000],
    ticks: [1, 10, 100, 1000, 10_000],
  });
  expect(latencyAxis([1, 100]).log).toEqual({ domain: [1, 100], ticks: [1, 10, 100] });
  expect(latencyAxis([0.4, 3_600_000]).log?.ticks.length).toBeLessThanOrEqual(5);
});

it('draws nothing where nothing is known, and zero at the lower end', () => {
  const { place, log } = latencyAxis([0, 5, null, 800]);
  expect(log?.domain[0]).toBe(0.1);
  expect([place(null), place(0), place(5)]).toEqual([null, 0.1, 5]);
});
