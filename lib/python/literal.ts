import { dictKey } from './dict-key.ts';
import { callLiteral, type CallArguments, type CallResult } from './literal-call.ts';
import { LiteralError } from './literal-error.ts';
import { readNumber } from './literal-number.ts';
import { readString } from './literal-string.ts';
import { isTruncatedRepr } from './repr.ts';
import { PyBytes, PyFloat, PyTuple, setKey, type PyDict, type PyValue } from './values.ts';

export type ParsedLiteral =
  | { ok: true; value: PyValue }
  | {
      ok: false;
      message: string;
      /** Index into the text, counted in UTF-16 units. */
      position: number;
      /** The text was cut by the worker that wrote it. */
      truncated?: true;
    };

export type LiteralLimits = { maxLength?: number; maxDepth?: number };

const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_DEPTH = 200;

/** Reads a Python literal (JSON text as well). Evaluates nothing, never throws. */
export function parsePythonLiteral(text: string, limits: LiteralLimits = {}): ParsedLiteral {
  const maxLength = limits.maxLength ?? MAX_LENGTH;
  if (text.length > maxLength) {
    return {
      ok: false,
      message: `Longer than ${String(maxLength)} characters`,
      position: maxLength,
    };
  }
  const parser = new LiteralParser(text, limits.maxDepth ?? MAX_DEPTH);
  try {
    return { ok: true, value: parser.parse() };
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    const failure = { ok: false as const, message: error.message, position: error.position };
    return isTruncatedRepr(text) ? { ...failure, truncated: true } : failure;
  }
}

