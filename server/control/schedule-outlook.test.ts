import { describe, expect, it } from 'vitest';
import { parseCrontabText } from '../celery/crontab.ts';
import type { Schedule } from '../celery/schedule.ts';
import { outlookOf, type Seen } from './schedule-outlook.ts';

const NOW = Date.UTC(2026, 4, 1, 12, 0, 30);
const MINUTE = 60_000;
const every = (everyMs: number): Schedule => ({ type: 'interval', everyMs, relative: false });
function cron(text: string): Schedule {
  const parsed = parseCrontabText(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return { type: 'crontab', crontab: parsed.value };
}
const outlook = (schedule: Schedule | null, seen: Partial<Seen>, zone: string | null = 'UTC') =>
  outlookOf(schedule, zone, {
    ...{ now: NOW, newestAt: null, watchingSince: NOW - 60 * MINUTE, blindBecause: null },
    ...seen,
  });

describe('SC2 the next run', () => {
  it('follows the newest task of the type', () => {
    expect(outlook(every(10_000), { newestAt: NOW - 4000 })).toEqual({
      ...{ expectedAt: NOW + 6000, isOverdue: false, reason: null },
    });
    expect(outlook(cron('*/5 * * * *'), { newestAt: NOW - 30_000 }).expectedAt).toBe(
      Date.UTC(2026, 4, 1, 12, 5),
    );
  });

  it('of a crontab is that of its time zone', () => {
    const at = outlook(cron('0 4 * * *'), { newestAt: NOW }, 'Europe/Zurich').expectedAt;
    expect(at).toBe(Date.UTC(2026, 4, 2, 2));
  });

  it('is due an interval after Umbel began to look, at the latest', () => {
    const watchingSince = NOW - 2 * MINUTE;
    expect(outlook(every(5 * MINUTE), { watchingSince })).toMatchObject({
      ...{ expectedAt: watchingSince + 5 * MINUTE, isOverdue: false },
    });
    const newestAt = NOW - 60 * MINUTE;
    expect(outlook(every(5 * MINUTE), { watchingSince, newestAt })).toMatchObject({
      ...{ expectedAt: watchingSince + 5 * MINUTE, isOverdue: false },
    });
  });

  it('is never where no day matches', () => {
    const everyDay = cron('0 0 * * *');
    const crontab = everyDay.type === 'crontab' ? everyDay.crontab : null;
    if (crontab === null) throw new Error('no crontab');
    const never = { ...crontab, dayOfMonth: [31], monthOfYear: [2] };
    expect(outlook({ type: 'crontab', crontab: never }, {})).toMatchObject({
      ...{ expectedAt: null, isOverdue: false, reason: expect.any(String) },
    });
  });

  it('is unknown for a kind that is not known, and for a local time that nobody tells', () => {
    const unknown = { expectedAt: null, isOverdue: null, reason: expect.any(String) };
    expect(outlook(null, {})).toEqual(unknown);
    expect(outlook(cron('0 4 * * *'), {}, null)).toEqual(unknown);
  });
});

describe('SC3 overdue', () => {
  it('is what was not seen a minute after it was due', () => {
    const seen = { newestAt: NOW - 30 * MINUTE };
    expect(outlook(every(29.5 * MINUTE), seen).isOverdue).toBe(false);
    expect(outlook(every(28 * MINUTE), seen)).toMatchObject({
      ...{ expectedAt: NOW - 2 * MINUTE, isOverdue: true, reason: expect.stringContaining('beat') },
    });
    expect(outlook(every(5 * MINUTE), {}).isOverdue).toBe(true);
  });

  it('allows for long intervals that are told to two decimals', () => {
    const everyMs = 20 * 3_600_000;
    const watchingSince = NOW - 10 * everyMs;
    const seen = (lateMs: number) => ({ watchingSince, newestAt: NOW - everyMs - lateMs });
    expect(outlook(every(everyMs), seen(10 * MINUTE)).isOverdue).toBe(false);
    expect(outlook(every(everyMs), seen(15 * MINUTE)).isOverdue).toBe(true);
  });

  it('is not said of what could have gone unseen', () => {
    const blind = { newestAt: NOW - 30 * MINUTE, blindBecause: 'No events.' };
    expect(outlook(every(MINUTE), blind)).toEqual({
      ...{ expectedAt: null, isOverdue: null, reason: 'No events.' },
    });
    expect(outlook(cron('0 * * * *'), blind)).toEqual({
      ...{ expectedAt: Date.UTC(2026, 4, 1, 13), isOverdue: null, reason: 'No events.' },
    });
    const away = { newestAt: NOW - 30 * MINUTE, watchingSince: null };
    expect(outlook(every(MINUTE), away).isOverdue).toBeNull();
  });
});
