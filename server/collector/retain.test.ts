import { expect, it } from 'vitest';
import { retain } from './retain.ts';

it('removes step by step until nothing is too much, and lets others run in between', async () => {
  const steps = [1000, 1000, 300, 0];
  let others = 0;
  const count = () => {
    others += 1;
    if (steps.length > 0) setImmediate(count);
  };
  setImmediate(count);
  await retain({ retentionStep: () => steps.shift() ?? 0 }, 0);
  expect(steps).toEqual([]);
  expect(others).toBeGreaterThanOrEqual(2);
});
