import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

it('waits longer each time, never longer than the cap, and not all at the same moment', () => {
  const longest = Array.from({ length: 60 }, (_, attempt) =>
    backoffMs(attempt, { capMs: 3000, random: () => 1 }),
  );
  expect(longest.slice(0, 6)).toEqual([200, 400, 800, 1600, 3000, 3000]);
  expect(Math.max(...longest)).toBe(3000);
  const shortest = longest.map((_, attempt) =>
    backoffMs(attempt, { capMs: 3000, random: () => 0 }),
  );
  expect(shortest).toEqual(longest.map((ms) => ms / 2));
  expect(backoffMs(100)).toBeLessThanOrEqual(5000);
});
