// Writes plain data as a pickle of protocol 4, for tables in which older Celery keeps pickled results. Only opcodes that carry
// data: nothing that Python would import or call. Mirrors what Python's pickle writes for the same values, without its memo.
import {
  PyBytes,
  PyDate,
  PyDatetime,
  PyDecimal,
  PyFloat,
  PyOpaque,
  PyTime,
  PyTuple,
  PyUnknownTyped,
  PyUuid,
  isPyDict,
  type PyValue,
} from '../../../lib/python/values.ts';

const MAX_DEPTH = 100;

/** Dates, decimals and UUIDs become their text. Throws TypeError for what is no plain data. */
export function writePickle(value: PyValue): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 4])];
  write(value, parts, 0);
  parts.push(Buffer.from('.'));
  return Buffer.concat(parts);
}

function write(value: PyValue, parts: Buffer[], depth: number): void {
  const op = (code: string) => parts.push(Buffer.from(code, 'latin1'));
  const items = (all: readonly PyValue[]) => {
    for (const item of all) write(item, parts, depth + 1);
  };
  if (depth > MAX_DEPTH) throw new TypeError('A value nested this deeply cannot be stored');
  if (value === null) op('N');
  else if (typeof value === 'boolean') op(value ? '\x88' : '\x89');
  else if (typeof value === 'string') writeText(value, parts);
  else if (typeof value === 'bigint') writeInteger(value, parts);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writeInteger(BigInt(value), parts);
    else writeFloat(value, parts);
  } else if (value instanceof PyFloat) writeFloat(value.value, parts);
  else if (value instanceof PyBytes) {
    parts.push(sized('B', value.bytes.byteLength), Buffer.from(value.bytes));
  } else if (value instanceof PyTuple) {
    op('(');
    items(value.items);
    op('t');
  } else if (Array.isArray(value)) {
    op('](');
    items(value);
    op('e');
  } else if (isPyDict(value)) {
    op('}(');
    for (const [key, item] of Object.entries(value)) items([key, item]);
    op('u');
  } else writeText(textOf(value), parts);
}

function textOf(value: PyValue): string {
  if (value instanceof PyDatetime || value instanceof PyDate || value instanceof PyTime) {
    return value.iso;
  }
  if (value instanceof PyDecimal) return value.text;
  if (value instanceof PyUuid) return value.toString();
  if (value instanceof PyOpaque) throw new TypeError(`${value.description} cannot be stored`);
  if (value instanceof PyUnknownTyped) throw new TypeError(`A ${value.type} cannot be stored`);
  throw new TypeError('This value cannot be stored');
}

function writeText(text: string, parts: Buffer[]): void {
  const bytes = Buffer.from(text, 'utf8');
  parts.push(sized('X', bytes.byteLength), bytes);
}

function sized(code: string, length: number): Buffer {
  const head = Buffer.alloc(5);
  head.write(code, 'latin1');
  head.writeUInt32LE(length, 1);
  return head;
}

function writeFloat(value: number, parts: Buffer[]): void {
  const bytes = Buffer.alloc(9);
  bytes.write('G', 'latin1');
  bytes.writeDoubleBE(value, 1);
  parts.push(bytes);
}

function writeInteger(value: bigint, parts: Buffer[]): void {
  if (value >= -0x80000000n && value <= 0x7fffffffn) {
    const bytes = Buffer.alloc(5);
    bytes.write('J', 'latin1');
    bytes.writeInt32LE(Number(value), 1);
    parts.push(bytes);
    return;
  }
  const digits: number[] = [];
  let rest = value;
  for (;;) {
    const digit = Number(rest & 0xffn);
    digits.push(digit);
    rest >>= 8n;
    const isNegative = digit >= 0x80;
    if ((rest === 0n && !isNegative) || (rest === -1n && isNegative)) break;
  }
  if (digits.length > 255) throw new TypeError('A number this large cannot be stored');
  parts.push(Buffer.from([0x8a, digits.length, ...digits]));
}
