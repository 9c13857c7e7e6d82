import { expect, test } from 'vitest';
import { Gate, SLOTS } from './gate.ts';

test('a turn belongs to whoever comes first, and only once', () => {
  const worker = new Gate();
  const thread = new Gate(worker.buffer);
  worker.offer(1);
  worker.offer(2);
  expect(thread.start(1)).toBe(true);
  expect(worker.withdraw(1)).toBe(false);
  expect(worker.withdraw(2)).toBe(true);
  expect(thread.start(2)).toBe(false);
  expect(thread.start(1)).toBe(false);
});

test('a turn that took the slot of a withdrawn one does not start in its place', () => {
  const worker = new Gate();
  const thread = new Gate(worker.buffer);
  worker.offer(3);
  expect(worker.withdraw(3)).toBe(true);
  worker.offer(3 + SLOTS);
  expect(thread.start(3)).toBe(false);
  expect(thread.start(3 + SLOTS)).toBe(true);
});

test('turns begin again before they are too great for a slot', () => {
  expect(Gate.next(7)).toBe(8);
  expect(Gate.next(2 ** 30)).toBe(1);
});
