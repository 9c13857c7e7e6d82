// Pages in the order of a time that has no index of its own: when a task was received, started or finished. For most
// tasks such a time lies close to their last fact, and the index of the last facts leads to them; the others stand apart
// in a partial index, in order. Both are walked from where the page before ended and merged; tasks without that time
// come last, in the order of their rows. Where time runs out, the next page goes on.
import { comparePositions, type Position } from './cursor.ts';
import type { Hit, Hits, Question } from './list-tasks.ts';
import type { Source } from './plan.ts';
import { scan, type Budget } from './scan.ts';

/** As in the schema's partial indexes. */
const APART_MS = 250;
const NO_LIMIT = 1e9;
const COLUMNS: Readonly<Record<string, string>> = {
  received: 'received_at',
  started: 'started_at',
  finished: 'finished_at',
};

type Walk = {
  question: Question;
  column: string;
  descending: boolean;
  after: Position | null;
  want: number;
  budget: Budget;
};
/** `until`: everything up to here was seen; null: everything there is. */
type Seen = { hits: Hit[]; until: Position | null };

export function timeColumnOf(sort: string): string | null {
  return COLUMNS[sort] ?? null;
}

export function pageByTime(walk: Walk, sources: readonly Source[]): Hits {
  const { want, after, descending } = walk;
  const parts: Seen[] = [];
  if (after?.key !== null) {
    parts.push(apart(walk));
    for (const source of sources) parts.push(close(walk, source));
  }
  let until = parts.reduce<Position | null>((nearest, part) => {
    if (part.until === null) return nearest;
    if (nearest === null) return part.until;
    return comparePositions(part.until, nearest, descending) < 0 ? part.until : nearest;
  }, null);
  const found = new Map<number, Hit>();
  for (const hit of parts.flatMap((part) => part.hits)) {
    if (until === null || comparePositions(hit, until, descending) <= 0) found.set(hit.id, hit);
  }
  const hits = [...found.values()].sort((a, b) => comparePositions(a, b, descending));
  if (until === null && hits.length < want) {
    const rest = withoutTime(walk, want - hits.length);
    hits.push(...rest.hits);
    ({ until } = rest);
  }
  if (until === null) return { hits: hits.slice(0, want), complete: true, searchedBackTo: null };
  return { hits: hits.slice(0, want), complete: false, searchedBackTo: null, resume: until };
}

/** Tasks whose time is not close to their last fact, in order. */
function apart({ question, column, descending, after, want, budget }: Walk): Seen {
  const source: Source = {
    index: `task_${column.replace('_at', '')}_apart`,
    where: `abs(updated_at - ${column}) > ${APART_MS} AND 1 = ?`,
    value: 1,
    rows: 0,
    small: false,
  };
  const order = { column, index: null, descending };
  const select = `id, ${column} AS key`;
  const { sql: filter, from } = question;
  const query = { select, filter, order, after, from, limit: want };
  const seen: Seen = { hits: [], until: null };
  for (const { rows, reached } of scan<Hit>(question.connection.db, source, query, { ...budget })) {
    seen.hits.push(...rows);
    seen.until = reached;
  }
  if (seen.hits.length >= want) seen.until = seen.hits.at(-1) ?? null;
  return seen;
}

/** The others, in the order of their last facts: what the walk has left behind by more than the distance is complete. */
function close(walk: Walk, source: Source): Seen {
  const { question, column, descending, after, want, budget } = walk;
  const towards = descending ? 1 : -1;
  const start =
    after === null
      ? null
      : {
          key: Number(after.key) + towards * APART_MS,
          id: descending ? Number.MAX_SAFE_INTEGER : 0,
        };
  const filter = {
    text: `abs(updated_at - ${column}) <= ${APART_MS} AND ${question.sql.text}`,
    values: question.sql.values,
  };
  const order = { column: 'updated_at', index: null, descending };
  const select = `id, ${column} AS key`;
  const query = { select, filter, order, after: start, from: question.from, limit: NO_LIMIT };
  const hits: Hit[] = [];
  const endless = { endsAt: Infinity, rows: Infinity };
  for (const { rows, reached } of scan<Hit>(question.connection.db, source, query, endless)) {
    for (const hit of rows) {
      if (after === null || comparePositions(hit, after, descending) > 0) hits.push(hit);
    }
    if (reached === null) return { hits, until: null };
    const key = Number(reached.key) + towards * APART_MS;
    const until = { key, id: descending ? Number.MAX_SAFE_INTEGER : -1 };
    if (after !== null && comparePositions(until, after, descending) <= 0) continue;
    const sure = hits.filter((hit) => comparePositions(hit, until, descending) <= 0);
    if (sure.length >= want || Date.now() >= budget.endsAt) return { hits: sure, until };
  }
  return { hits, until: null };
}

function withoutTime({ question, column, descending, after, budget }: Walk, want: number): Seen {
  const source: Source = {
    index: 'rowid',
    where: '1 = ?',
    value: 1,
    rows: 0,
    small: false,
  };
  const { sql, from } = question;
  const filter = { text: `${column} IS NULL AND ${sql.text}`, values: sql.values };
  const order = { column: 'id', index: null, descending };
  const start = after?.key === null ? { key: after.id, id: after.id } : null;
  const query = { select: 'id, NULL AS key', filter, order, after: start, from, limit: want };
  const seen: Seen = { hits: [], until: null };
  for (const { rows, reached } of scan<Hit>(question.connection.db, source, query, { ...budget })) {
    seen.hits.push(...rows);
    seen.until = reached === null ? null : { key: null, id: reached.id };
  }
  if (seen.hits.length >= want) seen.until = seen.hits.at(-1) ?? null;
  return seen;
}
