import { expect, it } from 'vitest';
import type { ScheduleSource } from '@/lib/contract/schedule.ts';
import { toSourceWords, toWhen } from './schedule-words.ts';

it.each([
  [500, 'every 0.5 s'],
  [2000, 'every 2 s'],
  [12_750, 'every 12.75 s'],
  [90_000, 'every 1 min 30 s'],
  [300_000, 'every 5 min'],
  [93_661_000, 'every 1 d 2 h 1 min 1 s'],
])('tells an interval of %d ms whole', (everyMs, words) => {
  expect(toWhen({ kind: 'interval', everyMs, when: '' })).toBe(words);
});

it('tells anything else as it was worded', () => {
  expect(toWhen({ kind: 'crontab', everyMs: null, when: '0 4 * * *' })).toBe('0 4 * * *');
});

it('names who told it', () => {
  const worker: ScheduleSource = { kind: 'worker', name: 'a@h', others: 2, readAt: 1 };
  expect(toSourceWords([])).toBe('');
  expect(toSourceWords([worker])).toBe('As told by a@h and 2 more workers.');
  expect(toSourceWords([{ ...worker, kind: 'app', name: 'shop' }, worker])).toBe(
    'As told by the app shop, and 1 other configuration.',
  );
});
