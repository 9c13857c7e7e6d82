import { expect, it } from 'vitest';
import { TidyMemory } from './tidy-memory.ts';

it('collects once, in the first quiet moment after a busy stretch', () => {
  let collected = 0;
  const tidy = new TidyMemory(() => (collected += 1));
  let [events, now] = [0, 0];
  const pass = (seconds: number, perSecond: number): number => {
    const before = collected;
    for (let second = 0; second < seconds; second += 1) {
      events += perSecond;
      now += 1000;
      tidy.observe(events, now);
    }
    return collected - before;
  };
  expect(pass(10, 100)).toBe(0);
  expect(pass(30, 20_000)).toBe(0);
  expect(pass(10, 100)).toBe(1);
  expect(pass(60, 100)).toBe(0);
  expect(pass(5, 20_000)).toBe(0);
  expect(pass(10, 0)).toBe(1);
});