const SPACE = /(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*)*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
const STRING_START = /[rRbBuUfF]{0,2}['"]/y;

const CONSTANTS: ReadonlyMap<string, PyValue> = new Map<string, PyValue>([
  ['None', null],
  ['True', true],
  ['False', false],
  ['null', null],
  ['true', true],
  ['false', false],
  ['nan', Number.NaN],
  ['NaN', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

class LiteralParser {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  parse(): PyValue {
    const first = this.#value(0);
    this.#skip();
    if (this.#text[this.#at] === ',') return this.#bareTuple(first);
    if (this.#at < this.#text.length) this.#fail('Text after the value');
    return first;
  }

  #bareTuple(first: PyValue): PyValue {
    const items = [first];
    while (this.#accept(',')) {
      this.#skip();
      if (this.#at === this.#text.length) break;
      items.push(this.#value(1));
    }
    this.#skip();
    if (this.#at < this.#text.length) this.#fail('Text after the value');
    return new PyTuple(items);
  }

  #fail(message: string, position = this.#at): never {
    throw new LiteralError(message, position);
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #accept(sign: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): PyValue {
    if (depth > this.#maxDepth) this.#fail('Nested too deeply');
    this.#skip();
    const sign = this.#text[this.#at];
    if (sign === undefined) return this.#fail('A value is expected');
    if (sign === '[') return this.#list(depth);
    if (sign === '(') return this.#parentheses(depth);
    if (sign === '{') return this.#braces(depth);
    if (sign === '-' || sign === '+') return this.#signed(sign, depth);
    if (this.#isString()) return this.#strings();
    if (/[0-9.]/.test(sign)) return this.#number();
    return this.#name(depth);
  }

  #number(): PyValue {
    const { value, end } = readNumber(this.#text, this.#at);
    this.#at = end;
    return value;
  }

  #signed(sign: string, depth: number): PyValue {
    const start = this.#at;
    this.#at += 1;
    const value = this.#value(depth + 1);
    if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof PyFloat)) {
      return this.#fail('A number is expected after the sign', start);
    }
    if (sign === '+') return value;
    if (value instanceof PyFloat) return new PyFloat(-value.value);
    if (typeof value === 'bigint') return -value;
    return value === 0 ? 0 : -value;
  }

  #isString(): boolean {
    STRING_START.lastIndex = this.#at;
    return STRING_START.test(this.#text);
  }

  /** Neighbouring strings are one string. */
  #strings(): PyValue {
    const start = this.#at;
    let whole = this.#string();
    for (;;) {
      this.#skip();
      if (!this.#isString()) return whole;
      const next = this.#string();
      if (typeof whole === 'string' && typeof next === 'string') whole += next;
      else if (whole instanceof PyBytes && next instanceof PyBytes) {
        whole = new PyBytes(new Uint8Array([...whole.bytes, ...next.bytes]));
      } else this.#fail('Text and bytes cannot be joined', start);
    }
  }

  #string(): string | PyBytes {
    const { value, end } = readString(this.#text, this.#at);
    this.#at = end;
    return value;
  }

  #items(close: string, depth: number): { items: PyValue[]; commas: number } {
    const items: PyValue[] = [];
    let commas = 0;
    while (!this.#accept(close)) {
      items.push(this.#value(depth + 1));
      if (this.#accept(',')) commas += 1;
      else if (this.#accept(close)) break;
      else this.#fail(`"," or "${close}" is expected`);
    }
    return { items, commas };
  }

  #list(depth: number): PyValue[] {
    this.#at += 1;
    return this.#items(']', depth).items;
  }

  #parentheses(depth: number): PyValue {
    this.#at += 1;
    const { items, commas } = this.#items(')', depth);
    const [only] = items;
    return items.length === 1 && commas === 0 && only !== undefined ? only : new PyTuple(items);
  }

  #braces(depth: number): PyDict {
    const start = this.#at;
    this.#at += 1;
    const dict: PyDict = {};
    while (!this.#accept('}')) {
      const keyStart = this.#at;
      const key = this.#value(depth + 1);
      this.#skip();
      if (this.#text[this.#at] === ',' || this.#text[this.#at] === '}') {
        this.#fail('A set cannot be sent as JSON', start);
      }
      if (!this.#accept(':')) this.#fail('":" is expected');
      const name = dictKey(key);
      if (name === null) this.#fail('A key of this kind cannot be sent as JSON', keyStart);
      setKey(dict, name, this.#value(depth + 1));
      if (!this.#accept(',') && this.#text[this.#at] !== '}') this.#fail('"," or "}" is expected');
    }
    return dict;
  }

  #name(depth: number): PyValue {
    const start = this.#at;
    NAME.lastIndex = start;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) return this.#fail('A value is expected');
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) {
      this.#at += name.length;
      return constant;
    }
    const result = this.#call(depth);
    if ('value' in result) return result.value;
    return this.#fail(`${name} is not a value here`, start);
  }

  /** A name with or without arguments, from a short list of constructors. */
  #call(depth: number): CallResult {
    if (depth > this.#maxDepth) this.#fail('Nested too deeply');
    const start = this.#at;
    NAME.lastIndex = start;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) return this.#fail('A value is expected');
    this.#at += name.length;
    const given: CallArguments = { positional: [], named: new Map(), called: false };
    if (this.#accept('(')) {
      given.called = true;
      while (!this.#accept(')')) {
        this.#argument(given, depth);
        if (!this.#accept(',') && this.#text[this.#at] !== ')') this.#fail('")" is expected');
      }
    }
    const result = callLiteral(name, given);
    if (typeof result === 'string') return this.#fail(result, start);
    return result;
  }

  #argument(given: CallArguments, depth: number): void {
    this.#skip();
    const keyword = /^([A-Za-z_]\w*)\s*=(?!=)/.exec(this.#text.slice(this.#at, this.#at + 64));
    if (keyword?.[1] !== undefined) this.#at += keyword[0].length;
    const argument = this.#argumentValue(depth);
    if (keyword?.[1] === undefined) given.positional.push(argument);
    else given.named.set(keyword[1], argument);
  }

  #argumentValue(depth: number): CallResult {
    this.#skip();
    NAME.lastIndex = this.#at;
    const name = this.#isString() ? undefined : NAME.exec(this.#text)?.[0];
    if (name === undefined || CONSTANTS.has(name)) return { value: this.#value(depth + 1) };
    return this.#call(depth + 1);
  }
}
