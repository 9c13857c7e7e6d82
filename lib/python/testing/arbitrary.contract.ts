import fc from 'fast-check';
import { isoDate } from '../datetime-text.ts';
import {
  PyBytes,
  PyDate,
  PyDatetime,
  PyDecimal,
  PyTime,
  PyTuple,
  PyUuid,
  pyFloat,
  setKey,
  type PyDict,
  type PyValue,
} from '../values.ts';

const UNSAFE = 2n ** 53n;

const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -10, max: 10 }),
  fc.bigInt({ min: UNSAFE, max: UNSAFE ** 3n }),
  fc.bigInt({ min: -(UNSAFE ** 3n), max: -UNSAFE }),
);
const smallInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: UNSAFE, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -UNSAFE }),
);
const float = fc.double().map(pyFloat);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__type__', '1.0'),
);

const pad = (value: number, size = 2): string => String(value).padStart(size, '0');
const date = fc
  .tuple(
    fc.integer({ min: 1, max: 9999 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
  )
  .map(([year, month, day]) => isoDate(year, month, day) ?? '2040-01-02');
const clock = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 59 }),
    fc.integer({ min: 0, max: 59 }),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([hour, minute, second, micro]) => {
    const fraction = micro === 0 ? '' : `.${pad(micro, 6)}`;
    return `${pad(hour)}:${pad(minute)}:${pad(second)}${fraction}`;
  });
const zone = fc.constantFrom('', '+00:00', '+05:30', '-08:00', '-00:30', '+14:00');

const typed: fc.Arbitrary<PyValue> = fc.oneof(
  fc
    .tuple(date, clock, zone)
    .map(([day, time, offset]) => new PyDatetime(`${day}T${time}${offset}`)),
  date.map((day) => new PyDate(day)),
  fc.tuple(clock, zone).map(([time, offset]) => new PyTime(time + offset)),
  fc.constantFrom('1.10', '-0', '1E+3', 'NaN', 'Infinity').map((value) => new PyDecimal(value)),
  fc.uuid().map((value) => new PyUuid(value.replaceAll('-', ''))),
  fc.uint8Array().map((bytes) => new PyBytes(new Uint8Array(bytes))),
);

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', '__type__', 'kéy 🌱'),
);

function valuesOf(leaf: fc.Arbitrary<PyValue>, tuples: boolean): fc.Arbitrary<PyValue> {
  const { value } = fc.letrec<{ value: PyValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map(dictOf),
      ...(tuples
        ? [fc.array(tie('value'), { maxLength: 4 }).map((items) => new PyTuple(items))]
        : []),
    ),
  }));
  return value;
}

function dictOf(entries: [string, PyValue][]): PyDict {
  const dict: PyDict = {};
  for (const [name, value] of entries) setKey(dict, name, value);
  return dict;
}

const simple = fc.oneof(fc.constantFrom<PyValue>(null, true, false), text, float);

/** Values of the model in normal form, without tuples: what JSON carries. */
export const jsonValue = valuesOf(fc.oneof(simple, integer, typed), false);
/** Everything that has a Python literal. */
export const literalValue = valuesOf(fc.oneof(simple, integer, typed), true);
/** What MessagePack carries: integers of 64 bits, bytes, no typed objects. */
export const msgpackValue = valuesOf(
  fc.oneof(
    fc.constantFrom<PyValue>(null, true, false),
    fc.string(),
    float,
    smallInteger,
    fc.uint8Array().map((bytes) => new PyBytes(new Uint8Array(bytes))),
  ),
  false,
);
export const keyword = fc
  .array(fc.tuple(key, jsonValue), { maxLength: 4 })
  .map((entries) => dictOf(entries));
