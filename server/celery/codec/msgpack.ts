// MessagePack as kombu writes and reads it (bin type on, strings as str). Our own reader, because the
// usual libraries cannot tell 1.0 from 1. Bounded in depth; declared lengths are checked first.

import { isUtf8 } from 'node:buffer';
import {
  PyBytes,
  PyFloat,
  PyOpaque,
  PyTuple,
  isPyDict,
  pyFloat,
  setKey,
  type PyDict,
  type PyValue,
} from '../../../lib/python/values.ts';
import { dictKey } from '../../../lib/python/dict-key.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { toTypedDict } from './typed-values.ts';

const MAX_DEPTH = 512;

class MsgpackError extends Error {}

/** Never throws. Extension types come back as `PyOpaque`. */
export function decodeMsgpack(input: Buffer): Decoded<PyValue> {
  const reader = new Reader(input);
  try {
    const value = reader.value(0);
    if (reader.at < input.length) throw new MsgpackError('Bytes after the value');
    return decoded(value);
  } catch (error) {
    const message = error instanceof MsgpackError ? error.message : 'Not MessagePack';
    return undecodable('not_msgpack', message, `byte ${String(reader.at)}`);
  }
}

class Reader {
  at = 0;
  readonly #input: Buffer;

  constructor(input: Buffer) {
    this.#input = input;
  }

  value(depth: number): PyValue {
    if (depth > MAX_DEPTH) throw new MsgpackError('Nested too deeply');
    const type = this.#uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 0x0f, depth);
    if (type < 0xa0) return this.#array(type & 0x0f, depth);
    if (type < 0xc0) return this.#text(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    return this.#tagged(type, depth);
  }

  #tagged(type: number, depth: number): PyValue {
    if (type === 0xc0) return null;
    if (type === 0xc2) return false;
    if (type === 0xc3) return true;
    if (type >= 0xc4 && type <= 0xc6) {
      return new PyBytes(new Uint8Array(this.#take(this.#uint(2 ** (type - 0xc4)))));
    }
    if (type >= 0xc7 && type <= 0xc9) return this.#extension(this.#uint(2 ** (type - 0xc7)));
    if (type === 0xca) return pyFloat(this.#take(4).readFloatBE(0));
    if (type === 0xcb) return pyFloat(this.#take(8).readDoubleBE(0));
    if (type >= 0xcc && type <= 0xce) return this.#uint(2 ** (type - 0xcc));
    if (type === 0xcf) return integer(this.#take(8).readBigUInt64BE(0));
    if (type >= 0xd0 && type <= 0xd2) {
      const size = 2 ** (type - 0xd0);
      return this.#take(size).readIntBE(0, size);
    }
    if (type === 0xd3) return integer(this.#take(8).readBigInt64BE(0));
    if (type >= 0xd4 && type <= 0xd8) return this.#extension(2 ** (type - 0xd4));
    if (type >= 0xd9 && type <= 0xdb) return this.#text(this.#uint(2 ** (type - 0xd9)));
    if (type === 0xdc || type === 0xdd) {
      return this.#array(this.#uint(type === 0xdc ? 2 : 4), depth);
    }
    if (type === 0xde || type === 0xdf) return this.#map(this.#uint(type === 0xde ? 2 : 4), depth);
    throw new MsgpackError('Unknown type byte');
  }

  #take(size: number): Buffer {
    if (this.at + size > this.#input.length) throw new MsgpackError('The input ends too early');
    this.at += size;
    return this.#input.subarray(this.at - size, this.at);
  }

  #uint(size: number): number {
    return this.#take(size).readUIntBE(0, size);
  }

  #text(size: number): string {
    const bytes = this.#take(size);
    if (!isUtf8(bytes)) throw new MsgpackError('Text is not UTF-8');
    return bytes.toString('utf8');
  }

  #extension(size: number): PyOpaque {
    const type = this.#take(1).readInt8(0);
    this.#take(size);
    return new PyOpaque(`MessagePack extension ${String(type)}`, size);
  }

  #array(size: number, depth: number): PyValue[] {
    const items: PyValue[] = [];
    for (let index = 0; index < size; index += 1) items.push(this.value(depth + 1));
    return items;
  }

  #map(size: number, depth: number): PyDict {
    const dict: PyDict = {};
    for (let index = 0; index < size; index += 1) {
      const key = dictKey(this.value(depth + 1));
      if (key === null) throw new MsgpackError('A key is not a scalar');
      setKey(dict, key, this.value(depth + 1));
    }
    return dict;
  }
}

