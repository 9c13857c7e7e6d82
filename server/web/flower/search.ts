// Flower 2.1's search grammar, read into our filter: AND, OR, parentheses, quoted phrases, qualifiers; everything is a substring in any
// case except state.
import type { Filter, MatchField } from '../../../lib/filter/filter.ts';
import { statesOf } from '../../../lib/filter/fields.ts';

export type FlowerSearch = { ok: true; filter: Filter } | { ok: false; error: string };

const MAX_CHARS = 2048;
const MAX_TOKENS = 128;
const MAX_DEPTH = 5;
const MIN_TEXT = 3;
const QUALIFIED = /^(name|state|worker|args|kwargs|result):/i;

type Token =
  | { type: 'open' | 'close' | 'and' | 'or'; position: number }
  | { type: 'term'; field: string | null; text: string; position: number };

class Refused extends Error {}

/** Never throws. */
export function parseFlowerSearch(text: string): FlowerSearch {
  try {
    if (text.length > MAX_CHARS) throw refuse('Search is too long', MAX_CHARS);
    const tokens = tokenize(text);
    if (tokens.length === 0) return { ok: true, filter: { type: 'all' } };
    const reader = { tokens, at: 0, length: text.length };
    const filter = readOr(reader, 0);
    const rest = tokens[reader.at];
    if (rest !== undefined) throw refuse("Unexpected ')'", rest.position);
    return { ok: true, filter };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: error.message };
    throw error;
  }
}

function refuse(what: string, position: number): Refused {
  return new Refused(`${what} at position ${position}.`);
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const position = at;
    const char = text.charAt(at);
    if (/\s/.test(char)) {
      at += 1;
      continue;
    }
    if (tokens.length >= MAX_TOKENS) throw refuse('Too many terms', position);
    if (char === '(' || char === ')') {
      tokens.push({ type: char === '(' ? 'open' : 'close', position });
      at += 1;
      continue;
    }
    if (char === '-') throw refuse('Negation is not supported', position);
    const qualifier = QUALIFIED.exec(text.slice(at, at + 8));
    const field = qualifier?.[1]?.toLowerCase() ?? null;
    at += qualifier?.[0].length ?? 0;
    const value = text.charAt(at) === '"' ? readPhrase(text, at) : readWord(text, at);
    at = value.end;
    const word = field === null && !value.quoted ? value.text.toUpperCase() : '';
    if (word === 'NOT') throw refuse('Negation is not supported', position);
    if (word === 'AND' || word === 'OR')
      tokens.push({ type: word === 'AND' ? 'and' : 'or', position });
    else tokens.push({ type: 'term', field, text: value.text, position });
  }
  return tokens;
}

function readPhrase(text: string, start: number): { text: string; end: number; quoted: boolean } {
  let phrase = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return { text: phrase, end: at + 1, quoted: true };
    const next = text.charAt(at + 1);
    if (char === '\\' && (next === '"' || next === '\\')) at += 1;
    phrase += char === '\\' && (next === '"' || next === '\\') ? next : char;
  }
  throw refuse('Unterminated quote', start);
}

function readWord(text: string, start: number): { text: string; end: number; quoted: boolean } {
  let end = start;
  while (end < text.length && !/[\s()"]/.test(text.charAt(end))) end += 1;
  // A quote inside a word (kwargs:key="two words") belongs to it.
  if (text.charAt(end) === '"' && end > start) {
    const phrase = readPhrase(text, end);
    return { text: text.slice(start, end) + phrase.text, end: phrase.end, quoted: true };
  }
  return { text: text.slice(start, end), end, quoted: false };
}

type Reader = { tokens: readonly Token[]; at: number; length: number };

function readOr(reader: Reader, depth: number): Filter {
  const terms = [readAnd(reader, depth)];
  while (reader.tokens[reader.at]?.type === 'or') {
    reader.at += 1;
    terms.push(readAnd(reader, depth));
  }
  return join('or', terms);
}

function readAnd(reader: Reader, depth: number): Filter {
  const terms = [readTerm(reader, depth)];
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === undefined || token.type === 'or' || token.type === 'close') break;
    if (token.type === 'and') reader.at += 1;
    terms.push(readTerm(reader, depth));
  }
  return join('and', terms);
}

function readTerm(reader: Reader, depth: number): Filter {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw refuse('A term is missing', reader.length);
  reader.at += 1;
  if (token.type === 'term') return toFilter(token.field, token.text, token.position);
  if (token.type !== 'open') throw refuse('A term is missing', token.position);
  if (depth >= MAX_DEPTH) throw refuse('Parentheses are nested too deep', token.position);
  const inner = readOr(reader, depth + 1);
  if (reader.tokens[reader.at]?.type !== 'close') {
    throw refuse('A parenthesis is not closed', token.position);
  }
  reader.at += 1;
  return inner;
}

function toFilter(field: string | null, text: string, position: number): Filter {
  if (text === '') throw refuse('A term is missing', position);
  if (field === 'state') {
    const states = statesOf(text.toUpperCase());
    if (states !== null) return { type: 'state', states: [...states] };
    return { type: 'match', field: 'custom', patterns: [{ text, wildcard: false }] };
  }
  if (text.length < MIN_TEXT) throw refuse(`A term needs ${MIN_TEXT} characters`, position);
  if (field === null) {
    const states = statesOf(text.toUpperCase());
    const terms: Filter[] = [{ type: 'text', text }, contains('worker', text)];
    if (states !== null) terms.push({ type: 'state', states: [...states] });
    return { type: 'or', terms };
  }
  const equals = text.indexOf('=');
  if (field === 'kwargs' && equals > 0) {
    const key = text.slice(0, equals);
    const value = text.slice(equals + 1);
    const patterns = [`'${key}': ${value}`, `'${key}': '${value}'`];
    return { type: 'match', field, patterns: patterns.map((p) => ({ text: p, wildcard: false })) };
  }
  if (field === 'name' || field === 'worker') return contains(field, text);
  return { type: 'match', field: field as MatchField, patterns: [{ text, wildcard: false }] };
}

/** A pattern cannot be quoted, so what would need quotes stands for any character. */
function contains(field: 'name' | 'worker', text: string): Filter {
  const pattern = `*${text.replace(/[\s()",*?]/g, '?')}*`;
  return { type: 'match', field, patterns: [{ text: pattern, wildcard: true }] };
}

function join(type: 'and' | 'or', terms: Filter[]): Filter {
  const [first] = terms;
  return terms.length === 1 && first !== undefined ? first : { type, terms };
}
