import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { after } from './after.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('waits for more than Node’s timers can, and can be ended on the way', () => {
  let count = 0;
  const end = after(60 * DAY_MS, () => (count += 1));
  const ended = after(60 * DAY_MS, () => (count += 100));
  vi.advanceTimersByTime(59 * DAY_MS);
  ended();
  expect(count).toBe(0);
  vi.advanceTimersByTime(DAY_MS);
  expect(count).toBe(1);
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(count).toBe(1);
  end();
});
