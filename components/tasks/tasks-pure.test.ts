import { describe, expect, it } from 'vitest';
import type { TaskSummary } from '@/lib/contract/task.ts';
import { shortHostname, sortedColumn } from './columns.ts';
import { csvCell, toCsv } from './export.ts';
import { addTerms, chipsOf, removeChip, selectedValues, toggleValue } from './filter-terms.ts';

describe('chips', () => {
  it('are the terms joined by "and"', () => {
    expect(chipsOf('state:failed name:tasks.* -noise "free text"')).toEqual([
      { text: 'state:failure', name: 'state:', value: 'failure' },
      { text: 'name:tasks.*', name: 'name:', value: 'tasks.*' },
      { text: '-noise', name: '', value: '-noise' },
      { text: '"free text"', name: '', value: '"free text"' },
    ]);
    expect(chipsOf('')).toEqual([]);
    expect(chipsOf('a OR b')).toHaveLength(1);
    expect(chipsOf('nofield:x')).toBeNull();
  });

  it('are removed one by one', () => {
    expect(removeChip('state:failure queue:emails', 0)).toBe('queue:emails');
    expect(removeChip('queue:emails', 0)).toBe('');
  });

  it('keep an "or" together when a term is added', () => {
    expect(addTerms('a OR b', 'queue:emails')).toBe('(a OR b) queue:emails');
    expect(addTerms('queue:emails', 'queue:emails')).toBe('queue:emails');
    expect(addTerms('queue:emails', 'queue:')).toBeNull();
  });
});

describe('facets', () => {
  it('add and take away values of their field', () => {
    expect(toggleValue('', 'state', 'failure')).toBe('state:failure');
    expect(toggleValue('state:failure', 'state', 'retry')).toBe('state:failure,retry');
    expect(toggleValue('state:failure,retry x', 'state', 'failure')).toBe('state:retry x');
    expect(toggleValue('state:failure', 'state', 'failure')).toBe('');
    expect(toggleValue('name:a.*', 'name', 'b c')).toBe('name:a.*,"b c"');
    expect([...selectedValues('queue:a,b', 'queue')]).toEqual(['a', 'b']);
  });

  it('take a hostile value as the text that it is', () => {
    const text = toggleValue('', 'queue', 'a" OR state:failure (');
    expect([...selectedValues(text, 'queue')]).toEqual(['a" OR state:failure (']);
    expect(chipsOf(text)).toHaveLength(1);
  });
});

describe('csv', () => {
  it.each([
    ["=HYPERLINK('http://x')", "'=HYPERLINK('http://x')"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['a,b', '"a,b"'],
    ['a "b"', '"a ""b"""'],
    ['two\nlines', '"two\nlines"'],
    ['plain', 'plain'],
  ])('makes %j harmless', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it('writes unknown as nothing and times in UTC', () => {
    const task: TaskSummary = {
      id: 'a',
      type: '=cmd()',
      state: 'success',
      customState: null,
      revoking: false,
      worker: null,
      queue: null,
      priority: null,
      sentAt: null,
      receivedAt: null,
      startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      finishedAt: null,
      etaAt: null,
      expiresAt: null,
      updatedAt: 0,
      waitMs: null,
      runtimeMs: -3,
      retries: 0,
      args: "('a', 1)",
      kwargs: null,
      result: null,
      exception: null,
      rootId: null,
      parentId: null,
    };
    const [, line] = toCsv([task]).split('\r\n');
    expect(line).toBe(
      `a,'=cmd(),success,,,,,0,,,2026-01-02T03:04:05.000Z,,,,1970-01-01T00:00:00.000Z,,-3,"('a', 1)",,,,,`,
    );
  });
});

describe('columns', () => {
  it('know which of them the order goes by', () => {
    expect(sortedColumn('-wait')).toBe('wait');
    expect(sortedColumn('finished')).toBe('finished');
    expect(sortedColumn('-updated')).toBeNull();
    expect(sortedColumn('-nothing')).toBeNull();
  });

  it("leave out Celery's own prefix of a hostname, and no other", () => {
    expect(shortHostname('celery@web-1')).toBe('web-1');
    expect(shortHostname('mail@web-1')).toBe('mail@web-1');
    expect(shortHostname('celery@')).toBe('celery@');
  });
});
