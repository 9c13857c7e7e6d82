// Arguments of pickle opcodes that carry plain data: numbers, text, bytes. Every declared length is
// held against what is there before anything is copied.

import { PyBytes, pyFloat, type PyValue } from '../../../lib/python/values.ts';

export class PickleError extends Error {}

const MAX_INTEGER_BYTES = 4096;
const DATA = 'FGIJKLMSTUVXBC\x8a\x8b\x8c\x8d\x8e\x96';

export class PickleReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  opcode(): string {
    return String.fromCharCode(this.uint(1));
  }

  isData(opcode: string): boolean {
    return DATA.includes(opcode);
  }

  data(opcode: string): PyValue {
    switch (opcode) {
      case 'I':
        return this.#decimal(this.line());
      case 'L':
        return this.#decimal(this.line().replace(/L$/, ''));
      case 'J':
        return this.#take(4).readInt32LE(0);
      case 'K':
        return this.uint(1);
      case 'M':
        return this.uint(2);
      case '\x8a':
        return this.#long(this.uint(1));
      case '\x8b':
        return this.#long(this.uint(4));
      case 'F':
        return pyFloat(floatOf(this.line()));
      case 'G':
        return pyFloat(this.#take(8).readDoubleBE(0));
      default:
        return this.#textOrBytes(opcode);
    }
  }

  #textOrBytes(opcode: string): PyValue {
    switch (opcode) {
      case 'S':
        return this.line().replace(/^(['"])(.*)\1$/s, '$2');
      case 'V':
        return this.line().replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
          String.fromCharCode(parseInt(hex, 16)),
        );
      case 'T':
        return this.#take(this.uint(4)).toString('latin1');
      case 'U':
        return this.#take(this.uint(1)).toString('latin1');
      case 'X':
        return this.#take(this.uint(4)).toString('utf8');
      case '\x8c':
        return this.#take(this.uint(1)).toString('utf8');
      case '\x8d':
        return this.#take(this.uint(8)).toString('utf8');
      case 'B':
        return this.#bytesOf(this.uint(4));
      case 'C':
        return this.#bytesOf(this.uint(1));
      default:
        return this.#bytesOf(this.uint(8));
    }
  }

  /** Unsigned, little-endian. */
  uint(size: number): number {
    const bytes = this.#take(size);
    if (size < 8) return bytes.readUIntLE(0, size);
    const wide = bytes.readBigUInt64LE(0);
    return wide > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(wide);
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new PickleError('The pickle ends too early');
    const text = this.#bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return text;
  }

  lineNumber(): number {
    const line = this.line();
    if (!/^\d{1,9}$/.test(line)) throw new PickleError('A number is expected');
    return Number(line);
  }

  #take(size: number): Buffer {
    if (size > this.#bytes.length - this.at) throw new PickleError('The pickle ends too early');
    this.at += size;
    return this.#bytes.subarray(this.at - size, this.at);
  }

  #bytesOf(size: number): PyBytes {
    return new PyBytes(new Uint8Array(this.#take(size)));
  }

  #decimal(text: string): PyValue {
    if (text === '00') return false;
    if (text === '01') return true;
    if (!/^[+-]?\d{1,10000}$/.test(text)) throw new PickleError('A number is expected');
    return narrow(BigInt(text.replace('+', '')));
  }

  /** Two's complement, little-endian. */
  #long(size: number): PyValue {
    if (size > MAX_INTEGER_BYTES) throw new PickleError('A number is too long to be shown');
    if (size === 0) return 0;
    const hex = Buffer.from(this.#take(size)).reverse().toString('hex');
    return narrow(BigInt.asIntN(size * 8, BigInt(`0x${hex}`)));
  }
}

function floatOf(text: string): number {
  if (text === 'nan') return Number.NaN;
  if (text === 'inf' || text === '-inf') return text === 'inf' ? Infinity : -Infinity;
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) throw new PickleError('A number is expected');
  return value;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
