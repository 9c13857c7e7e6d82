import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TASK_STATES } from '../contract/task.ts';
import { FILTER_FIELDS } from './fields.ts';
import {
  HAS_FIELDS,
  IS_WORDS,
  MATCH_FIELDS,
  TIME_FIELDS,
  type Filter,
  type TimePoint,
} from './filter.ts';
import { parseFilter } from './parse.ts';
import { filterFor, stringifyFilter } from './stringify.ts';
import { suggestAt } from './suggest.ts';

function parsed(text: string): Filter {
  const result = parseFilter(text);
  if (!result.ok) throw new Error(`${text}: ${result.message} at ${result.position}`);
  return result.filter;
}

const ms = fc.integer({ min: 0, max: 1e12 }).map((micros) => micros / 1000);
const bound = (value: fc.Arbitrary<number>) => fc.record({ value, inclusive: fc.boolean() });
const oneSided = (
  field: fc.Arbitrary<'runtime' | 'wait' | 'retries' | 'priority'>,
  value: fc.Arbitrary<number>,
) =>
  fc.tuple(field, bound(value), fc.boolean()).map(([name, limit, isMin]): Filter => ({
    type: 'number',
    field: name,
    min: isMin ? limit : null,
    max: isMin ? null : limit,
  }));
const point: fc.Arbitrary<TimePoint> = fc.oneof(
  ms.map((agoMs) => ({ agoMs })),
  fc.integer({ min: 0, max: 4e12 }).map((at) => ({ at })),
);
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const wild = fc.stringMatching(/^[a-z.:\-"]{0,4}[*?][a-z.*]{0,4}$/).filter((t) => !t.includes('"'));
const pattern = fc.oneof(
  text.map((value) => ({ text: value, wildcard: false })),
  wild.map((value) => ({ text: value, wildcard: true })),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  text.map((value): Filter => ({ type: 'text', text: value })),
  fc
    .uniqueArray(fc.constantFrom(...TASK_STATES), { minLength: 1, maxLength: 4 })
    .map((states): Filter => ({ type: 'state', states })),
  fc
    .tuple(fc.constantFrom(...MATCH_FIELDS), fc.array(pattern, { minLength: 1, maxLength: 3 }))
    .map(([field, patterns]): Filter => ({ type: 'match', field, patterns })),
  oneSided(fc.constantFrom('runtime', 'wait'), ms),
  oneSided(fc.constantFrom('retries', 'priority'), fc.nat(1000)),
  fc
    .tuple(fc.constantFrom(...TIME_FIELDS), point, fc.boolean())
    .map(([field, at, isFrom]): Filter => ({
      type: 'time',
      field,
      from: isFrom ? at : null,
      to: isFrom ? null : at,
    })),
  fc.constantFrom(...HAS_FIELDS).map((field): Filter => ({ type: 'has', field })),
  fc.constantFrom(...IS_WORDS).map((word): Filter => ({ type: 'is', word })),
);

function tree(depth: number, parent: 'and' | 'or' | 'not' | null): fc.Arbitrary<Filter> {
  if (depth === 0) return leaf;
  const options: fc.Arbitrary<Filter>[] = [leaf];
  for (const type of ['and', 'or'] as const) {
    if (type !== parent) {
      options.push(
        fc
          .array(tree(depth - 1, type), { minLength: 2, maxLength: 3 })
          .map((terms): Filter => ({ type, terms })),
      );
    }
  }
  if (parent !== 'not')
    options.push(tree(depth - 1, 'not').map((term): Filter => ({ type: 'not', term })));
  return fc.oneof(...options);
}

describe('the task filter', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(tree(3, null), (filter) => {
        const written = stringifyFilter(filter);
        fc.pre(written.length <= 2000);
        expect(parsed(written)).toEqual(filter);
      }),
      { numRuns: 500 },
    );
  });

  it('answers any text, and what it accepts reads back the same', () => {
    const piece = fc.constantFrom(
      '-',
      '(',
      ')',
      'OR',
      'or',
      ' ',
      '"',
      'state:',
      'failed',
      'name:',
      '*',
      ',',
      '..',
      'runtime:',
      '>',
      '5s',
      '\\',
      'NOT ',
      'received:',
      '2026-11-22',
      'x',
      ':',
      '__proto__',
    );
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(any, (source) => {
        const result = parseFilter(source);
        if (result.ok) expect(parsed(stringifyFilter(result.filter))).toEqual(result.filter);
        else {
          expect(result.message).not.toBe('');
          expect(result.position).toBeLessThanOrEqual(source.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('knows the states by our words, by the verbs and by Celery’s names', () => {
    for (const word of ['failure', 'failed', 'FAILURE']) {
      expect(parsed(`state:${word}`)).toEqual({ type: 'state', states: ['failure'] });
    }
    expect(parsed('state:PENDING,succeeded')).toEqual({
      type: 'state',
      states: ['queued', 'success'],
    });
    expect(parsed('state:RECEIVED')).toEqual({ type: 'state', states: ['received', 'scheduled'] });
  });

  it('binds "and" before "or" and takes parentheses and negation', () => {
    const word = (value: string): Filter => ({ type: 'text', text: value });
    const either: Filter = { type: 'or', terms: [word('b'), word('c')] };
    expect(parsed('a b OR c')).toEqual({
      type: 'or',
      terms: [{ type: 'and', terms: [word('a'), word('b')] }, word('c')],
    });
    expect(parsed('a -(b OR c)')).toEqual({
      type: 'and',
      terms: [word('a'), { type: 'not', term: either }],
    });
    expect(parsed('NOT a')).toEqual({ type: 'not', term: word('a') });
    expect(parsed('(b or c) and a')).toEqual(parsed('(b OR c) AND a'));
    expect(parsed('not b')).toEqual({ type: 'and', terms: [word('not'), word('b')] });
    expect(parsed('"or"')).toEqual(word('or'));
  });

  it('takes comparisons, ranges and times', () => {
    expect(parsed('runtime:>5s')).toEqual({
      type: 'number',
      field: 'runtime',
      min: { value: 5000, inclusive: false },
      max: null,
    });
    expect(parsed('wait:<=200ms')).toEqual({
      type: 'number',
      field: 'wait',
      min: null,
      max: { value: 200, inclusive: true },
    });
    expect(parsed('runtime:1s..5s')).toEqual({
      type: 'number',
      field: 'runtime',
      min: { value: 1000, inclusive: true },
      max: { value: 5000, inclusive: true },
    });
    expect(parsed('started:<10m')).toEqual({
      type: 'time',
      field: 'started',
      from: { agoMs: 600_000 },
      to: null,
    });
    expect(parsed('received:>2h')).toEqual({
      type: 'time',
      field: 'received',
      from: null,
      to: { agoMs: 7_200_000 },
    });
    expect(parsed('received:2026-11-22T10:00..')).toEqual({
      type: 'time',
      field: 'received',
      from: { at: Date.UTC(2026, 10, 22, 10) },
      to: null,
    });
  });

  it('takes a quoted value literally', () => {
    expect(parsed('name:tasks.*')).toEqual({
      type: 'match',
      field: 'name',
      patterns: [{ text: 'tasks.*', wildcard: true }],
    });
    expect(parsed(filterFor('name', 'odd "*", (name)'))).toEqual({
      type: 'match',
      field: 'name',
      patterns: [{ text: 'odd "*", (name)', wildcard: false }],
    });
  });

  it.each([
    ['stat:failed', 'There is no field', 0],
    ['a state:nope', 'There is no state', 8],
    ['(a', 'not closed', 0],
    ['a)', 'never opened', 1],
    ['"a', 'not closed', 0],
    ['a OR', 'missing', 4],
    ['name:', 'missing', 5],
    ['runtime:fast', 'no duration', 8],
    ['has:everything', 'takes one of', 4],
  ])('explains what is wrong with %s', (source, message, position) => {
    const result = parseFilter(source);
    expect(result).toMatchObject({ ok: false, position });
    expect(result.ok ? '' : result.message).toContain(message);
  });

  it('is bounded', () => {
    expect(parseFilter('x'.repeat(2001)).ok).toBe(false);
    expect(parseFilter(Array(64).fill('x').join(' ')).ok).toBe(true);
    expect(parseFilter(Array(65).fill('x').join(' ')).ok).toBe(false);
    expect(parseFilter('('.repeat(8) + 'x' + ')'.repeat(8)).ok).toBe(true);
    expect(parseFilter('('.repeat(9) + 'x' + ')'.repeat(9)).ok).toBe(false);
  });
});

describe('suggestions', () => {
  it('completes fields', () => {
    expect(suggestAt('state:failed na', 15)).toMatchObject({
      type: 'field',
      prefix: 'na',
      from: 13,
      to: 15,
      fields: [{ name: 'name' }],
    });
    expect(suggestAt('', 0)).toMatchObject({ type: 'field', fields: FILTER_FIELDS });
  });

  it('completes values, each of a list by itself', () => {
    expect(suggestAt('-state:failure,re', 17)).toMatchObject({
      type: 'value',
      field: 'state',
      prefix: 're',
      values: ['received', 'retry', 'revoked', 'rejected'].sort(
        (a, b) => TASK_STATES.indexOf(a as never) - TASK_STATES.indexOf(b as never),
      ),
      from: 15,
      to: 17,
    });
    expect(suggestAt('type:tasks.', 11)).toMatchObject({
      type: 'value',
      field: 'name',
      prefix: 'tasks.',
      values: null,
      from: 5,
      to: 11,
    });
  });

  it('answers anywhere in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), (source, caret) => {
        const { from, to } = suggestAt(source, caret);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(source.length);
        expect(from).toBeLessThanOrEqual(to);
      }),
    );
  });
});
