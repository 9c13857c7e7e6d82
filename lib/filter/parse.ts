import { MAX_FILTER_CHARS, MAX_FILTER_DEPTH, MAX_FILTER_TERMS, type Filter } from './filter.ts';
import { parseTerm } from './term.ts';
import { tokenize, type Token } from './tokens.ts';

export type ParsedFilter =
  { ok: true; filter: Filter } | { ok: false; message: string; position: number };

/** Reads a filter. Words are joined by "and"; `OR` (or `or`), parentheses, `-` or `NOT`, `field:value` as in the guide. Never throws. */
export function parseFilter(text: string): ParsedFilter {
  if (text.length > MAX_FILTER_CHARS) {
    return {
      ok: false,
      message: `A filter has at most ${MAX_FILTER_CHARS} characters.`,
      position: MAX_FILTER_CHARS,
    };
  }
  const lexed = tokenize(text);
  if (!lexed.ok) return lexed;
  if (lexed.tokens.length === 0) return { ok: true, filter: { type: 'all' } };
  const state: State = { tokens: lexed.tokens, at: 0, terms: 0, depth: 0, length: text.length };
  const parsed = parseOr(state);
  if (!parsed.ok) return parsed;
  const rest = state.tokens[state.at];
  return rest === undefined
    ? parsed
    : { ok: false, message: 'This parenthesis was never opened.', position: rest.position };
}

type State = { tokens: Token[]; at: number; terms: number; depth: number; length: number };

function parseOr(state: State): ParsedFilter {
  const terms: Filter[] = [];
  for (;;) {
    const part = parseAnd(state);
    if (!part.ok) return part;
    terms.push(part.filter);
    if (state.tokens[state.at]?.type !== 'or') break;
    state.at += 1;
  }
  return { ok: true, filter: combine('or', terms) };
}

function parseAnd(state: State): ParsedFilter {
  const terms: Filter[] = [];
  let expected = true;
  for (;;) {
    const token = state.tokens[state.at];
    if (token === undefined || token.type === 'close' || token.type === 'or') break;
    if (token.type === 'and') {
      if (expected) break;
      expected = true;
      state.at += 1;
      continue;
    }
    const part = parseUnary(state);
    if (!part.ok) return part;
    terms.push(part.filter);
    expected = false;
  }
  if (!expected) return { ok: true, filter: combine('and', terms) };
  const position = state.tokens[state.at]?.position ?? state.length;
  return { ok: false, message: 'A term is missing here.', position };
}

function parseUnary(state: State): ParsedFilter {
  let negated = false;
  let token = state.tokens[state.at];
  while (token?.type === 'not') {
    negated = !negated;
    state.at += 1;
    token = state.tokens[state.at];
  }
  const part = parsePrimary(state, token);
  if (!part.ok || !negated) return part;
  const { filter } = part;
  return { ok: true, filter: filter.type === 'not' ? filter.term : { type: 'not', term: filter } };
}

function parsePrimary(state: State, token: Token | undefined): ParsedFilter {
  if (token?.type === 'word') {
    state.at += 1;
    state.terms += 1;
    return state.terms > MAX_FILTER_TERMS
      ? {
          ok: false,
          message: `A filter has at most ${MAX_FILTER_TERMS} terms.`,
          position: token.position,
        }
      : parseTerm(token);
  }
  if (token?.type !== 'open') {
    return {
      ok: false,
      message: 'A term is missing here.',
      position: token?.position ?? state.length,
    };
  }
  if (state.depth >= MAX_FILTER_DEPTH) {
    return {
      ok: false,
      message: `Parentheses nest at most ${MAX_FILTER_DEPTH} deep.`,
      position: token.position,
    };
  }
  state.depth += 1;
  state.at += 1;
  const inner = parseOr(state);
  if (!inner.ok) return inner;
  if (state.tokens[state.at]?.type !== 'close') {
    return { ok: false, message: 'This parenthesis is not closed.', position: token.position };
  }
  state.at += 1;
  state.depth -= 1;
  return inner;
}

/** One level: an "and" inside an "and" is the same "and". */
function combine(type: 'and' | 'or', terms: readonly Filter[]): Filter {
  const flat = terms.flatMap((term) => (term.type === type ? term.terms : [term]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { type, terms: flat };
}
