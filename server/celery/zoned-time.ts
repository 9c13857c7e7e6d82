// Wall clock time of a time zone, for schedules: what a clock on the wall shows at an instant, and the
// instant at which it shows something. Times that a change of clocks leaves out or repeats are
// resolved as Python's datetime does (fold = 0).

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timezone, format);
  return format;
}

/** What the wall clock shows, as if it were UTC: read it with the `getUTC…` methods of `Date`. */
export function wallTimeAt(at: number, timezone: string): number {
  if (timezone === 'UTC') return at;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const milliseconds = ((at % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

function offsetAt(at: number, timezone: string): number {
  return wallTimeAt(at, timezone) - at;
}

const DAY_MS = 86_400_000;

/** The first instant at which the wall clock shows `wall`. */
export function instantOf(wall: number, timezone: string): number {
  if (timezone === 'UTC') return wall;
  const before = offsetAt(wall - DAY_MS, timezone);
  const after = offsetAt(wall + DAY_MS, timezone);
  const shown = [wall - before, wall - after].filter((at) => wallTimeAt(at, timezone) === wall);
  return shown.length > 0 ? Math.min(...shown) : wall - before;
}
