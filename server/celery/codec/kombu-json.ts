// JSON as kombu writes and reads it (kombu.utils.json): typed objects, NaN, big integers, floats that
// stay floats. Texts without such traps take JSON.parse. Must not know what the values mean.

import { isUtf8 } from 'node:buffer';
import { floatRepr } from '../../../lib/python/float-repr.ts';
import {
  PyFloat,
  PyOpaque,
  PyTuple,
  isPyDict,
  type PyDict,
  type PyValue,
} from '../../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { JsonTextError, MAX_DEPTH, parseJsonText } from './json-text.ts';
import { fromTypedDict, toTypedDict } from './typed-values.ts';

const TRAP =
  /NaN|Infinity|__type__|\\u005[fF]|(?:^|[\s,:[])(?:-?(?:\d{16}|\d+\.(?:0+(?!\d)|\d{16})|\d+(?:\.\d+)?[eE])|-0(?![.\d]))/;
/** Each level takes two characters at least. */
const SHORTEST_DEEP = 2 * (MAX_DEPTH + 1);

/** Never throws: text that is not JSON, not UTF-8 or nested too deeply is an error value. */
export function decodeKombuJson(input: Uint8Array | string): Decoded<PyValue> {
  if (typeof input !== 'string' && !isUtf8(input)) {
    return undecodable('not_utf8', 'The text is not UTF-8');
  }
  const text = typeof input === 'string' ? input : utf8Text(input);
  try {
    if (TRAP.test(text)) return decoded(parseJsonText(text, fromTypedDict));
    const value = JSON.parse(text) as PyValue;
    if (text.length >= SHORTEST_DEEP && isDeeperThan(value, MAX_DEPTH))
      return undecodable('too_deep', 'Nested too deeply');
    return decoded(value);
  } catch (error) {
    if (error instanceof JsonTextError) {
      return undecodable('not_json', error.message, `character ${String(error.position)}`);
    }
    return undecodable('not_json', error instanceof Error ? error.message : 'Not JSON');
  }
}

function utf8Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Safe on values of any depth: it stops at the limit. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit < 0) return true;
  const members = value as { [key: string]: unknown };
  for (const key in members) {
    const item = members[key];
    if (typeof item === 'object' && item !== null && isDeeperThan(item, limit - 1)) return true;
  }
  return false;
}

/**
 * ASCII text as Python's `json.dumps` writes it. Throws a `TypeError` for what cannot be sent at all:
 * an opaque value, or one nested more than 512 levels deep.
 */
export function encodeKombuJson(value: PyValue): string {
  return encode(value, 0);
}

function encode(value: PyValue, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError('Nested too deeply to be sent');
  switch (typeof value) {
    case 'string':
      return asciiString(value);
    case 'number':
      return numberText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return encodeObject(value, depth);
  }
}

function encodeObject(value: PyValue, depth: number): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return encodeItems(value, depth);
  if (isPyDict(value)) return encodeDict(value, depth);
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof PyTuple) return encodeItems(value.items, depth);
  const typed = toTypedDict(value);
  if (typed !== undefined) return encodeDict(typed, depth);
  if (value instanceof PyOpaque) throw new TypeError(`${value.description} cannot be sent as JSON`);
  throw new TypeError('Only values of the Python model can be sent as JSON');
}

function encodeItems(items: readonly PyValue[], depth: number): string {
  let text = '[';
  for (let at = 0; at < items.length; at += 1) {
    if (at > 0) text += ', ';
    text += encode(items[at] as PyValue, depth + 1);
  }
  return `${text}]`;
}

function encodeDict(dict: PyDict, depth: number): string {
  let text = '';
  for (const key of Object.keys(dict)) {
    const item = dict[key];
    if (item === undefined) continue;
    text += `${text === '' ? '' : ', '}${asciiString(key)}: ${encode(item, depth + 1)}`;
  }
  return `{${text}}`;
}

function numberText(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : floatText(value);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

const NOT_ASCII = /[\u007f-\uffff]/g;
const NEEDS_ESCAPE = /[^ !#-[\]-~]/;

function asciiString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
