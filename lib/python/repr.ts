import { floatRepr } from './float-repr.ts';
import { datetimeRepr, dateRepr, timeRepr } from './datetime-text.ts';
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
  type PyDict,
  type PyValue,
} from './values.ts';

export type ReprOptions = {
  /** Nesting beyond this is shown as `...`; 200 by default. */
  maxDepth?: number;
};

const MAX_DEPTH = 200;

/** The text that Python would print; `parsePythonLiteral` reads it back to an equal value. */
export function pythonRepr(value: PyValue, options: ReprOptions = {}): string {
  return write(value, {
    depthLeft: options.maxDepth ?? MAX_DEPTH,
    room: { left: Infinity, isCut: false },
  });
}

/** Positional arguments as Celery prints them: a tuple, also where JSON made a list of it. */
export function pythonArguments(args: readonly PyValue[]): string {
  return pythonRepr(new PyTuple(args));
}

/** Python text of about `maxLength` characters, cut with `...` as Celery cuts `argsrepr`. */
export function shortRepr(value: PyValue, maxLength = 1024): string {
  return write(value, { depthLeft: SHORT_DEPTH, room: { left: maxLength, isCut: false } });
}

const SHORT_DEPTH = 4;

type Room = { left: number; isCut: boolean };
type State = { depthLeft: number; room: Room };

function write(value: PyValue, state: State): string {
  if (Array.isArray(value)) return writeItems('[', value, ']', state);
  if (value instanceof PyTuple) {
    return writeItems('(', value.items, value.items.length === 1 ? ',)' : ')', state);
  }
  if (value instanceof PyUnknownTyped) {
    return writeDict({ __type__: value.type, __value__: value.value }, state);
  }
  const text = scalar(value, state.room);
  if (text === undefined) return writeDict(value as PyDict, state);
  state.room.left -= text.length;
  return text;
}

function scalar(value: PyValue, room: Room): string | undefined {
  if (value === null) return 'None';
  if (typeof value === 'string') return stringRepr(cut(value, room));
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? String(value) : floatRepr(value);
  }
  if (value instanceof PyFloat) return floatRepr(value.value);
  if (value instanceof PyBytes) return bytesRepr(value.bytes, room);
  if (value instanceof PyDatetime) return datetimeRepr(value.iso) ?? stringRepr(value.iso);
  if (value instanceof PyDate) return dateRepr(value.iso) ?? stringRepr(value.iso);
  if (value instanceof PyTime) return timeRepr(value.iso) ?? stringRepr(value.iso);
  if (value instanceof PyDecimal) return `Decimal(${stringRepr(value.text)})`;
  if (value instanceof PyUuid) return `UUID('${value.toString()}')`;
  return value instanceof PyOpaque ? `<${value.description}>` : undefined;
}

function writeItems(open: string, items: readonly PyValue[], close: string, state: State): string {
  if (state.depthLeft <= 0) return `${open}...${close.slice(-1)}`;
  const inner = { depthLeft: state.depthLeft - 1, room: state.room };
  let out = open;
  state.room.left -= 2;
  for (const [index, item] of items.entries()) {
    if (state.room.left <= 0) {
      state.room.isCut = true;
      return `${out}, ...${close}`;
    }
    out += (index === 0 ? '' : ', ') + write(item, inner);
    state.room.left -= 2;
  }
  return state.room.isCut ? `${out}, ...${close}` : out + close;
}

function writeDict(dict: PyDict, state: State): string {
  if (state.depthLeft <= 0) return '{...}';
  const inner = { depthLeft: state.depthLeft - 1, room: state.room };
  let out = '{';
  state.room.left -= 2;
  for (const [index, [key, item]] of Object.entries(dict).entries()) {
    if (state.room.left <= 0) {
      state.room.isCut = true;
      return `${out}, ...}`;
    }
    const name = stringRepr(cut(key, state.room));
    state.room.left -= name.length + 4;
    out += `${index === 0 ? '' : ', '}${name}: ${write(item, inner)}`;
  }
  return state.room.isCut ? `${out}, ...}` : `${out}}`;
}

/** A cut string leaves no room, so that every container around it says so, too. */
function cut(text: string, room: Room): string {
  if (text.length <= room.left) return text;
  const kept = text.slice(0, Math.max(0, room.left));
  room.isCut = true;
  room.left = 0;
  return `${kept}...`;
}

const NEEDS_ESCAPE = /[\\\p{C}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(NEEDS_ESCAPE, escapeCharacter);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x1_0000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

function bytesRepr(bytes: Uint8Array, room: Room): string {
  const shown = bytes.length > room.left ? bytes.subarray(0, Math.max(0, room.left)) : bytes;
  if (shown.length < bytes.length) room.isCut = true;
  let text = '';
  for (const byte of shown) {
    const short = SHORT_ESCAPES.get(String.fromCharCode(byte));
    if (short !== undefined) text += short;
    else if (byte < 0x20 || byte >= 0x7f) text += `\\x${byte.toString(16).padStart(2, '0')}`;
    else text += String.fromCharCode(byte);
  }
  if (shown.length < bytes.length) text += '...';
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return `b${quote}${quote === "'" ? text.replaceAll("'", "\\'") : text}${quote}`;
}

/**
 * Whether a worker cut the text: `...` outside every string, or a lone long string that ends in it.
 * Celery escapes no backslashes, so the end of the text is looked at, too.
 */
export function isTruncatedRepr(text: string): boolean {
  const trimmed = text.trimEnd();
  if (/, \.\.\.,?[)\]}]*$|^\.\.\.$/.test(trimmed)) return true;
  if (trimmed.length >= LONG_TEXT && /\.\.\.['"]$/.test(trimmed)) return true;
  const outside = trimmed.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, '""');
  return outside.includes('...');
}

const LONG_TEXT = 1000;
