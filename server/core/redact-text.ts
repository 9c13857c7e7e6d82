// Masks the values of secret keys inside texts that carry Python or JSON literals: `'password': 'x'` and `password='x'`
// become `'password': '***'`, also where the literal stands escaped inside another one (`"{\"password\": …}"`). Texts may be
// cut anywhere: a value whose end is not found is masked to the end.

export type TextRedactor = (text: string) => string;

export const MASK = '***';
const QUOTED_MASK = `'${MASK}'`;

/** Null when there is nothing to mask. Keys match as a whole, in any case. */
export function createTextRedactor(keys: readonly string[]): TextRedactor | null {
  const names = keys.map((key) => key.trim()).filter((key) => key !== '');
  if (names.length === 0) return null;
  const alternatives = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(
    `(?:(\\\\{0,15}["'])(?:${alternatives})\\1\\s*[:,]\\s*|(?<!\\w)(?:${alternatives})\\s*[=:]\\s*)`,
    'gi',
  );
  return (text) => mask(text, pattern);
}

/** Whether something was masked in a text that was stored. */
export function isMasked(text: string): boolean {
  return text.includes(QUOTED_MASK);
}

/** Whether a field of this name is masked as a whole. */
export function isSecretName(name: string, redact: TextRedactor): boolean {
  const key = JSON.stringify(name);
  return redact(`${key}: 'x'`) === `${key}: ${QUOTED_MASK}`;
}

function mask(text: string, pattern: RegExp): string {
  pattern.lastIndex = 0;
  let found = pattern.exec(text);
  if (found === null) return text;
  let out = '';
  let from = 0;
  while (found !== null) {
    const start = found.index + found[0].length;
    const end = endOfValue(text, start);
    out += text.slice(from, start) + QUOTED_MASK;
    from = end;
    pattern.lastIndex = Math.max(end, start);
    if (end >= text.length) break;
    found = pattern.exec(text);
  }
  return out + text.slice(from);
}

const OPENING = '([{';
const CLOSING = ')]}';

/** Past the literal that starts at `start`: a string with its prefix, a bracketed value, or a word up to `,` or a bracket. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === "'" || sign === '"') {
      at = endOfString(text, at);
      if (at >= text.length) return text.length;
    } else if (OPENING.includes(sign)) depth += 1;
    else if (CLOSING.includes(sign)) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (depth === 0 && (sign === ',' || sign === '\n' || sign === '&')) return at;
  }
  return text.length;
}

/**
 * The index of the closing quote, or the length of the text. A quote that opens behind `n` backslashes closes behind as many, and
 * pairs of escaped backslashes before them.
 */
function endOfString(text: string, start: number): number {
  const quote = text[start] ?? '';
  const escapes = backslashesBefore(text, start);
  for (let at = text.indexOf(quote, start + 1); at !== -1; at = text.indexOf(quote, at + 1)) {
    const found = backslashesBefore(text, at);
    if (found % (2 * (escapes + 1)) === escapes) return at;
    if (found < escapes) return at - found - 1;
  }
  return text.length;
}

function backslashesBefore(text: string, at: number): number {
  let count = 0;
  while (text[at - 1 - count] === '\\') count += 1;
  return count;
}
