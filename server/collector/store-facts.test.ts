import { describe, expect, it } from 'vitest';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';
import { BusySeries, busySlots } from './store-facts.ts';
import { WorkerBook } from './worker-book.ts';

describe('SU3 busy slots', () => {
  it('stay small over a day, thinner with age, and survive a restart', () => {
    let series = new BusySeries();
    let written: { at: number; busy: number | null }[] = [];
    for (let second = 0; second <= 30 * 3600; second += 10) {
      const points = series.observe(() => 1234, START + second * 1000);
      if (points !== null) written = points;
      if (second === 7200) {
        series = new BusySeries();
        series.restore(JSON.parse(JSON.stringify(written)));
      }
    }
    expect(JSON.stringify(written).length).toBeLessThan(20_000);
    const last = written.at(-1)!.at;
    expect(last - written[0]!.at).toBeGreaterThan(23.8 * 3_600_000);
    expect(last - written[0]!.at).toBeLessThanOrEqual(24 * 3_600_000);
    const gaps = written.slice(1).map((point, index) => point.at - written[index]!.at);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000);
    expect(gaps.slice(-60)).toEqual(Array.from({ length: 60 }, () => 10_000));
  });

  it('has one point in ten seconds and forgets what is no series', () => {
    const series = new BusySeries();
    series.restore([{ at: 'x' }, null, { at: START, busy: 'many' }]);
    expect(series.observe(() => 1, START + 9999)).toBeNull();
    expect(series.observe(() => null, START + 10_000)).toEqual([
      { at: START, busy: null },
      { at: START + 10_000, busy: null },
    ]);
  });

  it('are unknown while nobody was asked, or while a worker that is there does not say', () => {
    const { fold } = createFold();
    const book = new WorkerBook(fold, { offlineAfterMs: 30_000 });
    expect(busySlots(book, false, START)).toBeNull();
    expect(busySlots(book, true, START)).toBe(0);
    const beat = (hostname: string, counts: object) =>
      fold.event(rawEvent('worker-heartbeat', START, { hostname, freq: 2, ...counts }), START);
    beat('a@h', { active: 3, processed: 1 });
    expect(busySlots(book, true, START)).toBe(3);
    beat('b@h', {});
    expect(busySlots(book, true, START)).toBeNull();
    expect(busySlots(book, true, START + 3_600_000)).toBe(0);
  });
});
