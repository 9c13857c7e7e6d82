import { FILTER_FIELDS, fixedValues, findField, type FilterField } from './fields.ts';

export type FilterSuggestion =
  /** A value is being typed: `from`…`to` is what a choice replaces. `values`: the known words; null: ask the store. */
  | {
      type: 'value';
      field: string;
      prefix: string;
      values: readonly string[] | null;
      from: number;
      to: number;
    }
  /** A word is being typed: the fields that it may become. */
  | { type: 'field'; prefix: string; fields: FilterField[]; from: number; to: number };

const BREAK = /[\s(),]/;

/** What can be completed at the caret of a filter that may be half typed. */
export function suggestAt(text: string, caret: number): FilterSuggestion {
  const at = Math.max(0, Math.min(caret, text.length));
  const start = wordStart(text, at);
  let end = at;
  while (end < text.length && !BREAK.test(text.charAt(end))) end += 1;
  const word = text.slice(start, at);
  const signed = /^-*/.exec(word)?.[0].length ?? 0;
  const colon = word.indexOf(':');
  const field = colon < 0 ? null : findField(word.slice(signed, colon));
  if (field === null) {
    const prefix = word.slice(signed).toLowerCase();
    const fields = FILTER_FIELDS.filter((candidate) => candidate.name.startsWith(prefix));
    return { type: 'field', prefix, fields, from: start + signed, to: end };
  }
  const comma = lastComma(word, colon + 1);
  const from = start + comma;
  const prefix = word.slice(comma).replace(/^"|"$/g, '');
  const fixed = fixedValues(field.name);
  const closed = text.charAt(end - 1) === '"' && end > at;
  return {
    type: 'value',
    field: field.name,
    prefix,
    values:
      fixed.length > 0 ? fixed.filter((value) => value.startsWith(prefix.toLowerCase())) : null,
    from,
    to: closed ? end : Math.max(end, at),
  };
}

function wordStart(text: string, at: number): number {
  let start = 0;
  let inQuotes = false;
  for (let index = 0; index < at; index += 1) {
    const char = text.charAt(index);
    if (char === '\\' && inQuotes) index += 1;
    else if (char === '"') inQuotes = !inQuotes;
    else if (!inQuotes && /[\s()]/.test(char)) start = index + 1;
  }
  return start;
}

function lastComma(word: string, from: number): number {
  let start = from;
  let inQuotes = false;
  for (let index = from; index < word.length; index += 1) {
    const char = word.charAt(index);
    if (char === '"') inQuotes = !inQuotes;
    else if (char === ',' && !inQuotes) start = index + 1;
  }
  return start;
}
