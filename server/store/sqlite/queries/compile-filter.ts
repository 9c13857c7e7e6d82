// A filter as SQL over one row of `task`. Everything that a person typed becomes a parameter; names of types, workers and
// queues are looked up in the dictionary first. `has_text(text, needle)` and `matches(text, pattern)` are functions of the
// reader's connection.
import type {
  Filter,
  HasField,
  MatchField,
  Pattern,
  TimeField,
} from '../../../../lib/filter/filter.ts';
import { resolveTimePoint } from '../../../../lib/filter/values.ts';
import type { NameKind, Names } from '../names.ts';
import { encodeId, wellFormed } from '../task-id.ts';
import { FINAL_NUMBERS, LONG_FIELDS, ROOT_IS_SELF, SENT_AGAIN, STATE_NUMBER } from '../task-row.ts';
import { patternTest } from './text-match.ts';

export type Sql = { text: string; values: unknown[] };
export type CompileContext = { names: Names; now: number };

const NAMED: Readonly<Partial<Record<MatchField, NameKind>>> = {
  name: 'type',
  worker: 'worker',
  queue: 'queue',
};
const TIME_COLUMNS: Readonly<Record<TimeField, string>> = {
  sent: 'sent_at',
  received: 'received_at',
  started: 'started_at',
  finished: 'finished_at',
  eta: 'eta_at',
  updated: 'updated_at',
};
const HAS_SQL: Readonly<Record<HasField, string>> = {
  worker: 'worker_id <> 0',
  queue: 'queue_id <> 0',
  args: 'args IS NOT NULL',
  kwargs: 'kwargs IS NOT NULL',
  result: 'result IS NOT NULL',
  exception: 'exception IS NOT NULL',
  runtime: 'runtime_ms IS NOT NULL',
  wait: 'wait_ms IS NOT NULL',
  priority: 'priority IS NOT NULL',
  sent: 'sent_at IS NOT NULL',
  received: 'received_at IS NOT NULL',
  started: 'started_at IS NOT NULL',
  finished: 'finished_at IS NOT NULL',
  eta: 'eta_at IS NOT NULL',
  root: `(root IS NOT NULL OR flags & ${ROOT_IS_SELF})`,
  parent: 'parent IS NOT NULL',
  custom: 'custom IS NOT NULL',
  retries: 'retries > 0',
};

export function compileFilter(filter: Filter, context: CompileContext): Sql {
  switch (filter.type) {
    case 'all':
      return { text: '1', values: [] };
    case 'and':
      return join(filter.terms, ' AND ', context);
    case 'or':
      return join(filter.terms, ' OR ', context);
    case 'not': {
      const { text, values } = compileFilter(filter.term, context);
      return { text: `NOT coalesce((${text}), 0)`, values };
    }
    case 'text':
      return freeText(filter.text, context);
    case 'state':
      return inList(
        'state',
        filter.states.map((state) => STATE_NUMBER[state]),
      );
    case 'match':
      return match(filter.field, filter.patterns, context);
    case 'number': {
      const column = {
        runtime: 'runtime_ms',
        wait: 'wait_ms',
        retries: 'retries',
        priority: 'priority',
      }[filter.field];
      const parts: string[] = [];
      const values: unknown[] = [];
      if (filter.min !== null) {
        parts.push(`${column} ${filter.min.inclusive ? '>=' : '>'} ?`);
        values.push(filter.min.value);
      }
      if (filter.max !== null) {
        parts.push(`${column} ${filter.max.inclusive ? '<=' : '<'} ?`);
        values.push(filter.max.value);
      }
      return { text: `(${parts.join(' AND ')})`, values };
    }
    case 'time': {
      const column = TIME_COLUMNS[filter.field];
      const parts: string[] = [`${column} IS NOT NULL`];
      const values: unknown[] = [];
      if (filter.from !== null) {
        parts.push(`${column} >= ?`);
        values.push(resolveTimePoint(filter.from, context.now));
      }
      if (filter.to !== null) {
        parts.push(`${column} <= ?`);
        values.push(resolveTimePoint(filter.to, context.now));
      }
      return { text: `(${parts.join(' AND ')})`, values };
    }
    case 'has':
      return { text: HAS_SQL[filter.field], values: [] };
    case 'is': {
      if (filter.word === 'revoking') return { text: 'revoking = 1', values: [] };
      if (filter.word === 'resent') return { text: `(flags & ${SENT_AGAIN}) <> 0`, values: [] };
      const finished = inList('state', FINAL_NUMBERS);
      return filter.word === 'finished'
        ? finished
        : { text: `NOT ${finished.text}`, values: finished.values };
    }
  }
}

