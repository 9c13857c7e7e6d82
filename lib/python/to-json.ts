// Values as JSON can carry them: what it has no word for (integers beyond 2^53, floats that are no numbers, bytes) becomes its
// text in Python, so that writing them down never fails.
import { pythonRepr } from './repr.ts';
import {
  isPyDict,
  PyDate,
  PyDatetime,
  PyDecimal,
  PyFloat,
  PyTime,
  PyTuple,
  PyUnknownTyped,
  PyUuid,
  setKey,
  type PyValue,
} from './values.ts';

export type JsonValue =
  null | boolean | string | number | JsonValue[] | { [key: string]: JsonValue };

export function toJson(value: PyValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : pythonRepr(value);
  if (value instanceof PyFloat) return value.value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof PyTuple) return value.items.map(toJson);
  if (value instanceof PyDatetime || value instanceof PyDate || value instanceof PyTime) {
    return value.iso;
  }
  if (value instanceof PyDecimal) return value.text;
  if (value instanceof PyUuid) return value.toString();
  if (value instanceof PyUnknownTyped) {
    return { __type__: value.type, __value__: toJson(value.value) };
  }
  if (!isPyDict(value)) return pythonRepr(value);
  const object: { [key: string]: JsonValue } = {};
  for (const [key, item] of Object.entries(value)) setKey(object, key, toJson(item));
  return object;
}
