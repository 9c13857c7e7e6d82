import {
  DURATION_FIELDS,
  type Bound,
  type Filter,
  type Pattern,
  type TimePoint,
} from './filter.ts';
import { stringifyDuration, stringifyTimePoint } from './values.ts';

/** The text of a filter; `parseFilter` reads it back as the same filter. */
export function stringifyFilter(filter: Filter): string {
  switch (filter.type) {
    case 'all':
      return '';
    case 'and':
      return filter.terms.map((term) => group(term, term.type === 'or')).join(' ');
    case 'or':
      return filter.terms.map(stringifyFilter).join(' OR ');
    case 'not':
      return `-${group(filter.term, filter.term.type === 'and' || filter.term.type === 'or')}`;
    case 'text':
      return needsQuotes(filter.text) || filter.text.includes(':') || isOperator(filter.text)
        ? quote(filter.text)
        : filter.text;
    case 'state':
      return `state:${filter.states.join(',')}`;
    case 'match':
      return `${filter.field}:${filter.patterns.map(stringifyPattern).join(',')}`;
    case 'number':
      return `${filter.field}:${stringifyBounds(filter)}`;
    case 'time':
      return `${filter.field}:${stringifyTimes(filter.from, filter.to)}`;
    case 'has':
      return `has:${filter.field}`;
    case 'is':
      return `is:${filter.word}`;
  }
}

/** `field:value` for exactly this value, whatever characters it has: for links from a count to its rows. */
export function filterFor(field: string, value: string): string {
  return `${field}:${stringifyPattern({ text: value, wildcard: false })}`;
}

function group(term: Filter, inParentheses: boolean): string {
  return inParentheses ? `(${stringifyFilter(term)})` : stringifyFilter(term);
}

function isOperator(text: string): boolean {
  return /^(OR|or|AND|and|NOT)$/.test(text) || text.startsWith('-');
}

function needsQuotes(text: string): boolean {
  return text === '' || /[\s()"]/.test(text);
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function stringifyPattern(pattern: Pattern): string {
  const special = pattern.text.includes(',') || (!pattern.wildcard && /[*?]/.test(pattern.text));
  return special || needsQuotes(pattern.text) ? quote(pattern.text) : pattern.text;
}

function stringifyBounds(filter: Extract<Filter, { type: 'number' }>): string {
  const isDuration = (DURATION_FIELDS as readonly string[]).includes(filter.field);
  const print = (bound: Bound): string =>
    isDuration ? stringifyDuration(bound.value) : String(bound.value);
  const { min, max } = filter;
  if (min !== null && max !== null) {
    return min.value === max.value ? print(min) : `${print(min)}..${print(max)}`;
  }
  if (min !== null) return `>${min.inclusive ? '=' : ''}${print(min)}`;
  return max === null ? '' : `<${max.inclusive ? '=' : ''}${print(max)}`;
}

function stringifyTimes(from: TimePoint | null, to: TimePoint | null): string {
  if (from !== null && to !== null) return `${stringifyTimePoint(from)}..${stringifyTimePoint(to)}`;
  if (from !== null) return `${'at' in from ? '>=' : '<'}${stringifyTimePoint(from)}`;
  return to === null ? '' : `${'at' in to ? '<=' : '>'}${stringifyTimePoint(to)}`;
}
