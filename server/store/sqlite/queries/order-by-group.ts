// Pages in the order of a property that many tasks share: type, worker, state, retries. Each value has a stretch of an
// index in the order of the last facts; the stretches are walked one after the other, in the order of their values, from
// where the page before ended. Unknown values come last. Where time runs out, the next page goes on.
import { DIMENSION } from '../counters.ts';
import { comparePositions, type Position, type SortKey } from './cursor.ts';
import type { Connection } from './connection.ts';
import type { Hit, Hits, Question } from './list-tasks.ts';
import type { Source } from './plan.ts';
import { scan, type Budget } from './scan.ts';

/** `only`: what the index does not say. */
type Group = { key: SortKey; source: Source; only: string };

export function isGrouped(sort: string): boolean {
  return sort === 'type' || sort === 'worker' || sort === 'state' || sort === 'retries';
}

export function pageByGroup(
  question: Question,
  sort: string,
  { descending, after, want }: { descending: boolean; after: Position | null; want: number },
  budget: Budget,
): Hits {
  const hits: Hit[] = [];
  const { sql } = question;
  for (const { key, source, only } of groupsOf(question.connection, sort, descending)) {
    const isBehind =
      after !== null && comparePositions({ key, id: 0 }, { key: after.key, id: 0 }, descending) < 0;
    if (isBehind) continue;
    const start =
      after !== null && after.key === key ? { key: after.at ?? null, id: after.id } : null;
    const query = {
      select: 'id, updated_at AS key',
      filter: { text: only + sql.text, values: sql.values },
      order: { column: 'updated_at', index: null, descending },
      after: start,
      from: question.from,
      limit: want - hits.length,
    };
    let reached: Position | null = null;
    for (const stretch of scan<Hit>(question.connection.db, source, query, budget)) {
      for (const row of stretch.rows) hits.push({ key, id: row.id, at: Number(row.key) });
      ({ reached } = stretch);
    }
    if (hits.length >= want) return { hits, complete: false, searchedBackTo: null };
    if (reached !== null) {
      const resume = { key, id: reached.id, at: Number(reached.key) };
      return { hits, complete: false, searchedBackTo: null, resume };
    }
  }
  return { hits, complete: true, searchedBackTo: null };
}

function groupsOf(connection: Connection, sort: string, descending: boolean): Group[] {
  const { db, names } = connection;
  const group = (key: SortKey, index: string, where: string, value: number): Group => ({
    key,
    source: { index, where, value, rows: 0, small: false },
    only: '',
  });
  let groups: Group[];
  if (sort === 'retries') {
    const counts = db.prepare(
      'SELECT DISTINCT retries FROM task INDEXED BY task_retried WHERE retries > 0',
    );
    groups = (counts.pluck().all() as number[]).map((n) =>
      group(n, 'task_retried', 'retries > 0 AND retries = ?', n),
    );
    groups.push({ ...group(0, 'task_updated', '1 = ?', 1), only: 'retries = 0 AND ' });
  } else {
    const dimension = sort === 'state' ? 'all' : (sort as 'type' | 'worker');
    const column = sort === 'state' ? 'state' : 'key';
    const values = db
      .prepare(`SELECT DISTINCT ${column} FROM counter WHERE dim = ? AND n > 0`)
      .pluck()
      .all(DIMENSION[dimension]) as number[];
    groups = values.map((value) =>
      sort === 'state'
        ? group(value, 'task_state', 'state = ?', value)
        : group(names.text(value), `task_${sort}`, `${sort}_id = ?`, value),
    );
  }
  const place = ({ key }: Group): Position => ({ key, id: 0 });
  return groups.sort((a, b) => comparePositions(place(a), place(b), descending));
}
