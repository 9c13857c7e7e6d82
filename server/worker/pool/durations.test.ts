import { expect, test } from 'vitest';
import { Durations } from './durations.ts';

test('a type that has not run is expected to take for ever', () => {
  expect(new Durations().expectedMs('new')).toBe(Infinity);
});

test('the estimate finds what is usual, and a rare long run does not move it far', () => {
  const durations = new Durations();
  durations.add('task', 50);
  for (let n = 0; n < 100; n += 1) durations.add('task', n % 5 === 0 ? 10_000 : 0.1);
  expect(durations.expectedMs('task')).toBeLessThan(0.3);
  for (let n = 0; n < 100; n += 1) durations.add('task', 10_000);
  expect(durations.expectedMs('task')).toBe(10_000);
  expect(durations.expectedMs('other')).toBe(Infinity);
});
