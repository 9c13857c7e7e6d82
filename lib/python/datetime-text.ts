/** Python's ISO texts of dates and times to the constructor calls that `repr` prints. */

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d(?::\d\d)?)?$/;

export function dateRepr(iso: string): string | undefined {
  const parts = dateParts(iso);
  return parts === undefined ? undefined : `datetime.date(${parts.join(', ')})`;
}

export function timeRepr(iso: string): string | undefined {
  const time = timeParts(iso);
  return time === undefined
    ? undefined
    : `datetime.time(${[...time.parts, ...time.zone].join(', ')})`;
}

export function datetimeRepr(iso: string): string | undefined {
  const date = dateParts(iso.slice(0, 10));
  const time = timeParts(iso.slice(11));
  if (date === undefined || time === undefined || !/[T ]/.test(iso.charAt(10))) return undefined;
  return `datetime.datetime(${[...date, ...time.parts, ...time.zone].join(', ')})`;
}

function dateParts(iso: string): number[] | undefined {
  const match = DATE.exec(iso);
  return match === null ? undefined : match.slice(1, 4).map(Number);
}

function timeParts(iso: string): { parts: number[]; zone: string[] } | undefined {
  const match = TIME.exec(iso);
  if (match === null) return undefined;
  const [, hour, minute, second = '0', fraction = '', zone] = match;
  const parts = [Number(hour), Number(minute)];
  const microsecond = Number(fraction.padEnd(6, '0'));
  if (Number(second) !== 0 || microsecond !== 0) parts.push(Number(second));
  if (microsecond !== 0) parts.push(microsecond);
  return { parts, zone: zone === undefined ? [] : [`tzinfo=${zoneRepr(zone)}`] };
}

function zoneRepr(zone: string): string {
  const digits = zone.slice(1).replaceAll(':', '');
  const hours = Number(digits.slice(0, 2) || '0');
  const minutes = Number(digits.slice(2, 4) || '0');
  const size = (hours * 60 + minutes) * 60 + Number(digits.slice(4, 6) || '0');
  if (zone === 'Z' || size === 0) return 'datetime.timezone.utc';
  if (!zone.startsWith('-')) {
    return `datetime.timezone(datetime.timedelta(seconds=${String(size)}))`;
  }
  return `datetime.timezone(datetime.timedelta(days=-1, seconds=${String(86_400 - size)}))`;
}

const pad = (value: number, size = 2): string => String(value).padStart(size, '0');

/** `undefined` when the numbers are no date. */
export function isoDate(year: number, month: number, day: number): string | undefined {
  if (![year, month, day].every(Number.isSafeInteger) || year < 1 || year > 9999) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
}

/** `undefined` when the numbers are no time of day. */
export function isoTime(
  hour: number,
  minute: number,
  second: number,
  micro: number,
): string | undefined {
  const limits: [number, number][] = [
    [hour, 23],
    [minute, 59],
    [second, 59],
    [micro, 999_999],
  ];
  if (!limits.every(([value, top]) => Number.isSafeInteger(value) && value >= 0 && value <= top)) {
    return undefined;
  }
  return `${pad(hour)}:${pad(minute)}:${pad(second)}${micro === 0 ? '' : `.${pad(micro, 6)}`}`;
}

/** `+05:30`; `undefined` for an offset of a day or more. */
export function isoOffset(totalSeconds: number): string | undefined {
  const size = Math.abs(totalSeconds);
  if (!Number.isSafeInteger(totalSeconds) || size >= 86_400) return undefined;
  const seconds = size % 60;
  const text = `${pad(Math.floor(size / 3600))}:${pad(Math.floor(size / 60) % 60)}`;
  return `${totalSeconds < 0 ? '-' : '+'}${text}${seconds === 0 ? '' : `:${pad(seconds)}`}`;
}
