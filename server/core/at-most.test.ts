import { expect, it } from 'vitest';
import { atMost } from './at-most.ts';

const never = new Promise<void>(() => undefined);

it('waits for what ends, and passes its failure on', async () => {
  let isDone = false;
  await atMost(
    60_000,
    Promise.resolve().then(() => void (isDone = true)),
  );
  expect(isDone).toBe(true);
  await expect(atMost(60_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  await atMost(60_000, undefined);
});

it('does not wait for what hangs, nor is disturbed by its later failure', async () => {
  let fail: (error: Error) => void = () => undefined;
  await atMost(1, never);
  await atMost(1, new Promise((_resolve, reject) => (fail = reject)));
  fail(new Error('late'));
  await new Promise((resolve) => setImmediate(resolve));
});
