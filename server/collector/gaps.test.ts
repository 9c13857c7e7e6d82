import { describe, expect, it } from 'vitest';
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { Gaps } from './gaps.ts';

const status = (state: ConnectionStatus['state']): ConnectionStatus => ({
  ...{ state, since: 0, reason: 'Connection reset', attempt: 1, nextAttemptAt: null },
});
const report = { cause: 'disconnected', detail: 'cut', lostCount: null } as const;

function starts(gaps: Gaps): number[] {
  return [...new Set(gaps.take().map((gap) => gap.startedAt))];
}

describe('gaps', () => {
  it('GA1 the time between the last observation and a start is a gap, unless it is short', () => {
    const short = new Gaps();
    short.stopped(10_000, [], 11_000);
    expect(short.isOpen()).toBe(true);
    short.began(11_900);
    expect([short.isOpen(), short.take()]).toEqual([false, []]);
    const first = new Gaps();
    first.stopped(null, [], 50_000);
    first.began(60_000);
    expect([first.isOpen(), first.take()]).toEqual([false, []]);
    const long = new Gaps();
    long.stopped(10_000, [], 15_000);
    const gap = { cause: 'stopped', startedAt: 10_000 };
    expect(long.take()).toMatchObject([{ ...gap, endedAt: null }]);
    long.connection(status('connected'), 15_500);
    expect([long.isOpen(), long.take()]).toEqual([true, []]);
    long.began(16_000);
    expect(long.take()).toMatchObject([{ ...gap, endedAt: 16_000 }]);
    expect([long.isOpen(), long.counts.stopped]).toEqual([false, 1]);
  });

  it('GA1 a start whose broker is long in coming is a gap until events arrive', () => {
    const gaps = new Gaps();
    gaps.stopped(10_000, [], 11_000);
    gaps.began(600_000);
    expect(gaps.take()).toMatchObject([{ cause: 'stopped', startedAt: 10_000, endedAt: 600_000 }]);
  });

  it('GA1 what the last run left open goes on, and ends with the first events', () => {
    const gaps = new Gaps();
    const left = { ...report, startedAt: 8000, endedAt: null };
    gaps.stopped(10_000, [left, { ...left, startedAt: 9000 }], 50_000);
    expect(gaps.isOpen()).toBe(true);
    expect(gaps.take()).toMatchObject([{ startedAt: 9000, endedAt: 50_000 }]);
    gaps.connection(status('connected'), 60_000);
    gaps.began(60_100);
    expect(gaps.take()).toMatchObject([
      { cause: 'disconnected', startedAt: 8000, endedAt: 60_100 },
    ]);
    expect([gaps.isOpen(), gaps.counts.stopped]).toEqual([false, 0]);
  });

  it('GA2 a lost connection opens a gap at once and closes it under the same start', () => {
    const gaps = new Gaps();
    gaps.connection(status('reconnecting'), 1000);
    gaps.connection(status('reconnecting'), 1500);
    expect(gaps.isOpen()).toBe(true);
    expect(gaps.take()).toMatchObject([{ startedAt: 1000, endedAt: null }]);
    gaps.connection(status('connected'), 4000);
    expect(gaps.isOpen()).toBe(false);
    expect(gaps.take()).toMatchObject([{ startedAt: 1000, endedAt: 4000 }]);
  });

  it('GA2 one loss is one gap, whether the connection or the subscription is back first', () => {
    const connectionFirst = new Gaps();
    connectionFirst.connection(status('reconnecting'), 1000);
    connectionFirst.connection(status('connected'), 4000);
    connectionFirst.ended({ ...report, startedAt: 1010, endedAt: 4050 });
    expect(starts(connectionFirst)).toEqual([1000]);
    const subscriptionFirst = new Gaps();
    subscriptionFirst.connection(status('reconnecting'), 1000);
    subscriptionFirst.ended({ ...report, startedAt: 990, endedAt: 3990 });
    subscriptionFirst.connection(status('connected'), 4000);
    expect(starts(subscriptionFirst)).toEqual([1000]);
  });

  it('GA2 a later loss of the subscription alone is a gap of its own', () => {
    const gaps = new Gaps();
    gaps.connection(status('reconnecting'), 1000);
    gaps.connection(status('connected'), 4000);
    gaps.ended({ ...report, startedAt: 60_000, endedAt: 61_000 });
    gaps.ended({ ...report, cause: 'buffer-overrun', startedAt: 3000, endedAt: 3500 });
    expect(starts(gaps)).toEqual([1000, 60_000, 3000]);
  });

  it('GA2 a subscription that alone is lost is an open gap while it lasts, and one with what is told at its end', () => {
    const gaps = new Gaps();
    const lost = { at: 10_000, reason: 'max clients' };
    gaps.subscription(lost, 11_000);
    expect(gaps.isOpen()).toBe(false);
    gaps.subscription(lost, 12_000);
    gaps.subscription(lost, 13_000);
    expect(gaps.isOpen()).toBe(true);
    expect(gaps.take()).toMatchObject([
      {
        startedAt: 10_000,
        endedAt: null,
        detail: expect.stringContaining('max clients') as string,
      },
    ]);
    gaps.ended({ ...report, cause: 'buffer-overrun', startedAt: 10_000, endedAt: 20_000 });
    gaps.subscription(null, 20_500);
    expect(gaps.isOpen()).toBe(false);
    expect(gaps.take()).toMatchObject([
      { startedAt: 10_000, endedAt: 20_000, cause: 'disconnected', detail: 'cut' },
    ]);
    expect([gaps.counts.disconnected, gaps.counts['buffer-overrun']]).toEqual([1, 0]);
  });

  it('GA2 the gap of a connection goes on while only its subscription is still away', () => {
    const gaps = new Gaps();
    gaps.connection(status('reconnecting'), 1000);
    gaps.connection(status('connected'), 4000);
    gaps.take();
    const lost = { at: 990, reason: 'refused' };
    gaps.subscription(lost, 5000);
    expect(gaps.isOpen()).toBe(true);
    gaps.ended({ ...report, startedAt: 990, endedAt: 9000 });
    gaps.subscription(null, 9500);
    expect(gaps.take().map((gap) => [gap.startedAt, gap.endedAt])).toEqual([
      [1000, null],
      [1000, 9000],
    ]);
    expect([gaps.isOpen(), gaps.counts.disconnected]).toEqual([false, 1]);
  });

  it('GA2 what is noticed late began with the last sign of life', () => {
    const gaps = new Gaps();
    gaps.connection(status('reconnecting'), 20_000);
    gaps.ended({ ...report, startedAt: 5000, endedAt: 21_000 });
    expect(gaps.take().slice(1)).toMatchObject([
      { startedAt: 20_000, endedAt: 21_000 },
      { startedAt: 5000, endedAt: 20_000 },
    ]);
    expect(gaps.counts.disconnected).toBe(1);
  });

  it('GA5 what workers counted in a break is noted in its mark, which stays one', () => {
    const gaps = new Gaps();
    gaps.connection(status('reconnecting'), 1000);
    gaps.connection(status('connected'), 4000);
    gaps.take();
    const loss = { hostname: 'a@h', startedAt: 900, endedAt: 9000, count: 2, inBreak: true };
    gaps.missed([loss, { ...loss, hostname: 'b@h', count: 5 }]);
    gaps.missed([{ ...loss, hostname: 'c@h', count: 1 }]);
    const marks = gaps.take();
    expect(marks.map((gap) => [gap.startedAt, gap.lostCount])).toEqual([
      [1000, 7],
      [1000, 8],
    ]);
    expect(gaps.counts).toMatchObject({ disconnected: 1, dropped: 0 });
  });

  it('GA3 losses of several workers that are noticed together are one mark', () => {
    const gaps = new Gaps();
    gaps.dropped([]);
    gaps.dropped([
      { hostname: 'a@h', startedAt: 5, endedAt: 9, count: 2, inBreak: false },
      { hostname: 'b@h', startedAt: 3, endedAt: 8, count: 1, inBreak: false },
    ]);
    expect(gaps.take()).toMatchObject([
      { cause: 'dropped', startedAt: 3, endedAt: 9, lostCount: 3 },
    ]);
  });
});
