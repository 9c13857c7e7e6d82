// Reads single fields of decoded input defensively: a value of another type is `null`, never an
// exception. Celery's float seconds and ISO texts become epoch milliseconds here.

import {
  PyBytes,
  PyDatetime,
  PyFloat,
  isPyDict,
  setKey,
  type PyDict,
  type PyValue,
} from '../../lib/python/values.ts';

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOrNull(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof PyFloat ? value.value : null;
}

export function integerOrNull(value: unknown): number | null {
  const number = numberOrNull(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

export function booleanOrNull(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

export function dictOrEmpty(value: unknown): PyDict {
  return isPyDict(value) ? value : {};
}

export function listOrEmpty(value: unknown): PyValue[] {
  return Array.isArray(value) ? (value as PyValue[]) : [];
}

export function secondsToMs(value: unknown): number | null {
  const seconds = numberOrNull(value);
  return seconds !== null && Number.isFinite(seconds) ? Math.round(seconds * 1000) : null;
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([zZ]|[+-]\d\d(?::?\d\d)?(?::?\d\d(?:\.\d+)?)?)?)?$/;

/** Epoch milliseconds of an ISO text; without an offset it means UTC. `null` when it is none. */
export function isoToMs(value: unknown): number | null {
  const source = value instanceof PyDatetime ? value.iso : value;
  if (typeof source !== 'string' || source.length > 64) return null;
  const match = ISO.exec(source);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] =
    match;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1) return null;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  date.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  return date.getTime() - offsetMs(zone);
}

function offsetMs(zone: string): number {
  if (zone === '' || zone === 'z' || zone === 'Z') return 0;
  const digits = zone.slice(1).replaceAll(':', '');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2, 4) || '0');
  const seconds = Number(digits.slice(4, 6) || '0');
  const size = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return zone.startsWith('-') ? -size : size;
}

let lastSecond = { at: Number.NaN, text: '' };

/** ISO text as Python's `isoformat()` prints an aware UTC datetime. Most are asked for in the second of the one before. */
export function msToIso(at: number): string {
  const time = Math.trunc(at);
  const second = Math.floor(time / 1000) * 1000;
  if (second !== lastSecond.at) {
    lastSecond = { at: second, text: new Date(second).toISOString().slice(0, -5) };
  }
  const milliseconds = time - second;
  const fraction = milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}000`;
  return `${lastSecond.text}${fraction}+00:00`;
}

const MAX_DEPTH = 256;

/** Any JavaScript value, e.g. an AMQP header table, as a value of the Python model; `toJSON` is respected. */
export function toPyValue(value: unknown, depth = 0): PyValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value !== 'object' || depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => toPyValue(item, depth + 1));
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : new PyDatetime(msToIso(value.getTime()));
  }
  if (value instanceof Uint8Array) return new PyBytes(new Uint8Array(value));
  if (!isPyDict(value)) {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === 'function'
      ? toPyValue(toJSON.call(value), depth + 1)
      : (value as PyValue);
  }
  const dict: PyDict = {};
  for (const [key, item] of Object.entries(value)) setKey(dict, key, toPyValue(item, depth + 1));
  return dict;
}
