import type { TaskState } from '../contract/task.ts';
import { findField, fixedValues, statesOf, type FilterField } from './fields.ts';
import type {
  Bound,
  Filter,
  HasField,
  IsWord,
  MatchField,
  NumberField,
  Pattern,
  TimeField,
  TimePoint,
} from './filter.ts';
import type { Word } from './tokens.ts';
import { parseDuration, parseMoment } from './values.ts';

export type TermResult =
  { ok: true; filter: Filter } | { ok: false; message: string; position: number };

/** One word of a filter: free text, or `field:value`. */
export function parseTerm(word: Word): TermResult {
  const colon = fieldEnd(word);
  if (colon < 0) return { ok: true, filter: { type: 'text', text: word.text } };
  const name = word.text.slice(0, colon);
  const field = findField(name);
  if (field === null) {
    return {
      ok: false,
      message: `There is no field “${name}”. To search for this text, put it in quotes.`,
      position: word.position,
    };
  }
  if (colon + 1 >= word.text.length) {
    return {
      ok: false,
      message: `What should ${field.name} be? A value is missing.`,
      position: word.end,
    };
  }
  const read = READERS[field.kind](field, word, colon + 1);
  return typeof read === 'string'
    ? { ok: false, message: read, position: word.offsets[colon + 1] ?? word.position }
    : { ok: true, filter: read };
}

function fieldEnd(word: Word): number {
  const colon = word.text.indexOf(':');
  if (colon < 1 || !/^[A-Za-z_]+$/.test(word.text.slice(0, colon))) return -1;
  return word.quoted.slice(0, colon + 1).includes(true) ? -1 : colon;
}

type Reader = (field: FilterField, word: Word, from: number) => Filter | string;

const READERS: Readonly<Record<FilterField['kind'], Reader>> = {
  state: (_field, word, from) => {
    const states: TaskState[] = [];
    for (const part of listOf(word, from)) {
      const named = statesOf(part.text);
      if (named === null) return `There is no state “${part.text}”.`;
      for (const state of named) if (!states.includes(state)) states.push(state);
    }
    return states.length === 0 ? 'A state is missing.' : { type: 'state', states };
  },
  text: (field, word, from) => {
    const patterns = listOf(word, from);
    if (patterns.length === 0) return `A value for ${field.name} is missing.`;
    return { type: 'match', field: field.name as MatchField, patterns };
  },
  duration: (field, word, from) => readNumber(field, word.text.slice(from), parseDuration),
  count: (field, word, from) => readNumber(field, word.text.slice(from), parseCount),
  time: (field, word, from) => readTime(field.name as TimeField, word.text.slice(from)),
  has: (_field, word, from) => {
    const name = findField(word.text.slice(from))?.name ?? '';
    return fixedValues('has').includes(name)
      ? { type: 'has', field: name as HasField }
      : `has: takes one of ${fixedValues('has').join(', ')}.`;
  },
  is: (_field, word, from) => {
    const name = word.text.slice(from).toLowerCase();
    return fixedValues('is').includes(name)
      ? { type: 'is', word: name as IsWord }
      : `is: takes one of ${fixedValues('is').join(', ')}.`;
  },
};

function listOf(word: Word, from: number): Pattern[] {
  const patterns: Pattern[] = [];
  let text = '';
  let wildcard = false;
  let anyQuoted = false;
  for (let index = from; index <= word.text.length; index += 1) {
    const quoted = word.quoted[index] === true;
    if (index === word.text.length || (word.text[index] === ',' && !quoted)) {
      if (text !== '') patterns.push({ text, wildcard: wildcard && !anyQuoted });
      text = '';
      wildcard = false;
      anyQuoted = false;
      continue;
    }
    const char = word.text.charAt(index);
    text += char;
    anyQuoted ||= quoted;
    wildcard ||= char === '*' || char === '?';
  }
  return patterns;
}

function parseCount(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function readNumber(
  field: FilterField,
  text: string,
  read: (text: string) => number | null,
): Filter | string {
  const name = field.name as NumberField;
  const wrong =
    field.kind === 'duration'
      ? `“${text}” is no duration: write >5s, <=200ms or 1s..5s.`
      : `“${text}” is no number: write 2, >=2 or 1..5.`;
  const bound = (part: string, inclusive: boolean): Bound | null => {
    const value = read(part);
    return value === null ? null : { value, inclusive };
  };
  const range = text.indexOf('..');
  if (range >= 0) {
    const [low, high] = [text.slice(0, range), text.slice(range + 2)];
    const min = bound(low, true);
    const max = bound(high, true);
    if ((low !== '' && min === null) || (high !== '' && max === null)) return wrong;
    return min === null && max === null ? wrong : { type: 'number', field: name, min, max };
  }
  const operator = /^(>=|<=|>|<|=)?/.exec(text)?.[0] ?? '';
  const value = bound(text.slice(operator.length), operator !== '>' && operator !== '<');
  if (value === null) return wrong;
  return {
    type: 'number',
    field: name,
    min: operator.startsWith('<') ? null : value,
    max: operator.startsWith('>') ? null : value,
  };
}

function readTime(field: TimeField, text: string): Filter | string {
  const wrong = `“${text}” is no time: write <10m (less than ten minutes ago), 2026-11-22T10:00.. or a date.`;
  const range = text.indexOf('..');
  if (range >= 0) {
    const [low, high] = [text.slice(0, range), text.slice(range + 2)];
    const first = readPoint(low, 'from');
    const last = readPoint(high, 'to');
    if ((low !== '' && first === null) || (high !== '' && last === null)) return wrong;
    if (first === null && last === null) return wrong;
    const swapped =
      first !== null && last !== null && 'agoMs' in first && 'agoMs' in last
        ? first.agoMs < last.agoMs
        : false;
    return { type: 'time', field, from: swapped ? last : first, to: swapped ? first : last };
  }
  const operator = /^(>=|<=|>|<|=)?/.exec(text)?.[0] ?? '';
  const value = text.slice(operator.length);
  const ago = parseDuration(value, true);
  if (ago !== null) {
    const point = { agoMs: ago };
    const before = operator.startsWith('>');
    return { type: 'time', field, from: before ? null : point, to: before ? point : null };
  }
  const moment = parseMoment(value);
  if (moment === null) return wrong;
  const from = { at: operator === '>' ? moment.to : moment.from };
  const to = { at: operator === '<' ? moment.from : moment.to };
  return {
    type: 'time',
    field,
    from: operator.startsWith('<') ? null : from,
    to: operator.startsWith('>') ? null : to,
  };
}

function readPoint(text: string, edge: 'from' | 'to'): TimePoint | null {
  const ago = parseDuration(text, true);
  if (ago !== null) return { agoMs: ago };
  const moment = parseMoment(text);
  return moment === null ? null : { at: moment[edge] };
}
