/**
 * The value model for what Python sends. JavaScript's own null, boolean, string, number, array and
 * plain object stand for themselves; the classes below stand for what JavaScript cannot tell apart.
 * A float that is not integral (1.5, NaN, Infinity) is a plain number, an integral one is a `PyFloat`.
 */

/** A float whose value is integral, so that `1.0` is not sent back as `1`. */
export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
    Object.freeze(this);
  }
}

/** `datetime.datetime` as `isoformat()` prints it; without an offset it is naive. */
export class PyDatetime {
  readonly iso: string;
  constructor(iso: string) {
    this.iso = iso;
    Object.freeze(this);
  }
}

/** `datetime.date`, e.g. `2040-01-02`. */
export class PyDate {
  readonly iso: string;
  constructor(iso: string) {
    this.iso = iso;
    Object.freeze(this);
  }
}

/** `datetime.time`, e.g. `03:04:05.678901`. */
export class PyTime {
  readonly iso: string;
  constructor(iso: string) {
    this.iso = iso;
    Object.freeze(this);
  }
}

/** `decimal.Decimal` by its text. */
export class PyDecimal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
    Object.freeze(this);
  }
}

/** `uuid.UUID` by its 32 hexadecimal digits; it may be made of the usual form with dashes. */
export class PyUuid {
  readonly hex: string;
  constructor(text: string) {
    this.hex = text.replaceAll('-', '').toLowerCase();
    Object.freeze(this);
  }
  toString(): string {
    const h = this.hex;
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
  }
}

/** `bytes`. */
export class PyBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    Object.freeze(this);
  }
}

/** A tuple, where a literal or a pickle says so; JSON turns it into an array. */
export class PyTuple {
  readonly items: readonly PyValue[];
  constructor(items: readonly PyValue[]) {
    this.items = items;
    Object.freeze(this);
  }
}

/** `{"__type__": …, "__value__": …}` of a type that this program does not know, kept as it came. */
export class PyUnknownTyped {
  readonly type: string;
  readonly value: PyValue;
  constructor(type: string, value: PyValue) {
    this.type = type;
    this.value = value;
    Object.freeze(this);
  }
}

/** Something that is shown but never read: part of a pickle, a custom type. Cannot be encoded. */
export class PyOpaque {
  readonly description: string;
  readonly sizeBytes: number;
  constructor(description: string, sizeBytes: number) {
    this.description = description;
    this.sizeBytes = sizeBytes;
    Object.freeze(this);
  }
}

export type PyDict = { [key: string]: PyValue };

export type PyValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | PyFloat
  | PyDatetime
  | PyDate
  | PyTime
  | PyDecimal
  | PyUuid
  | PyBytes
  | PyTuple
  | PyUnknownTyped
  | PyOpaque
  | PyValue[]
  | PyDict;

/** True for a plain dict: an object that is neither an array nor one of the classes here. */
export function isPyDict(value: unknown): value is PyDict {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets a key that came from outside; `__proto__` becomes an ordinary own property. */
export function setKey<T>(target: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/** A float from Python: integral ones keep their being a float. */
export function pyFloat(value: number): number | PyFloat {
  return Number.isInteger(value) ? new PyFloat(value) : value;
}

/**
 * Unwraps to what a JavaScript program works with: floats to numbers, tuples to arrays, datetimes to
 * `Date` (naive means UTC), decimals, dates, times and UUIDs to text, bytes to `Uint8Array`.
 */
export function toPlain(value: PyValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof PyFloat) return value.value;
  if (value instanceof PyTuple) return value.items.map(toPlain);
  if (value instanceof PyDatetime) return dateOf(value.iso);
  if (value instanceof PyDate || value instanceof PyTime) return value.iso;
  if (value instanceof PyDecimal) return value.text;
  if (value instanceof PyUuid) return value.toString();
  if (value instanceof PyBytes) return value.bytes;
  if (value instanceof PyUnknownTyped) {
    return { __type__: value.type, __value__: toPlain(value.value) };
  }
  if (value instanceof PyOpaque) return value.description;
  const plain: { [key: string]: unknown } = {};
  for (const [key, item] of Object.entries(value)) setKey(plain, key, toPlain(item));
  return plain;
}

const OFFSET = /(?:[zZ]|[+-]\d\d:?\d\d(?::?\d\d(?:\.\d+)?)?)$/;

function dateOf(iso: string): Date | string {
  const time = iso.slice(10);
  const date = new Date(OFFSET.test(time) ? iso : `${iso}Z`);
  return Number.isNaN(date.getTime()) ? iso : date;
}
