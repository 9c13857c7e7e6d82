import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nextCrontabRunAt, parseCrontab, parseCrontabText, type CronField } from './crontab.ts';
import { dueState, nextRunAt } from './schedule.ts';

const at = (iso: string): number => Date.parse(iso);

type Case = {
  fields: Record<string, CronField>;
  timezone: string;
  last: string;
  next?: string;
  error?: string;
};

const CASES = JSON.parse(
  readFileSync(new URL('vectors/crontab.json', import.meta.url), 'utf8'),
) as Case[];

describe('crontab', () => {
  test.each(CASES)('$fields in $timezone after $last is $next', (example) => {
    const { fields } = example;
    const crontab = parseCrontab({
      minute: fields['minute'] ?? '*',
      hour: fields['hour'] ?? '*',
      dayOfWeek: fields['day_of_week'] ?? '*',
      dayOfMonth: fields['day_of_month'] ?? '*',
      monthOfYear: fields['month_of_year'] ?? '*',
    });
    if (!crontab.ok) {
      expect(example.error).toBe('ValueError');
      return;
    }
    const next = nextCrontabRunAt(crontab.value, at(example.last), example.timezone);
    expect(next === null ? null : new Date(next).toISOString()).toBe(
      example.next === undefined ? null : new Date(at(example.next)).toISOString(),
    );
  });

  test.each<[CronField, number[]]>([
    ['*/20', [0, 20, 40]],
    ['50-10/7', [4, 50, 57]],
    ['1,5-7', [1, 5, 6, 7]],
    [
      [3, 1],
      [1, 3],
    ],
  ])('minute %s', (minute, values) => {
    expect(parseCrontab({ minute })).toMatchObject({ ok: true, value: { minute: values } });
  });

  test('days count from their smallest value, weekdays have names', () => {
    const parsed = parseCrontab({ dayOfMonth: '*/10', dayOfWeek: 'fri-monday' });
    expect(parsed).toMatchObject({
      value: { dayOfMonth: [1, 11, 21, 31], dayOfWeek: [0, 1, 5, 6] },
    });
  });

  test.each(['', '60', '5/2', '*/0', '*/x', 'x', '1-', '-1', '1,,2', '* *'])(
    'refuses minute "%s"',
    (minute) => {
      expect(parseCrontab({ minute })).toMatchObject({ ok: false, path: 'minute' });
    },
  );

  test('weekday 7 and the 30th of February are refused', () => {
    expect(parseCrontab({ dayOfWeek: 7 }).ok).toBe(false);
    expect(parseCrontab({ dayOfMonth: 30, monthOfYear: 2 }).ok).toBe(false);
  });

  test("text has cron's order", () => {
    expect(parseCrontabText('0 4 1 1 mon')).toEqual(
      parseCrontab({ minute: 0, hour: 4, dayOfMonth: 1, monthOfYear: 1, dayOfWeek: 1 }),
    );
    expect(parseCrontabText('* * *').ok).toBe(false);
  });

  test('a day that comes once in decades is found', () => {
    const leapSunday = parseCrontab({
      minute: 0,
      hour: 0,
      dayOfMonth: 29,
      monthOfYear: 2,
      dayOfWeek: 0,
    });
    if (!leapSunday.ok) throw new Error(leapSunday.message);
    expect(nextCrontabRunAt(leapSunday.value, at('2026-01-01T00:00:00Z'))).toBe(
      at('2032-02-29T00:00:00Z'),
    );
  });
});

describe('schedules', () => {
  const every = (everyMs: number, relative = false) =>
    ({ type: 'interval', everyMs, relative }) as const;

  test('intervals count from the last run, or round to their unit', () => {
    const last = at('2026-01-01T10:20:30.500Z');
    expect(nextRunAt(every(1500), last)).toBe(last + 1500);
    expect(nextRunAt(every(3_600_000, true), last)).toBe(at('2026-01-01T11:00:00Z'));
    expect(nextRunAt(every(86_400_000, true), last, 'Europe/Berlin')).toBe(
      at('2026-01-01T23:00:00Z'),
    );
  });

  test('missed runs are made up for once', () => {
    expect(dueState(every(1000), 0, 10_500)).toEqual({ isDue: true, nextCheckAt: 11_500 });
    expect(dueState(every(1000), 10_500, 10_600)).toEqual({ isDue: false, nextCheckAt: 11_500 });
  });

  test('a crontab past its starting deadline waits for the next time', () => {
    const parsed = parseCrontab({ minute: 0 });
    if (!parsed.ok) throw new Error(parsed.message);
    const hourly = { type: 'crontab', crontab: parsed.value } as const;
    const last = at('2026-01-01T08:00:00Z');
    const now = at('2026-01-01T10:30:00Z');
    const nextCheckAt = at('2026-01-01T11:00:00Z');
    expect(dueState(hourly, last, now)).toEqual({ isDue: true, nextCheckAt });
    expect(dueState(hourly, last, now, { startingDeadlineMs: 60_000 })).toEqual({
      isDue: false,
      nextCheckAt,
    });
    expect(dueState(hourly, last, now, { startingDeadlineMs: 1_800_000 }).isDue).toBe(true);
  });
});
