// How many tasks match. From the counters where the filter is nothing but a state, a type, a worker or a queue; else by
// counting, up to a bound.
import type { Filter } from '../../../../lib/filter/filter.ts';
import type { Dimension } from '../counters.ts';
import { STATE_NUMBER } from '../task-row.ts';
import { nameIds } from './compile-filter.ts';
import type { Connection } from './connection.ts';
import type { Question } from './list-tasks.ts';
import { chooseSources, countOf } from './plan.ts';
import { scan, type Budget } from './scan.ts';
import { needleOf } from './text-search.ts';

const COUNT_BUDGET_MS = 15;
const COUNT_ROWS = 10_000;

export type Count = { total: number | null; atLeast: number };

export function countMatches(question: Question, seen: number): Count {
  const known = question.from === null ? fromCounters(question.connection, question.filter) : null;
  if (known !== null) return { total: known, atLeast: known };
  if (needleOf(question.filter) !== null) return { total: null, atLeast: seen };
  return countUpTo(question, seen);
}

function countUpTo({ connection, filter, sql, from }: Question, seen: number): Count {
  const sources = chooseSources(connection, filter);
  const budget: Budget = { endsAt: Date.now() + COUNT_BUDGET_MS, rows: COUNT_ROWS };
  let counted = 0;
  let complete = true;
  for (const source of sources) {
    if (source.small) {
      const where = `${source.where} ${from === null ? '' : `AND updated_at >= ${from}`}`;
      const sqlText = `SELECT count(*) FROM task INDEXED BY ${source.index} WHERE ${where} AND ${sql.text}`;
      counted += connection.db
        .prepare(sqlText)
        .pluck()
        .get(source.value, ...sql.values) as number;
      continue;
    }
    const order = { column: 'updated_at', index: null, descending: true };
    const query = {
      select: 'count(*) AS n',
      filter: sql,
      order,
      after: null,
      from,
      limit: 1e9,
      tail: '',
    };
    let reached: unknown = null;
    for (const stretch of scan<{ n: number }>(connection.db, source, query, budget)) {
      counted += stretch.rows[0]?.n ?? 0;
      ({ reached } = stretch);
    }
    if (reached !== null) complete = false;
  }
  return complete
    ? { total: counted, atLeast: counted }
    : { total: null, atLeast: Math.max(counted, seen) };
}

function fromCounters(connection: Connection, filter: Filter): number | null {
  if (filter.type === 'all') return countOf(connection, 'all', 0);
  const terms = filter.type === 'and' ? filter.terms : [filter];
  let states: readonly number[] | null = null;
  let named: { dimension: Dimension; ids: number[] } | null = null;
  for (const term of terms) {
    if (term.type === 'state' && states === null) {
      states = term.states.map((state) => STATE_NUMBER[state]);
    } else if (term.type === 'match' && named === null && isNamed(term.field)) {
      const dimension = term.field === 'name' ? 'type' : term.field;
      named = { dimension, ids: nameIds(dimension, term.patterns, connection.names) };
    } else return null;
  }
  const { dimension, ids } = named ?? { dimension: 'all' as const, ids: [0] };
  let total = 0;
  for (const id of ids) {
    if (states === null) total += countOf(connection, dimension, id);
    else for (const state of states) total += countOf(connection, dimension, id, state);
  }
  return total;
}

function isNamed(field: string): field is 'name' | 'worker' | 'queue' {
  return field === 'name' || field === 'worker' || field === 'queue';
}
