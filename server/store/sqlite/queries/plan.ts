// Which index finds the rows of a filter with the least work. Counters know how many rows each value has, so nothing is
// guessed; the filter itself is always checked on top.
import type { Filter } from '../../../../lib/filter/filter.ts';
import { DIMENSION, type Dimension } from '../counters.ts';
import { encodeId } from '../task-id.ts';
import { FINAL_NUMBERS, STATE_NUMBER, UNFINISHED_NUMBERS } from '../task-row.ts';
import { nameIds } from './compile-filter.ts';
import type { Connection } from './connection.ts';

/** One stretch of an index: `where` fixes its leading column; then it is in order of updated_at, except for `small` ones. */
export type Source = { index: string; where: string; value: unknown; rows: number; small: boolean };

const MAX_SOURCES = 24;

/** Sources whose union holds every row that the filter accepts. */
export function chooseSources(connection: Connection, filter: Filter): Source[] {
  const total = countOf(connection, 'all', 0);
  let best: Source[] = [
    { index: 'task_updated', where: '1 = ?', value: 1, rows: total, small: false },
  ];
  let bestRows = total;
  for (const term of filter.type === 'and' ? filter.terms : [filter]) {
    const sources = sourcesOf(connection, term);
    if (sources === null || sources.length > MAX_SOURCES) continue;
    const rows = sources.reduce((sum, source) => sum + source.rows, 0);
    if (rows >= bestRows) continue;
    best = sources;
    bestRows = rows;
  }
  return best;
}

function sourcesOf(connection: Connection, term: Filter): Source[] | null {
  if (term.type === 'state')
    return byState(
      connection,
      term.states.map((state) => STATE_NUMBER[state]),
    );
  if (term.type === 'is') {
    if (term.word === 'resent') return null;
    if (term.word === 'revoking') return byState(connection, UNFINISHED_NUMBERS);
    return byState(connection, term.word === 'finished' ? FINAL_NUMBERS : UNFINISHED_NUMBERS);
  }
  if (term.type !== 'match') return null;
  const { field, patterns } = term;
  if (field === 'name' || field === 'worker' || field === 'queue') {
    const dimension = field === 'name' ? 'type' : field;
    return nameIds(dimension, patterns, connection.names).map((id) => ({
      index: `task_${dimension}`,
      where: `${dimension}_id = ?`,
      value: id,
      rows: countOf(connection, dimension, id),
      small: false,
    }));
  }
  if (field === 'parent' && patterns.every(({ wildcard }) => !wildcard)) {
    return patterns.map(({ text }) => ({
      index: 'task_parent',
      where: 'parent = ?',
      value: encodeId(text),
      rows: 1,
      small: true,
    }));
  }
  return null;
}

function byState(connection: Connection, states: readonly number[]): Source[] {
  return states.map((state) => ({
    index: 'task_state',
    where: 'state = ?',
    value: state,
    rows: countOf(connection, 'all', 0, state),
    small: false,
  }));
}

/** The counter of a value, in one state or in all. */
export function countOf(
  { db }: Connection,
  dimension: Dimension,
  key: number,
  state?: number,
): number {
  const sql = 'SELECT coalesce(sum(n), 0) FROM counter WHERE dim = ? AND key = ?';
  return state === undefined
    ? (db.prepare(sql).pluck().get(DIMENSION[dimension], key) as number)
    : (db.prepare(`${sql} AND state = ?`).pluck().get(DIMENSION[dimension], key, state) as number);
}
