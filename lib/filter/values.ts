import type { TimePoint } from './filter.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const MAX_DURATION_MS = 1e14;
const MAX_TIME_AT = 8.64e15;

/** `200ms`, `1.5s`, `10m`, `2h`, `1d`, `1w`; a bare number is seconds. Milliseconds, to the microsecond; null when it is none. */
export function parseDuration(text: string, unitRequired = false): number | null {
  const parts = /^(\d{1,15}(?:\.\d{1,12})?)(ms|s|m|h|d|w)?$/.exec(text);
  if (parts === null || (unitRequired && parts[2] === undefined)) return null;
  const value = Number(parts[1]) * (UNITS_MS[parts[2] ?? 's'] ?? 0);
  return value > MAX_DURATION_MS ? null : Math.round(value * 1000) / 1000;
}

/** The largest unit that says it without a fraction. */
export function stringifyDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    const size = UNITS_MS[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

const MOMENT =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T_](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?)?(Z|[+-]\d{2}:\d{2})?$/;

/** A date or time as the stretch that it names: `2026-11-22` is a whole day. Without a zone it is UTC. Null when it is none. */
export function parseMoment(text: string): { from: number; to: number } | null {
  const parts = MOMENT.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  const iso = `${year ?? ''}-${month ?? ''}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '0').padEnd(3, '0')}${zone ?? 'Z'}`;
  const from = Date.parse(iso);
  if (Number.isNaN(from) || Math.abs(from) > MAX_TIME_AT) return null;
  return { from, to: from + spanOf({ day, hour, second, fraction }) - 1 };
}

function spanOf(given: {
  day: string | undefined;
  hour: string | undefined;
  second: string | undefined;
  fraction: string | undefined;
}): number {
  if (given.day === undefined) return 28 * 86_400_000;
  if (given.hour === undefined) return 86_400_000;
  if (given.second === undefined) return 60_000;
  return given.fraction === undefined ? 1000 : 1;
}

export function stringifyTimePoint(point: TimePoint): string {
  return 'at' in point ? new Date(point.at).toISOString() : stringifyDuration(point.agoMs);
}

/** The moment in epoch milliseconds, seen from `now`. */
export function resolveTimePoint(point: TimePoint, now: number): number {
  return 'at' in point ? point.at : now - point.agoMs;
}
