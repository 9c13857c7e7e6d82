import { durationParts } from './duration.ts';
import { UNKNOWN } from './number.ts';

/** The zone that times are written in: always said, never guessed. */
export type TimeZoneChoice = 'utc' | 'local';

type Known = { year: number; month: number; day: number; clock: string; millis: string };

const two = (value: number): string => String(value).padStart(2, '0');

// Beyond this JavaScript has no date.
const LIMIT = 8.64e15;

function parts(at: number | null | undefined, zone: TimeZoneChoice): Known | null {
  if (at === null || at === undefined || !Number.isFinite(at) || Math.abs(at) > LIMIT) return null;
  const date = new Date(at);
  const utc = zone === 'utc';
  const hour = utc ? date.getUTCHours() : date.getHours();
  const minute = utc ? date.getUTCMinutes() : date.getMinutes();
  const second = utc ? date.getUTCSeconds() : date.getSeconds();
  return {
    year: utc ? date.getUTCFullYear() : date.getFullYear(),
    month: (utc ? date.getUTCMonth() : date.getMonth()) + 1,
    day: utc ? date.getUTCDate() : date.getDate(),
    clock: `${two(hour)}:${two(minute)}:${two(second)}`,
    millis: String(date.getUTCMilliseconds()).padStart(3, '0'),
  };
}

export type TimeOptions = { millis?: boolean; unknown?: string };

/** `10:03:11`, or with `millis` `10:03:11.042`. */
export function formatTime(
  at: number | null | undefined,
  zone: TimeZoneChoice,
  { millis = false, unknown = UNKNOWN }: TimeOptions = {},
): string {
  const known = parts(at, zone);
  if (known === null) return unknown;
  return millis ? `${known.clock}.${known.millis}` : known.clock;
}

/** `10:03`, for axes and sentences. */
export function formatClock(
  at: number | null | undefined,
  zone: TimeZoneChoice,
  unknown: string = UNKNOWN,
): string {
  const known = parts(at, zone);
  return known === null ? unknown : known.clock.slice(0, 5);
}

/** `2026-11-22 10:03:11 UTC`; local times carry their offset. */
export function formatDateTime(
  at: number | null | undefined,
  zone: TimeZoneChoice,
  { millis = false, unknown = UNKNOWN }: TimeOptions = {},
): string {
  const known = parts(at, zone);
  if (known === null || at === null || at === undefined) return unknown;
  const day = `${known.year}-${two(known.month)}-${two(known.day)}`;
  const clock = millis ? `${known.clock}.${known.millis}` : known.clock;
  return `${day} ${clock} ${formatZone(at, zone)}`;
}

/** The time alone when it is of today, else with its date: what a table column shows. */
export function formatShortTime(
  at: number | null | undefined,
  now: number,
  zone: TimeZoneChoice,
  unknown: string = UNKNOWN,
): string {
  const known = parts(at, zone);
  const today = parts(now, zone);
  if (known === null) return unknown;
  const sameDay =
    today !== null &&
    known.year === today.year &&
    known.month === today.month &&
    known.day === today.day;
  if (sameDay) return known.clock;
  const date = `${two(known.month)}-${two(known.day)}`;
  const year = today !== null && known.year === today.year ? '' : `${known.year}-`;
  return `${year}${date} ${known.clock}`;
}

/** `UTC`, or the browser's offset at that time, `UTC+02:00`. */
export function formatZone(at: number, zone: TimeZoneChoice): string {
  if (zone === 'utc') return 'UTC';
  const minutes = -new Date(at).getTimezoneOffset();
  if (minutes === 0) return 'UTC+00:00';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** `9 s ago`, `in 5 min`, `just now`. */
export function formatRelative(
  at: number | null | undefined,
  now: number,
  unknown: string = UNKNOWN,
): string {
  if (at === null || at === undefined || !Number.isFinite(at)) return unknown;
  const distance = at - now;
  if (Math.abs(distance) < 1000) return 'just now';
  const [first] = durationParts(Math.round(Math.abs(distance) / 1000) * 1000);
  if (first === undefined) return unknown;
  const text = `${first.value.replace(/\.0+$/, '')} ${first.unit}`;
  return distance < 0 ? `${text} ago` : `in ${text}`;
}
