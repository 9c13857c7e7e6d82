// A JSON reader for what Python's json module writes: NaN, Infinity, integers of any size, and the
// difference between 1 and 1.0. Bounded in depth. Knows nothing of kombu's typed objects.

import { setKey, pyFloat, type PyDict, type PyValue } from '../../../lib/python/values.ts';

export class JsonTextError extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

export const MAX_DEPTH = 512;
const MAX_INTEGER_DIGITS = 20_000;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y;

const WORDS: readonly [string, PyValue][] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/** Throws `JsonTextError`; `finish` sees every object once its members are read. */
export function parseJsonText(text: string, finish: (dict: PyDict) => PyValue): PyValue {
  let at = 0;

  function fail(message: string): never {
    throw new JsonTextError(message, at);
  }

  function skipSpace(): void {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
  }

  function readString(): string {
    PLAIN_STRING.lastIndex = at;
    if (PLAIN_STRING.test(text)) {
      const plain = text.slice(at + 1, PLAIN_STRING.lastIndex - 1);
      at = PLAIN_STRING.lastIndex;
      return plain;
    }
    const end = closingQuote(text, at);
    if (end < 0) fail('Unterminated string');
    const token = text.slice(at, end + 1);
    try {
      const parsed: unknown = JSON.parse(token);
      if (typeof parsed !== 'string') fail('Bad string');
      at = end + 1;
      return parsed;
    } catch {
      return fail('Bad string');
    }
  }

  function readNumber(): PyValue {
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (match === null) return fail('A value is expected');
    const [token, fraction, exponent] = match;
    if (fraction !== undefined || exponent !== undefined) {
      at = NUMBER.lastIndex;
      const value = Number(token);
      return pyFloat(value);
    }
    if (token.length > MAX_INTEGER_DIGITS) fail('Integer is too long');
    at = NUMBER.lastIndex;
    const small = Number(token);
    if (Number.isSafeInteger(small)) return small === 0 ? 0 : small;
    return BigInt(token);
  }

  function readValue(depth: number): PyValue {
    if (depth > MAX_DEPTH) fail('Nested too deeply');
    skipSpace();
    const first = text[at];
    if (first === '"') return readString();
    if (first === '{') return readObject(depth);
    if (first === '[') return readArray(depth);
    for (const [word, value] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    return readNumber();
  }

  function readArray(depth: number): PyValue[] {
    const items: PyValue[] = [];
    at += 1;
    skipSpace();
    if (text[at] === ']') {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(readValue(depth + 1));
      skipSpace();
      const next = text[at];
      if (next !== ',' && next !== ']') fail('"," or "]" is expected');
      at += 1;
      if (next === ']') return items;
    }
  }

  function readObject(depth: number): PyValue {
    const dict: PyDict = {};
    at += 1;
    skipSpace();
    if (text[at] === '}') {
      at += 1;
      return finish(dict);
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') fail('A key is expected');
      const key = readString();
      skipSpace();
      if (text[at] !== ':') fail('":" is expected');
      at += 1;
      setKey(dict, key, readValue(depth + 1));
      skipSpace();
      const next = text[at];
      if (next !== ',' && next !== '}') fail('"," or "}" is expected');
      at += 1;
      if (next === '}') return finish(dict);
    }
  }

  const value = readValue(0);
  skipSpace();
  if (at < text.length) fail('Text after the value');
  return value;
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1;
  for (;;) {
    at = text.indexOf('"', at);
    if (at < 0) return -1;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at;
    at += 1;
  }
}
