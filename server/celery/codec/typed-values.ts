// kombu's typed objects, {"__type__": T, "__value__": V}: both ways, as kombu.utils.json has them
// since 5.3. A type that is not known, or a value that does not fit it, is kept as it came.

import {
  PyBytes,
  PyDate,
  PyDatetime,
  PyDecimal,
  PyTime,
  PyUnknownTyped,
  PyUuid,
  isPyDict,
  type PyDict,
  type PyValue,
} from '../../../lib/python/values.ts';

const HEX = /^[0-9a-fA-F]{32}$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s{0,4}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The typed value that a dict stands for, or the dict itself. */
export function fromTypedDict(dict: PyDict): PyValue {
  if (!Object.hasOwn(dict, '__type__') || !Object.hasOwn(dict, '__value__')) return dict;
  if (Object.keys(dict).length !== 2) return dict;
  const type = dict['__type__'];
  const value = dict['__value__'];
  if (typeof type !== 'string' || value === undefined) return dict;
  return known(type, value) ?? new PyUnknownTyped(type, value);
}

function known(type: string, value: PyValue): PyValue | undefined {
  if (type === 'uuid') {
    const hex = isPyDict(value) ? value['hex'] : undefined;
    return typeof hex === 'string' && HEX.test(hex) ? new PyUuid(hex.toLowerCase()) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  switch (type) {
    case 'datetime':
      return new PyDatetime(value);
    case 'date':
      return new PyDate(value);
    case 'time':
      return new PyTime(value);
    case 'decimal':
      return new PyDecimal(value);
    case 'bytes':
      return new PyBytes(new TextEncoder().encode(value));
    case 'base64':
      return BASE64.test(value) ? new PyBytes(fromBase64(value)) : undefined;
    default:
      return undefined;
  }
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** kombu's form of a value that JSON lacks; `undefined` when the value is none of these. */
export function toTypedDict(value: PyValue): PyDict | undefined {
  if (value instanceof PyDatetime) return typed('datetime', value.iso);
  if (value instanceof PyDate) return typed('date', value.iso);
  if (value instanceof PyTime) return typed('time', value.iso);
  if (value instanceof PyDecimal) return typed('decimal', value.text);
  if (value instanceof PyUuid) return typed('uuid', { hex: value.hex });
  if (value instanceof PyUnknownTyped) return typed(value.type, value.value);
  if (!(value instanceof PyBytes)) return undefined;
  try {
    return typed('bytes', utf8.decode(value.bytes));
  } catch {
    return typed('base64', Buffer.from(value.bytes).toString('base64'));
  }
}

function typed(type: string, value: PyValue): PyDict {
  return { __type__: type, __value__: value };
}
