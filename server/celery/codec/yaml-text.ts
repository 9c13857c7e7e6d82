// YAML as kombu writes and reads it (PyYAML's safe loader, YAML 1.1). Reading never builds objects;
// writing uses the flow style with double quotes, which every YAML reader takes.

import { isUtf8 } from 'node:buffer';
import { parse, type ScalarTag, type Tags } from 'yaml';
import { dictKey } from '../../../lib/python/dict-key.ts';
import { floatRepr } from '../../../lib/python/float-repr.ts';
import {
  PyBytes,
  PyDate,
  PyDatetime,
  PyDecimal,
  PyFloat,
  PyTime,
  PyTuple,
  PyUuid,
  isPyDict,
  pyFloat,
  setKey,
  type PyDict,
  type PyValue,
} from '../../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';

const MAX_INPUT_BYTES = 1024 * 1024;
const MAX_DEPTH = 128;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIMESTAMP =
  /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?)?$/;

const timestampTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: TIMESTAMP,
  resolve: (text) => {
    if (DATE.test(text)) return new PyDate(text);
    return new PyDatetime(text.replace(/[Tt]|[ \t]+/, 'T').replace(/[ \t]+/g, ''));
  },
};

function pythonTags(tags: Tags): Tags {
  const others = tags.filter((tag) => typeof tag === 'string' || tag.tag !== timestampTag.tag);
  return [...others, timestampTag];
}

/** Never throws. */
export function decodeYaml(input: Buffer): Decoded<PyValue> {
  if (input.byteLength > MAX_INPUT_BYTES) {
    return undecodable('too_large', 'YAML beyond 1 MiB is not read');
  }
  if (!isUtf8(input)) return undecodable('not_utf8', 'The text is not UTF-8');
  const text = input.toString('utf8');
  if (nestingOf(text) > MAX_DEPTH) return undecodable('too_deep', 'Nested too deeply');
  try {
    const value: unknown = parse(text, {
      version: '1.1',
      customTags: pythonTags,
      intAsBigInt: true,
      mapAsMap: true,
      maxAliasCount: 100,
      logLevel: 'silent',
      prettyErrors: false,
    });
    return decoded(fromYaml(value, 0));
  } catch (error) {
    return undecodable('not_yaml', error instanceof Error ? error.message : 'Not YAML');
  }
}

/** An upper bound for nesting, flow or block, known before anything recurses. */
function nestingOf(text: string): number {
  let flow = 0;
  let deepest = 0;
  for (const sign of text) {
    if (sign === '[' || sign === '{') flow += 1;
    else if (sign === ']' || sign === '}') flow = Math.max(0, flow - 1);
    deepest = Math.max(deepest, flow);
  }
  let block = 0;
  for (const match of text.matchAll(/(?:^|\n)((?: |- |\? )*)/g)) {
    const dashes = match[1]?.replaceAll(' ', '').length ?? 0;
    block = Math.max(block, dashes, Math.min(MAX_DEPTH, (match[1]?.length ?? 0) / 2));
  }
  return deepest + block > MAX_DEPTH * 2 ? deepest + block : Math.max(deepest, block);
}

function fromYaml(value: unknown, depth: number): PyValue {
  if (depth > MAX_DEPTH) throw new TypeError('Nested too deeply');
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return pyFloat(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map((item) => fromYaml(item, depth + 1));
  if (value instanceof Uint8Array) return new PyBytes(new Uint8Array(value));
  if (value instanceof PyDate || value instanceof PyDatetime) return value;
  if (value instanceof Set) return [...value].map((item) => fromYaml(item, depth + 1));
  if (!(value instanceof Map)) throw new TypeError('A value of this kind is not read');
  const dict: PyDict = {};
  for (const [key, item] of value) {
    const name = dictKey(fromYaml(key, depth + 1));
    if (name === null) throw new TypeError('A key is not a scalar');
    setKey(dict, name, fromYaml(item, depth + 1));
  }
  return dict;
}

/** Throws a `TypeError` for what cannot be sent; decimals, times and UUIDs become text. */
export function encodeYaml(value: PyValue): string {
  return `${write(value, 0)}\n`;
}

function write(value: PyValue, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError('Nested too deeply to be sent');
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? String(value) : floatText(value);
  }
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof PyTuple) return writeItems(value.items, depth);
  if (value instanceof PyDatetime || value instanceof PyDate) {
    return `!!timestamp ${quoted(value.iso)}`;
  }
  if (value instanceof PyBytes) {
    return `!!binary ${quoted(Buffer.from(value.bytes).toString('base64'))}`;
  }
  if (value instanceof PyDecimal) return quoted(value.text);
  if (value instanceof PyTime) return quoted(value.iso);
  if (value instanceof PyUuid) return quoted(value.toString());
  if (Array.isArray(value)) return writeItems(value, depth);
  if (!isPyDict(value)) throw new TypeError('The value cannot be sent as YAML');
  const members = Object.entries(value).map(
    ([key, item]) => `? ${quoted(key)} : ${write(item, depth + 1)}`,
  );
  return `{${members.join(', ')}}`;
}

function writeItems(items: readonly PyValue[], depth: number): string {
  return `[${items.map((item) => write(item, depth + 1)).join(', ')}]`;
}

/** YAML 1.1 wants a point before an exponent. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = floatRepr(value);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

const UNPRINTABLE = /[\u007f-\u00a0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/g;
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

function quoted(text: string): string {
  return escapedAround(JSON.stringify(text));
}

function escaped(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Characters beyond the basic plane are written as they are, never as two escapes. */
function escapedAround(text: string): string {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(PAIR)) {
    out += escaped(text.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return out + escaped(text.slice(from));
}
