// Crontab schedules with Celery's semantics (celery.schedules.crontab): every field has to match, day
// of month and day of week too; ranges wrap; `*/n` counts from the smallest value; Sunday is 0.

import { decoded, undecodable, type Decoded } from './decoded.ts';
import { instantOf, wallTimeAt } from './zoned-time.ts';

/** A number, a list of numbers, or an expression such as `*`, `5`, `8-18/2,20`, `mon-fri`. */
export type CronField = number | readonly number[] | string;

export type CrontabFields = {
  minute?: CronField;
  hour?: CronField;
  dayOfWeek?: CronField;
  dayOfMonth?: CronField;
  monthOfYear?: CronField;
};

/** Sorted values of each field. */
export type Crontab = {
  minute: number[];
  hour: number[];
  dayOfWeek: number[];
  dayOfMonth: number[];
  monthOfYear: number[];
};

type Range = { min: number; max: number };

const RANGES: { [key in keyof Crontab]: Range } = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dayOfWeek: { min: 0, max: 6 },
  dayOfMonth: { min: 1, max: 31 },
  monthOfYear: { min: 1, max: 12 },
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

class CronError extends Error {}

export function parseCrontab(fields: CrontabFields = {}): Decoded<Crontab> {
  let path = '';
  const expand = (name: keyof Crontab): number[] => {
    path = name;
    return expandField(fields[name] ?? '*', RANGES[name]);
  };
  try {
    const crontab: Crontab = {
      minute: expand('minute'),
      hour: expand('hour'),
      dayOfWeek: expand('dayOfWeek'),
      dayOfMonth: expand('dayOfMonth'),
      monthOfYear: expand('monthOfYear'),
    };
    const { monthOfYear, dayOfMonth } = crontab;
    const firstDay = dayOfMonth[0] ?? 1;
    if (!monthOfYear.some((month) => firstDay <= (LONGEST_MONTH[month - 1] ?? 0))) {
      return undecodable('bad_crontab', 'No such day in any of the months', 'dayOfMonth');
    }
    return decoded(crontab);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return undecodable('bad_crontab', error.message, path);
  }
}

/** Cron's own order: minute, hour, day of month, month, day of week. */
export function parseCrontabText(text: string): Decoded<Crontab> {
  const parts = text.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, monthOfYear, dayOfWeek] = parts;
  if (
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    monthOfYear === undefined ||
    dayOfWeek === undefined ||
    parts.length !== 5
  ) {
    return undecodable('bad_crontab', 'Five fields are expected');
  }
  return parseCrontab({ minute, hour, dayOfMonth, monthOfYear, dayOfWeek });
}

function expandField(field: CronField, range: Range): number[] {
  const values = typeof field === 'string' ? expandText(field, range) : [field].flat();
  if (values.length === 0) throw new CronError('No value is given');
  for (const value of values) {
    if (!Number.isInteger(value) || value < range.min || value > range.max) {
      throw new CronError(
        `${String(value)} is not within ${String(range.min)}-${String(range.max)}`,
      );
    }
  }
  return [...new Set(values)].sort((a, b) => a - b);
}

const PART = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\w+))?$/;

function expandText(text: string, range: Range): number[] {
  return text.split(',').flatMap((part) => {
    const match = PART.exec(part);
    if (match === null) throw new CronError(`"${part.slice(0, 40)}" is not understood`);
    const [, star, from = '', to, step] = match;
    if (star === undefined && to === undefined) {
      if (step !== undefined) throw new CronError('A step needs a range or *');
      return [numberOf(from, range)];
    }
    const values =
      star === undefined
        ? between(numberOf(from, range), numberOf(to ?? '', range), range)
        : all(range);
    return step === undefined ? values : every(values, step);
  });
}

function all(range: Range): number[] {
  return Array.from({ length: range.max - range.min + 1 }, (_, index) => range.min + index);
}

function between(from: number, to: number, range: Range): number[] {
  const values = all(range);
  if (to >= from) return values.filter((value) => value >= from && value <= to);
  return [...values.filter((value) => value >= from), ...values.filter((value) => value <= to)];
}

function every(values: number[], step: string): number[] {
  const size = /^\d+$/.test(step) ? Number(step) : 0;
  if (size < 1) throw new CronError(`"/${step}" is not a step`);
  return values.filter((_, index) => index % size === 0);
}

function numberOf(text: string, range: Range): number {
  const value = /^\d+$/.test(text) ? Number(text) : named(text);
  if (value < range.min || value > range.max) {
    throw new CronError(`${text} is not within ${String(range.min)}-${String(range.max)}`);
  }
  return value;
}

/** Names count by their first three letters, months before weekdays. */
function named(text: string): number {
  const name = text.slice(0, 3).toLowerCase();
  const month = MONTHS.indexOf(name);
  if (month >= 0) return month + 1;
  const weekday = WEEKDAYS.indexOf(name);
  if (weekday < 0) throw new CronError(`"${text.slice(0, 40)}" is no name of a day or month`);
  return weekday;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Leap days on one weekday come back within 40 years. */
const MAX_DAYS = 41 * 366;

/** The first run after `lastRunAt`, by the wall clock of the time zone; `null` when there is none. */
export function nextCrontabRunAt(
  crontab: Crontab,
  lastRunAt: number,
  timezone = 'UTC',
): number | null {
  const wall = Math.floor(wallTimeAt(lastRunAt, timezone) / MINUTE_MS) * MINUTE_MS;
  const firstDay = Math.floor(wall / DAY_MS) * DAY_MS;
  for (let index = 0; index < MAX_DAYS; index += 1) {
    const day = firstDay + index * DAY_MS;
    if (!matchesDay(crontab, new Date(day))) continue;
    const at = firstRunOf(crontab, day, { wall, lastRunAt, timezone });
    if (at !== null) return at;
  }
  return null;
}

function matchesDay(crontab: Crontab, day: Date): boolean {
  return (
    crontab.monthOfYear.includes(day.getUTCMonth() + 1) &&
    crontab.dayOfMonth.includes(day.getUTCDate()) &&
    crontab.dayOfWeek.includes(day.getUTCDay())
  );
}

function firstRunOf(
  crontab: Crontab,
  day: number,
  last: { wall: number; lastRunAt: number; timezone: string },
): number | null {
  for (const hour of crontab.hour) {
    for (const minute of crontab.minute) {
      const wall = day + (hour * 60 + minute) * MINUTE_MS;
      if (wall <= last.wall) continue;
      const at = instantOf(wall, last.timezone);
      if (at > last.lastRunAt) return at;
    }
  }
  return null;
}
