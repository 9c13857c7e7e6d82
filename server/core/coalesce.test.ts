import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

/** Answers each item with its double, when told to. */
function doubling(options = {}) {
  const asked: number[][] = [];
  const open: (() => void)[] = [];
  const ask = coalesce<number, number>(async (items) => {
    asked.push([...items]);
    await new Promise<void>((resolve) => open.push(resolve));
    if (items.includes(13)) throw new Error('unlucky');
    return items.map((item) => item * 2);
  }, options);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { ask, asked, answer: () => open.shift()?.(), turn };
}

test('what is asked for in one turn goes together, and each gets its own answer', async () => {
  const { ask, asked, answer, turn } = doubling();
  const answers = Promise.all([ask(1), ask(2), ask(3)]);
  await turn();
  answer();
  expect(await answers).toEqual([2, 4, 6]);
  expect(asked).toEqual([[1, 2, 3]]);
});

test('what comes while an answer is awaited goes together after it, in order', async () => {
  const { ask, asked, answer, turn } = doubling();
  const first = ask(1);
  await turn();
  const later = Promise.all([ask(2), ask(3)]);
  await turn();
  expect(asked).toEqual([[1]]);
  answer();
  expect(await first).toBe(2);
  await turn();
  answer();
  expect(await later).toEqual([4, 6]);
  expect(asked).toEqual([[1], [2, 3]]);
});

test('a failure reaches those who asked together, and nobody after them', async () => {
  const { ask, answer, turn } = doubling();
  const unlucky = Promise.allSettled([ask(1), ask(13)]);
  await turn();
  const later = ask(4);
  answer();
  expect((await unlucky).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await turn();
  answer();
  expect(await later).toBe(8);
});

test('no more than two hundred go together', async () => {
  const { ask, asked, answer, turn } = doubling();
  const answers = Promise.all(Array.from({ length: 250 }, (_, item) => ask(item + 100)));
  await turn();
  answer();
  await turn();
  answer();
  expect((await answers).at(-1)).toBe(698);
  expect(asked.map((items) => items.length)).toEqual([200, 50]);
});

test('a prompt one asks at once, and for the rest together', async () => {
  const { ask, asked, answer, turn } = doubling({ isPrompt: true });
  const answers = Promise.all([ask(1), ask(2), ask(3)]);
  expect(asked).toEqual([[1]]);
  answer();
  await turn();
  answer();
  expect(await answers).toEqual([2, 4, 6]);
  expect(asked).toEqual([[1], [2, 3]]);
});
