import { expect, it } from 'vitest';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';
import { WorkerBook } from './worker-book.ts';
import { WorkerRows } from './worker-rows.ts';

function many(count: number) {
  const { fold } = createFold();
  const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  const rows = new WorkerRows(book);
  const names = Array.from({ length: count }, (_, n) => `w${n}@test`);
  let now = START;
  const beat = (hostname: string) =>
    fold.event(
      rawEvent('worker-heartbeat', now, {
        ...{ hostname, uuid: undefined, freq: 2, active: 0, processed: 0, loadavg: [0, 0, 0] },
      }),
      now,
    );
  /** A second in which these beat; the rows that are written then. */
  const second = (who: readonly string[] = names) => {
    now += 1000;
    for (const hostname of who) beat(hostname);
    book.tick(now, false);
    const taken = rows.take(now);
    rows.written();
    return taken;
  };
  return { book, rows, names, second, settle: () => [second(), second()] };
}

it('WK13 writes each of some hundred workers with every heartbeat', () => {
  const { second, settle } = many(300);
  settle();
  expect(second()).toHaveLength(300);
});

it('WK13 writes thousands of workers in turns, and each of them in its turn', () => {
  const { second, settle } = many(4000);
  settle();
  const turns = Array.from({ length: 10 }, () => second());
  expect(Math.max(...turns.map((turn) => turn.length))).toBeLessThanOrEqual(400);
  expect(new Set(turns.flat().map(({ hostname }) => hostname)).size).toBe(4000);
  expect(turns.flat().every(({ isSummary }) => isSummary)).toBe(true);
});

it('WK13 writes news about one of thousands at once, with its answers', () => {
  const { book, names, second, settle } = many(4000);
  settle();
  second();
  const entry = book.known('w1234@test');
  if (entry === null) throw new Error('no such worker');
  entry.sections = { ...entry.sections, conf: { value: { a: 1 }, readAt: START, reason: null } };
  const told = second().find(({ hostname }) => hostname === 'w1234@test');
  expect(told?.isSummary).toBeUndefined();
  expect(told?.detail.conf.value).toEqual({ a: 1 });
  const others = names.filter((name) => name !== 'w77@test');
  const states = Array.from({ length: 10 }, () => second(others))
    .flatMap((turn) => turn.filter(({ hostname }) => hostname === 'w77@test'))
    .map(({ detail }) => detail.state);
  expect(states).toContain('late');
});

it('writes a row again whose commit failed', () => {
  const { rows, second, settle, names } = many(3);
  settle();
  const failed = rows.take(START + 60_000);
  expect(failed).toHaveLength(names.length);
  expect(second().length).toBe(names.length);
});
