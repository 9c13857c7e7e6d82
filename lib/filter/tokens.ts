export type Word = {
  type: 'word';
  position: number;
  end: number;
  /** The text with quotes and escapes resolved. */
  text: string;
  /** Which characters of `text` stood in quotes. */
  quoted: readonly boolean[];
  /** Where each character of `text` stands in the source. */
  offsets: readonly number[];
};
export type Token =
  Word | { type: 'open' | 'close' | 'or' | 'and' | 'not'; position: number; end: number };

export type Tokens =
  { ok: true; tokens: Token[] } | { ok: false; message: string; position: number };

const SPACE = /\s/;

/** Splits a filter into words, operators and parentheses. */
export function tokenize(source: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const char = source.charAt(at);
    if (SPACE.test(char)) {
      at += 1;
    } else if (char === '(' || char === ')') {
      tokens.push({ type: char === '(' ? 'open' : 'close', position: at, end: at + 1 });
      at += 1;
    } else if (char === '-' && at + 1 < source.length && !SPACE.test(source.charAt(at + 1))) {
      tokens.push({ type: 'not', position: at, end: at + 1 });
      at += 1;
    } else {
      const word = readWord(source, at);
      if (!('type' in word)) return word;
      tokens.push(operatorOf(word) ?? word);
      at = word.end;
    }
  }
  return { ok: true, tokens };
}

function readWord(
  source: string,
  start: number,
): Word | { ok: false; message: string; position: number } {
  let text = '';
  const quoted: boolean[] = [];
  const offsets: number[] = [];
  let at = start;
  let quoteAt = -1;
  for (; at < source.length; at += 1) {
    const char = source.charAt(at);
    const inQuotes = quoteAt >= 0;
    if (char === '"') {
      quoteAt = inQuotes ? -1 : at;
      if (inQuotes && quoted.length === 0) break;
      continue;
    }
    if (!inQuotes && (SPACE.test(char) || char === '(' || char === ')')) break;
    const next = source.charAt(at + 1);
    if (inQuotes && char === '\\' && (next === '"' || next === '\\')) at += 1;
    text += source.charAt(at);
    quoted.push(inQuotes);
    offsets.push(at);
  }
  if (text === '' && source.charAt(at) === '"') {
    return { ok: false, message: 'There is nothing between the quotes.', position: start };
  }
  if (quoteAt >= 0) return { ok: false, message: 'This quote is not closed.', position: quoteAt };
  return { type: 'word', position: start, end: at, text, quoted, offsets };
}

function operatorOf(word: Word): Token | null {
  if (word.quoted[0] === true) return null;
  const { position, end } = word;
  if (word.text === 'OR' || word.text === 'or') return { type: 'or', position, end };
  if (word.text === 'AND' || word.text === 'and') return { type: 'and', position, end };
  // "not" is a word that people look for: "not found".
  return word.text === 'NOT' ? { type: 'not', position, end } : null;
}
