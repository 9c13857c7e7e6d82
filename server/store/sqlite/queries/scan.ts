// Walks one source in the order of its index, newest (or oldest) first, a stretch of some thousand entries at a time, so that a filter
// that matches nothing ends when its budget does and can say how far it came.
import type { Database } from 'better-sqlite3';
import type { Sql } from './compile-filter.ts';
import type { Position } from './cursor.ts';
import type { Source } from './plan.ts';

export type Budget = { endsAt: number; rows: number };

/** `index`: another than the source's; `rowid`: none, in the order of the rows. */
export type ScanOrder = { column: string; index: string | null; descending: boolean };

export type Stretch<Row> = {
  rows: Row[];
  /** The last index entry that was looked at; null: the source is finished. */
  reached: Position | null;
};

const FIRST_STRETCH = 1000;
const LONGEST_STRETCH = 16_000;

/** Rows of `select` that match, stretch by stretch. `from`: only entries at or after this time. */
export function* scan<Row>(
  db: Database,
  source: Source,
  query: {
    select: string;
    filter: Sql;
    order: ScanOrder;
    after: Position | null;
    from: number | null;
    limit: number;
    tail?: string;
  },
  budget: Budget,
): Generator<Stretch<Row>> {
  const { column, descending } = query.order;
  const index = query.order.index ?? source.index;
  const by = index === 'rowid' ? 'NOT INDEXED' : `INDEXED BY ${index}`;
  const direction = descending ? 'DESC' : 'ASC';
  const past = descending ? '<' : '>';
  const until = descending ? '>=' : '<=';
  const bounds = `${source.where}${query.from === null ? '' : ` AND updated_at >= ${query.from}`}`;
  const beyond = (after: Position | null): string =>
    after === null ? '' : ` AND (${column}, id) ${past} (?, ?)`;
  const valuesOf = (after: Position | null): unknown[] =>
    after === null ? [] : [after.key, after.id];
  let { after } = query;
  let left = query.limit;
  for (let size = FIRST_STRETCH; left > 0; size = Math.min(size * 4, LONGEST_STRETCH)) {
    const edge = db
      .prepare(
        `SELECT ${column} AS key, id FROM task ${by} WHERE ${bounds} AND ${column} IS NOT NULL${beyond(after)} ORDER BY ${column} ${direction}, id ${direction} LIMIT 1 OFFSET ${size - 1}`,
      )
      .get(source.value, ...valuesOf(after)) as Position | undefined;
    const rows = db
      .prepare(
        `SELECT ${query.select} FROM task ${by} WHERE ${bounds} AND ${column} IS NOT NULL${beyond(after)}${edge === undefined ? '' : ` AND (${column}, id) ${until} (?, ?)`} AND ${query.filter.text} ${query.tail ?? `ORDER BY ${column} ${direction}, id ${direction}`} LIMIT ${left}`,
      )
      .all(
        source.value,
        ...valuesOf(after),
        ...valuesOf(edge ?? null),
        ...query.filter.values,
      ) as Row[];
    left -= rows.length;
    yield { rows, reached: edge ?? null };
    if (edge === undefined) return;
    after = edge;
    budget.rows -= size;
    if (budget.rows <= 0 || Date.now() >= budget.endsAt) return;
  }
}
