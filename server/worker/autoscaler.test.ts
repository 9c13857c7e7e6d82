import { expect, it } from 'vitest';
import { Autoscaler } from './autoscaler.ts';

function scaled(demands: { atMs: number; demand: number }[]) {
  let now = 0;
  let demand = 0;
  let size = 2;
  const sizes: number[] = [];
  const scaler = new Autoscaler({
    max: 5,
    min: 2,
    clock: { now: () => now },
    demand: () => demand,
    size: () => size,
    resize: (wanted) => (size = wanted),
  });
  for (const one of demands) {
    now = one.atMs;
    demand = one.demand;
    scaler.scale();
    sizes.push(size);
  }
  return { sizes, scaler, size: () => size };
}

it('grows at once up to its maximum, and shrinks only after half a minute without need', () => {
  const { sizes } = scaled([
    { atMs: 0, demand: 0 },
    { atMs: 10, demand: 4 },
    { atMs: 20, demand: 40 },
    { atMs: 10_000, demand: 1 },
    { atMs: 30_000, demand: 1 },
    { atMs: 30_021, demand: 1 },
  ]);
  expect(sizes).toEqual([2, 4, 5, 5, 5, 2]);
});

it('takes other bounds, and keeps within them at once', () => {
  const { scaler, size } = scaled([{ atMs: 0, demand: 9 }]);
  expect(scaler.update({ max: 3, min: null })).toEqual({ max: 3, min: 2 });
  expect(size()).toBe(3);
  expect(scaler.update({ max: 8, min: 6 })).toEqual({ max: 8, min: 6 });
  expect(size()).toBe(6);
});