function integer(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Throws a `TypeError` for what cannot be sent: opaque values, integers beyond 64 bits. */
export function encodeMsgpack(value: PyValue): Buffer {
  const chunks: Buffer[] = [];
  write(value, chunks, 0);
  return Buffer.concat(chunks);
}

function write(value: PyValue, out: Buffer[], depth: number): void {
  if (depth > MAX_DEPTH) throw new TypeError('Nested too deeply to be sent');
  if (value === null) out.push(Buffer.of(0xc0));
  else if (typeof value === 'boolean') out.push(Buffer.of(value ? 0xc3 : 0xc2));
  else if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    out.push(head(bytes.length, 0xa0, 32, [0xd9, 0xda, 0xdb]), bytes);
  } else if (typeof value === 'bigint') out.push(wideInteger(value));
  else if (typeof value === 'number') {
    out.push(Number.isSafeInteger(value) ? smallInteger(value) : float(value));
  } else if (value instanceof PyFloat) out.push(float(value.value));
  else if (value instanceof PyBytes) {
    const bytes = Buffer.from(value.bytes);
    out.push(head(bytes.length, -1, 0, [0xc4, 0xc5, 0xc6]), bytes);
  } else if (Array.isArray(value)) writeItems(value, out, depth);
  else if (value instanceof PyTuple) writeItems(value.items, out, depth);
  else writeDict(value, out, depth);
}

function writeItems(items: readonly PyValue[], out: Buffer[], depth: number): void {
  out.push(head(items.length, 0x90, 16, [-1, 0xdc, 0xdd]));
  for (const item of items) write(item, out, depth + 1);
}

function writeDict(value: PyValue, out: Buffer[], depth: number): void {
  const dict = isPyDict(value) ? value : toTypedDict(value);
  if (dict === undefined) throw new TypeError('The value cannot be sent as MessagePack');
  const members = Object.entries(dict);
  out.push(head(members.length, 0x80, 16, [-1, 0xde, 0xdf]));
  for (const [key, item] of members) {
    write(key, out, depth + 1);
    write(item, out, depth + 1);
  }
}

function head(size: number, fix: number, fixLimit: number, tags: [number, number, number]): Buffer {
  if (size < fixLimit) return Buffer.of(fix | size);
  if (size < 0x100 && tags[0] > 0) return Buffer.of(tags[0], size);
  if (size < 0x1_0000) return Buffer.of(tags[1], size >> 8, size & 0xff);
  const long = Buffer.alloc(5);
  long.writeUInt8(tags[2], 0);
  long.writeUInt32BE(size, 1);
  return long;
}

function smallInteger(value: number): Buffer {
  if (value >= 0 && value < 0x80) return Buffer.of(value);
  if (value < 0 && value >= -32) return Buffer.of(value + 0x100);
  return wideInteger(BigInt(value));
}

function wideInteger(value: bigint): Buffer {
  if (value < -(2n ** 63n) || value >= 2n ** 64n) {
    throw new TypeError('Integers beyond 64 bits cannot be sent as MessagePack');
  }
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(value < 0n ? 0xd3 : 0xcf, 0);
  if (value < 0n) bytes.writeBigInt64BE(value, 1);
  else bytes.writeBigUInt64BE(value, 1);
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(0xcb, 0);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
