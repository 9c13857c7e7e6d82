// The stack machine behind pickle-view.ts. It knows every opcode of protocols 0 to 5 by the shape of
// its argument; those that import, call or build yield opaque values. Reads bytes, and nothing else.

import { dictKey } from '../../../lib/python/dict-key.ts';
import {
  PyOpaque,
  PyTuple,
  isPyDict,
  setKey,
  type PyDict,
  type PyValue,
} from '../../../lib/python/values.ts';
import { detachedCopy } from './pickle-copy.ts';
import { PickleError, PickleReader } from './pickle-reader.ts';

export { PickleError };

const MARK = Symbol('mark');
type Item = PyValue | typeof MARK;

export class PickleMachine {
  readonly #reader: PickleReader;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, PyValue>();
  #opcodesLeft: number;
  readonly #totalBytes: number;

  constructor(bytes: Uint8Array, maxOpcodes: number) {
    this.#reader = new PickleReader(bytes);
    this.#opcodesLeft = maxOpcodes;
    this.#totalBytes = bytes.byteLength;
  }

  /** Throws `PickleError`. The result has no cycles and at most 100 levels. */
  run(): PyValue {
    for (;;) {
      this.#opcodesLeft -= 1;
      if (this.#opcodesLeft < 0) throw new PickleError('The pickle is too long to be shown');
      const opcode = this.#reader.opcode();
      if (opcode === '.') return detachedCopy(this.#popValue());
      this.#step(opcode);
    }
  }

  #step(opcode: string): void {
    const constant = CONSTANTS.get(opcode);
    if (constant !== undefined) this.#push(constant());
    else if (this.#reader.isData(opcode)) this.#push(this.#reader.data(opcode));
    else if (!this.#containers(opcode) && !this.#memory(opcode)) this.#opaque(opcode);
  }

  #push(value: Item): void {
    this.#stack.push(value);
  }

  #pop(): Item {
    const item = this.#stack.pop();
    if (item === undefined) throw new PickleError('The stack is empty');
    return item;
  }

  #popValue(): PyValue {
    const item = this.#pop();
    if (item === MARK) throw new PickleError('A mark where a value is expected');
    return item;
  }

  #popToMark(): PyValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw new PickleError('There is no mark');
    const items = this.#stack.splice(at);
    items.shift();
    return items.filter((item) => item !== MARK);
  }

  #top(): PyValue {
    const item = this.#stack.at(-1);
    if (item === undefined || item === MARK) throw new PickleError('The stack is empty');
    return item;
  }

  #containers(opcode: string): boolean {
    switch (opcode) {
      case '(':
        this.#push(MARK);
        return true;
      case 't':
        this.#push(new PyTuple(this.#popToMark()));
        return true;
      case '\x85':
        this.#tuple(1);
        return true;
      case '\x86':
        this.#tuple(2);
        return true;
      case '\x87':
        this.#tuple(3);
        return true;
      case 'l':
        this.#push(this.#popToMark());
        return true;
      case 'd':
        this.#push(this.#filled({}, this.#popToMark()));
        return true;
      case 'a':
        this.#append([this.#popValue()]);
        return true;
      case 'e':
      case '\x90':
        this.#append(this.#popToMark());
        return true;
      case 's': {
        const value = this.#popValue();
        this.#setItems([this.#popValue(), value]);
        return true;
      }
      case 'u':
        this.#setItems(this.#popToMark());
        return true;
      default:
        return false;
    }
  }

  #tuple(size: number): void {
    const items: PyValue[] = [];
    for (let index = 0; index < size; index += 1) items.unshift(this.#popValue());
    this.#push(new PyTuple(items));
  }

  #append(items: PyValue[]): void {
    const target = this.#top();
    if (!Array.isArray(target)) return;
    for (const item of items) target.push(item);
  }

  #setItems(pairs: PyValue[]): void {
    const target = this.#top();
    if (isPyDict(target)) this.#filled(target, pairs);
  }

  #filled(dict: PyDict, pairs: PyValue[]): PyDict {
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const key = dictKey(pairs[index] ?? null) ?? '(a key that is not shown)';
      setKey(dict, key, pairs[index + 1] ?? null);
    }
    return dict;
  }

  #memory(opcode: string): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case 'p':
        this.#memo.set(reader.lineNumber(), this.#top());
        return true;
      case 'q':
        this.#memo.set(reader.uint(1), this.#top());
        return true;
      case 'r':
        this.#memo.set(reader.uint(4), this.#top());
        return true;
      case '\x94':
        this.#memo.set(this.#memo.size, this.#top());
        return true;
      case 'g':
        this.#recall(reader.lineNumber());
        return true;
      case 'h':
        this.#recall(reader.uint(1));
        return true;
      case 'j':
        this.#recall(reader.uint(4));
        return true;
      case '0':
        this.#pop();
        return true;
      case '1':
        this.#popToMark();
        return true;
      case '2':
        this.#push(this.#top());
        return true;
      case '\x80':
        reader.uint(1);
        return true;
      case '\x95':
        reader.uint(8);
        return true;
      case '\x98':
        return true;
      default:
        return false;
    }
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError('Nothing is remembered there');
    this.#push(value);
  }

  /** Imports, calls and builds: named, never done. */
  #opaque(opcode: string): void {
    switch (opcode) {
      case 'c':
        this.#push(this.#named(`${this.#reader.line()}.${this.#reader.line()}`));
        return;
      case '\x93': {
        const name = this.#popValue();
        this.#push(this.#named(`${textOf(this.#popValue())}.${textOf(name)}`));
        return;
      }
      case 'R':
      case '\x81':
        this.#popValue();
        this.#push(this.#instance(this.#popValue()));
        return;
      case '\x92':
        this.#popValue();
        this.#popValue();
        this.#push(this.#instance(this.#popValue()));
        return;
      case 'b':
        this.#popValue();
        return;
      case 'i':
        this.#popToMark();
        this.#push(this.#named(`${this.#reader.line()}.${this.#reader.line()}`));
        return;
      case 'o': {
        const [callable] = this.#popToMark();
        this.#push(this.#instance(callable ?? null));
        return;
      }
      case '\x82':
      case '\x83':
      case '\x84':
        this.#push(
          this.#named(`extension ${String(this.#reader.uint(2 ** (opcode.charCodeAt(0) - 0x82)))}`),
        );
        return;
      case 'P':
        this.#push(this.#named(`persistent ${this.#reader.line()}`));
        return;
      case 'Q':
        this.#popValue();
        this.#push(this.#named('persistent object'));
        return;
      case '\x91':
        this.#push(this.#popToMark());
        return;
      default:
        throw new PickleError(`Unknown opcode at byte ${String(this.#reader.at - 1)}`);
    }
  }

  #named(name: string): PyOpaque {
    return new PyOpaque(name.slice(0, 200), this.#totalBytes);
  }

  #instance(callable: PyValue): PyOpaque {
    const name = callable instanceof PyOpaque ? callable.description : 'object';
    return this.#named(name.endsWith(' object') ? name : `${name} object`);
  }
}

function textOf(value: PyValue): string {
  return typeof value === 'string' ? value : '?';
}

/** `undefined` never is a value here, so that absence from the map says enough. */
const CONSTANTS: ReadonlyMap<string, () => PyValue> = new Map<string, () => PyValue>([
  ['N', () => null],
  ['\x88', () => true],
  ['\x89', () => false],
  [']', () => []],
  ['}', () => ({})],
  [')', () => new PyTuple([])],
  ['\x8f', () => []],
  ['\x97', () => new PyOpaque('out-of-band buffer', 0)],
]);
