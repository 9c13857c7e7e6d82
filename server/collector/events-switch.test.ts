import { describe, expect, it } from 'vitest';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';
import { WorkerBook } from './worker-book.ts';

function watched() {
  const { fold } = createFold();
  const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
  let processed = 0;
  return {
    book,
    enabled: () => book.known('w1@test')?.eventsEnabled,
    /** One heartbeat and one look, every two seconds. */
    beat: (second: number, done = 0, pid = 7) => {
      processed += done;
      const at = START + second * 1000;
      const counts = { freq: 2, active: 0, processed, loadavg: [0, 0, 0], pid };
      fold.event(rawEvent('worker-heartbeat', at, { uuid: undefined, ...counts }), at);
      return book.tick(at, false);
    },
    task: (second: number, uuid: string) => {
      const at = START + second * 1000;
      fold.event(rawEvent('task-started', at, { uuid }), at);
    },
  };
}

describe('whether a worker sends events', () => {
  it('WK7 is not known of a worker that does nothing', () => {
    const worker = watched();
    for (let second = 0; second < 60; second += 2) worker.beat(second);
    expect(worker.enabled()).toBeNull();
  });

  it('WK7 no: it goes on taking tasks and none of them is announced', () => {
    const worker = watched();
    for (let second = 0; second < 20; second += 2) worker.beat(second, 1);
    expect(worker.enabled()).toBe(false);
  });

  it('WK7 yes, and stays so when the last heartbeat counts what was announced before', () => {
    const worker = watched();
    worker.beat(0);
    worker.task(1, 'a');
    worker.beat(2, 1);
    for (let second = 4; second < 60; second += 2) {
      expect(worker.beat(second)).toEqual([]);
    }
    expect(worker.enabled()).toBe(true);
  });

  it('WK7 GA4 one that sent events and goes on without is silent from then on, told once', () => {
    const worker = watched();
    worker.beat(0);
    worker.task(1, 'a');
    worker.beat(2, 1);
    worker.beat(4);
    const told = [6, 8, 10, 12, 14].flatMap((second) => worker.beat(second, 2));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ hostname: 'w1@test' });
    expect(told[0]?.missed).toBeGreaterThan(0);
    expect(worker.enabled()).toBe(false);
  });

  it('WK7 another process under the name begins anew', () => {
    const worker = watched();
    worker.beat(0);
    worker.task(1, 'a');
    worker.beat(2, 1);
    expect(worker.enabled()).toBe(true);
    worker.beat(4, 0, 8);
    expect(worker.enabled()).toBeNull();
  });
});
