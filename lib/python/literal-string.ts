import { LiteralError } from './literal-error.ts';
import { PyBytes } from './values.ts';

const START = /([rRbBuUfF]{0,2})('''|"""|'|")/y;
const PREFIXES: ReadonlySet<string> = new Set(['', 'r', 'b', 'u', 'br', 'rb']);

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['/', '/'],
]);

/** Reads the string or bytes literal at a position, prefix and all. */
export function readString(text: string, at: number): { value: string | PyBytes; end: number } {
  START.lastIndex = at;
  const start = START.exec(text);
  if (start === null) throw new LiteralError('A string is expected', at);
  const [opening, spelled = '', quote = ''] = start;
  const prefix = spelled.toLowerCase();
  if (!PREFIXES.has(prefix)) {
    throw new LiteralError(prefix.includes('f') ? 'f-strings are not read' : 'No such prefix', at);
  }
  const from = at + opening.length;
  const close = findClose(text, from, quote, at);
  const raw = text.slice(from, close).replace(/\r\n?/g, '\n');
  const end = close + quote.length;
  const isBytes = prefix.includes('b');
  const content = prefix.includes('r') ? raw : unescape(raw, isBytes, from);
  return { value: isBytes ? toBytes(content, from) : content, end };
}

function findClose(text: string, from: number, quote: string, start: number): number {
  let at = from;
  while (at < text.length) {
    if (text[at] === '\\') at += 2;
    else if (text.startsWith(quote, at)) return at;
    else if (quote.length === 1 && text[at] === '\n') break;
    else at += 1;
  }
  throw new LiteralError('The string does not end', start);
}

const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(N\{[^}]*\})|([^]))/g;

function unescape(raw: string, isBytes: boolean, position: number): string {
  if (!raw.includes('\\')) return raw;
  return raw.replace(
    ESCAPE,
    (
      whole: string,
      hex: string | undefined,
      octal: string | undefined,
      short: string | undefined,
      long: string | undefined,
      named: string | undefined,
      simple: string | undefined,
    ) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (octal !== undefined) {
        const code = parseInt(octal, 8);
        return String.fromCharCode(isBytes ? code & 0xff : code);
      }
      if (isBytes && (short ?? long ?? named) !== undefined) return whole;
      if (short !== undefined) return String.fromCharCode(parseInt(short, 16));
      if (long !== undefined) return longEscape(parseInt(long, 16), position);
      if (named !== undefined) throw new LiteralError('Character names are not read', position);
      if (simple === 'x' || (!isBytes && (simple === 'u' || simple === 'U'))) {
        throw new LiteralError('The escape is incomplete', position);
      }
      return SIMPLE.get(simple ?? '') ?? whole;
    },
  );
}

function longEscape(code: number, position: number): string {
  if (code > 0x10_ffff) throw new LiteralError('No such character', position);
  return String.fromCodePoint(code);
}

function toBytes(content: string, position: number): PyBytes {
  const bytes = new Uint8Array(content.length);
  for (let index = 0; index < content.length; index += 1) {
    const code = content.charCodeAt(index);
    if (code > 0xff) throw new LiteralError('Bytes hold no such character', position);
    bytes[index] = code;
  }
  return new PyBytes(bytes);
}
