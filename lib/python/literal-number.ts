import { LiteralError } from './literal-error.ts';
import { pyFloat, type PyValue } from './values.ts';

const DIGITS = String.raw`[0-9](?:_?[0-9])*`;
const RADIX = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+/y;
const FLOAT = new RegExp(
  `(?:(?:${DIGITS})?\\.${DIGITS}|${DIGITS}\\.?)(?:[eE][+-]?${DIGITS})?`,
  'y',
);
const MAX_DIGITS = 20_000;

/** Reads the unsigned number at a position. */
export function readNumber(text: string, at: number): { value: PyValue; end: number } {
  RADIX.lastIndex = at;
  const radix = RADIX.exec(text)?.[0];
  if (radix !== undefined) {
    const end = at + radix.length;
    rejectTail(text, end);
    if (radix.length > MAX_DIGITS) throw new LiteralError('The number is too long', at);
    return { value: integer(radix.replaceAll('_', '')), end };
  }
  FLOAT.lastIndex = at;
  const token = FLOAT.exec(text)?.[0];
  if (token === undefined || token === '') throw new LiteralError('A number is expected', at);
  const end = at + token.length;
  rejectTail(text, end);
  const digits = token.replaceAll('_', '');
  if (/[.eE]/.test(digits)) return { value: pyFloat(Number(digits)), end };
  if (digits.length > MAX_DIGITS) throw new LiteralError('The number is too long', at);
  if (/^0+[1-9]/.test(digits)) throw new LiteralError('An integer starts with no zero', at);
  return { value: integer(digits), end };
}

function rejectTail(text: string, end: number): void {
  const next = text[end];
  if (next === undefined || !/[A-Za-z0-9_.]/.test(next)) return;
  const isComplex = next === 'j' || next === 'J';
  const message = isComplex ? 'A complex number cannot be sent as JSON' : 'Not a number';
  throw new LiteralError(message, end);
}

function integer(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}
