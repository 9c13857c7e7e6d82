import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../lib/filter/parse.ts';
import { stringifyFilter } from '../../../lib/filter/stringify.ts';
import { parseFlowerSearch } from './search.ts';

function translated(search: string): string {
  const parsed = parseFlowerSearch(search);
  if (!parsed.ok) throw new Error(parsed.error);
  return stringifyFilter(parsed.filter);
}

describe('Flower’s search', () => {
  it.each([
    ['', ''],
    ['state:FAILURE', 'state:failure'],
    ['STATE:success', 'state:success'],
    ['name:add worker:host1', 'name:*add* worker:*host1*'],
    ['name:add AND args:one', 'name:*add* args:one'],
    ['name:add OR name:mul', 'name:*add* OR name:*mul*'],
    ['(name:add OR name:mul) state:RETRY', '(name:*add* OR name:*mul*) state:retry'],
    ['result:"two words"', 'result:"two words"'],
    ['hello', 'hello OR worker:*hello*'],
    ['kwargs:user=42', `kwargs:"'user': 42","'user': '42'"`],
  ])('%s means %s', (search, filter) => {
    expect(translated(search)).toBe(filter);
  });

  it.each([
    'ab',
    'NOT abc',
    '-abc',
    '(abc',
    'abc)',
    '"abc',
    'abc OR',
    'AND abc',
    'name:a',
    '((((((abc))))))',
    'x'.repeat(2049),
    'abc '.repeat(200),
  ])('refuses %s with a position', (search) => {
    const parsed = parseFlowerSearch(search);
    expect(parsed.ok ? '' : parsed.error).toMatch(/ at position \d+\.$/);
  });

  it('never throws, and what it accepts our own filter reads', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '(',
        ')',
        '"',
        '\\',
        ' AND ',
        ' OR ',
        'name:',
        'state:',
        'kwargs:a=',
        '*',
        ',',
      ),
      fc.string({ maxLength: 8 }),
      fc.string({ maxLength: 8, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const parsed = parseFlowerSearch(pieces.join(''));
        if (!parsed.ok) return;
        expect(parseFilter(stringifyFilter(parsed.filter))).toMatchObject({ ok: true });
      }),
      { numRuns: 60 },
    );
  });
});
