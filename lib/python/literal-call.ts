import { isoDate, isoOffset, isoTime } from './datetime-text.ts';
import {
  PyDate,
  PyDatetime,
  PyDecimal,
  PyFloat,
  PyTime,
  PyUuid,
  pyFloat,
  type PyValue,
} from './values.ts';

/** A value, or one of the parts that only stand inside a call: an offset, a span of time. */
export type CallResult = { value: PyValue } | { offset: string } | { spanSeconds: number };

export type CallArguments = {
  positional: CallResult[];
  named: Map<string, CallResult>;
  /** False for a bare name such as `datetime.timezone.utc`. */
  called: boolean;
};

/** What a constructor from the short list yields, or why not. Nothing is ever evaluated. */
export function callLiteral(name: string, given: CallArguments): CallResult | string {
  if (!given.called) {
    return UTC_NAMES.has(name) ? { offset: '+00:00' } : `${shown(name)} is not a value`;
  }
  const build = CONSTRUCTORS.get(name);
  if (build === undefined) return `${shown(name)}(…) cannot be sent as JSON`;
  return build(given) ?? `The arguments of ${shown(name)} are not understood`;
}

function shown(name: string): string {
  return name.slice(0, 60);
}

const UTC_NAMES: ReadonlySet<string> = new Set([
  'datetime.timezone.utc',
  'timezone.utc',
  'datetime.UTC',
  'UTC',
]);

type Build = (given: CallArguments) => CallResult | undefined;

const CONSTRUCTORS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['datetime.datetime', buildDatetime],
  ['datetime', buildDatetime],
  ['datetime.date', buildDate],
  ['date', buildDate],
  ['datetime.time', buildTime],
  ['time', buildTime],
  ['datetime.timezone', buildZone],
  ['timezone', buildZone],
  ['datetime.timedelta', buildSpan],
  ['timedelta', buildSpan],
  ['zoneinfo.ZoneInfo', buildZoneInfo],
  ['ZoneInfo', buildZoneInfo],
  ['Decimal', buildDecimal],
  ['decimal.Decimal', buildDecimal],
  ['UUID', buildUuid],
  ['uuid.UUID', buildUuid],
  ['float', buildFloat],
]);

function argumentOf(given: CallArguments, index: number, name: string): CallResult | undefined {
  return given.positional[index] ?? given.named.get(name);
}

/** `null` for an argument of another kind. */
function integerOf(
  given: CallArguments,
  index: number,
  name: string,
  absent?: number,
): number | null {
  const argument = argumentOf(given, index, name);
  if (argument === undefined) return absent ?? null;
  return 'value' in argument && typeof argument.value === 'number' ? argument.value : null;
}

function textOf(given: CallArguments, name: string): string | null {
  const argument = argumentOf(given, 0, name);
  if (argument === undefined || !('value' in argument)) return null;
  return typeof argument.value === 'string' ? argument.value : null;
}

function dateOf(given: CallArguments): string | undefined {
  const year = integerOf(given, 0, 'year');
  const month = integerOf(given, 1, 'month');
  const day = integerOf(given, 2, 'day');
  if (year === null || month === null || day === null) return undefined;
  return isoDate(year, month, day);
}

function timeOf(given: CallArguments, first: number): string | undefined {
  const hour = integerOf(given, first, 'hour', 0);
  const minute = integerOf(given, first + 1, 'minute', 0);
  const second = integerOf(given, first + 2, 'second', 0);
  const micro = integerOf(given, first + 3, 'microsecond', 0);
  if (hour === null || minute === null || second === null || micro === null) return undefined;
  const time = isoTime(hour, minute, second, micro);
  const zone = argumentOf(given, first + 4, 'tzinfo');
  if (time === undefined || zone === undefined) return time;
  if ('offset' in zone) return time + zone.offset;
  return 'value' in zone && zone.value === null ? time : undefined;
}

function buildDatetime(given: CallArguments): CallResult | undefined {
  const date = dateOf(given);
  const time = timeOf(given, 3);
  if (date === undefined || time === undefined) return undefined;
  return { value: new PyDatetime(`${date}T${time}`) };
}

function buildDate(given: CallArguments): CallResult | undefined {
  const date = dateOf(given);
  return date === undefined ? undefined : { value: new PyDate(date) };
}

function buildTime(given: CallArguments): CallResult | undefined {
  const time = timeOf(given, 0);
  return time === undefined ? undefined : { value: new PyTime(time) };
}

function buildSpan(given: CallArguments): CallResult | undefined {
  const days = integerOf(given, 0, 'days', 0);
  const seconds = integerOf(given, 1, 'seconds', 0);
  const minutes = integerOf(given, 4, 'minutes', 0);
  const hours = integerOf(given, 5, 'hours', 0);
  if (days === null || seconds === null || minutes === null || hours === null) return undefined;
  return { spanSeconds: ((days * 24 + hours) * 60 + minutes) * 60 + seconds };
}

function buildZone(given: CallArguments): CallResult | undefined {
  const span = argumentOf(given, 0, 'offset');
  if (span === undefined || !('spanSeconds' in span)) return undefined;
  const offset = isoOffset(span.spanSeconds);
  return offset === undefined ? undefined : { offset };
}

function buildZoneInfo(given: CallArguments): CallResult | undefined {
  const key = textOf(given, 'key');
  return key === 'UTC' || key === 'Etc/UTC' ? { offset: '+00:00' } : undefined;
}

const DECIMAL =
  /^[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Infinity|s?NaN\d*)$/;

function buildDecimal(given: CallArguments): CallResult | undefined {
  const text = textOf(given, 'value') ?? String(integerOf(given, 0, 'value') ?? '');
  return DECIMAL.test(text) ? { value: new PyDecimal(text) } : undefined;
}

function buildUuid(given: CallArguments): CallResult | undefined {
  const hex = textOf(given, 'hex')?.replaceAll('-', '').toLowerCase() ?? '';
  return /^[0-9a-f]{32}$/.test(hex) ? { value: new PyUuid(hex) } : undefined;
}

const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
]);

function buildFloat(given: CallArguments): CallResult | undefined {
  const argument = argumentOf(given, 0, 'x');
  if (argument === undefined || !('value' in argument)) return undefined;
  const { value } = argument;
  if (typeof value === 'number') return { value: pyFloat(value) };
  if (value instanceof PyFloat) return { value };
  if (typeof value !== 'string') return undefined;
  const [, sign, word = ''] = /^([+-]?)(.*)$/.exec(value.trim().toLowerCase()) ?? [];
  const special = SPECIAL_FLOATS.get(word);
  if (special !== undefined) return { value: sign === '-' ? -special : special };
  return /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(word)
    ? { value: pyFloat(Number(`${sign ?? ''}${word}`)) }
    : undefined;
}