/** The dictionary numbers that the patterns name. */
export function nameIds(kind: NameKind, patterns: readonly Pattern[], names: Names): number[] {
  const ids = new Set<number>();
  for (const pattern of patterns) {
    if (!pattern.wildcard) {
      const id = names.id(kind, pattern.text);
      if (id !== null) ids.add(id);
      continue;
    }
    const test = patternTest(pattern.text);
    for (const [text, id] of names.entries(kind)) if (test(text)) ids.add(id);
  }
  return [...ids];
}

/** The types whose name has this text in it. */
export function typesWithText(text: string, names: Names): number[] {
  const needle = text.toLowerCase();
  const ids: number[] = [];
  for (const [name, id] of names.entries('type'))
    if (name.toLowerCase().includes(needle)) ids.push(id);
  return ids;
}

function join(terms: readonly Filter[], by: string, context: CompileContext): Sql {
  const parts = terms.map((term) => compileFilter(term, context));
  return {
    text: `(${parts.map(({ text }) => text).join(by)})`,
    values: parts.flatMap(({ values }) => values),
  };
}

function inList(column: string, numbers: readonly number[]): Sql {
  if (numbers.length === 0) return { text: '0', values: [] };
  if (numbers.length === 1) return { text: `${column} = ?`, values: [numbers[0]] };
  return {
    text: `${column} IN (SELECT value FROM json_each(?))`,
    values: [JSON.stringify(numbers)],
  };
}

function freeText(text: string, { names }: CompileContext): Sql {
  const needle = text.toLowerCase();
  const types = inList('type_id', typesWithText(text, names));
  const columns = ['args', 'kwargs', 'result', 'exception'].map((column) => textIn(column, needle));
  const parts = [types, { text: 'has_id_text(uid, ?)', values: [needle] }, ...columns];
  return {
    text: `(${parts.map((part) => part.text).join(' OR ')})`,
    values: parts.flatMap((part) => part.values),
  };
}

/** A substring of a text column, or of its whole where only a preview is in the row. */
function textIn(column: string, needle: string): Sql {
  const field = (LONG_FIELDS as readonly string[]).indexOf(column);
  return {
    text: `(has_text(${column}, ?) OR (flags & ${1 << field} AND EXISTS (SELECT 1 FROM long_text WHERE task_id = task.id AND field = ${field} AND has_text(text, ?))))`,
    values: [needle, needle],
  };
}

function match(field: MatchField, patterns: readonly Pattern[], context: CompileContext): Sql {
  const kind = NAMED[field];
  if (kind !== undefined) return inList(`${kind}_id`, nameIds(kind, patterns, context.names));
  const parts = patterns.map((pattern) => matchOne(field, pattern));
  return {
    text: `(${parts.map((part) => part.text).join(' OR ')})`,
    values: parts.flatMap((part) => part.values),
  };
}

function matchOne(field: MatchField, { text, wildcard }: Pattern): Sql {
  if (field === 'id' || field === 'root' || field === 'parent') {
    const column = field === 'id' ? 'uid' : field;
    const id = encodeId(wildcard ? text : text.toLowerCase());
    const own = typeof id === 'string' ? encodeId(text) : id;
    const test: Sql = wildcard
      ? { text: `matches_id(${column}, ?)`, values: [wellFormed(text)] }
      : { text: `${column} = ?`, values: [own] };
    if (field !== 'root') return test;
    const self = wildcard ? `matches_id(uid, ?)` : 'uid = ?';
    return {
      text: `(${test.text} OR (flags & ${ROOT_IS_SELF} AND ${self}))`,
      values: [...test.values, ...test.values],
    };
  }
  if (field === 'custom') {
    return wildcard
      ? { text: 'matches(custom, ?)', values: [text] }
      : { text: 'custom = ?', values: [wellFormed(text)] };
  }
  return wildcard
    ? { text: `matches(${field}, ?)`, values: [`*${text}*`] }
    : textIn(field, text.toLowerCase());
}
