// A page of the task list. Where an index has the order, or nearly, the page is read in that order from where the one
// before ended. Small sets are gathered and sorted; so are the newest tasks for the sorts that no index helps (runtime,
// wait), within a budget. What was not looked at is said (`searchedBackTo`), never passed over.
import {
  RANGES,
  type RangeName,
  type TaskPage,
  type TaskSummary,
} from '../../../../lib/contract/index.ts';
import type { Filter } from '../../../../lib/filter/filter.ts';
import { parseFilter } from '../../../../lib/filter/parse.ts';
import { AppError } from '../../../core/errors.ts';
import type { TaskListQuery } from '../../store.ts';
import type { TaskRow } from '../task-row.ts';
import { compileFilter, type Sql } from './compile-filter.ts';
import type { Connection } from './connection.ts';
import { countMatches, type Count } from './count.ts';
import { comparePositions, decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { toSummary } from './get-task.ts';
import { isGrouped, pageByGroup } from './order-by-group.ts';
import { pageByTime, timeColumnOf } from './order-by-time.ts';
import { chooseSources, type Source } from './plan.ts';
import { scan, type Budget } from './scan.ts';
import { gatherByText, needleOf } from './text-search.ts';

const PAGE_BUDGET_MS = 80;
const TEXT_BUDGET_MS = 380;
const GATHER_ROWS = 100_000;
const SMALL_SET_ROWS = 5000;

const SORT_SQL: Readonly<Record<string, string>> = {
  updated: 'updated_at',
  received: 'received_at',
  started: 'started_at',
  finished: 'finished_at',
  runtime: 'runtime_ms',
  wait: 'wait_ms',
  type: 'type_id',
  state: 'state',
  worker: 'worker_id',
  retries: 'retries',
};

export type Question = { connection: Connection; filter: Filter; sql: Sql; from: number | null };
export type Hit = Position;
export type Hits = {
  hits: Hit[];
  complete: boolean;
  searchedBackTo: number | null;
  /** Where the next page goes on, when time ran out before this one was full. */
  resume?: Position;
};

/** Parses the filter and resolves the range; a filter that cannot be read is `bad_request`. */
export function ask(
  connection: Connection,
  query: { q: string; range: RangeName; now: number },
): Question {
  const parsed = parseFilter(query.q);
  if (!parsed.ok) {
    throw new AppError('bad_request', parsed.message, { details: { position: parsed.position } });
  }
  const { filter } = parsed;
  const asked = query.range === 'all' ? null : query.now - RANGES[query.range];
  const from = asked !== null && asked <= oldestTime(connection) ? null : asked;
  return {
    connection,
    filter,
    sql: compileFilter(filter, { names: connection.names, now: query.now }),
    from,
  };
}

function oldestTime({ db }: Connection): number {
  const oldest = db.prepare('SELECT min(updated_at) FROM task').pluck().get();
  return typeof oldest === 'number' ? oldest : Infinity;
}

export function listTasks(connection: Connection, query: TaskListQuery): TaskPage {
  const question = ask(connection, query);
  const after = decodeCursor(query.sort, query.cursor);
  const found = findHits(question, query, after);
  const page = found.hits.slice(0, query.limit);
  const last = page.at(-1);
  const hasMore = found.hits.length > query.limit;
  const version = versionOf(connection);
  const counted =
    after === null && !hasMore && found.complete
      ? { total: page.length, atLeast: page.length }
      : countOnce(question, `${query.range} ${query.q}`, version, found.hits.length);
  const next = hasMore ? last : found.resume;
  return {
    items: readPage(connection, page),
    nextCursor: next === undefined ? null : encodeCursor(query.sort, next),
    total: counted.total,
    totalAtLeast: counted.atLeast,
    version,
    at: query.now,
    searchedBackTo: hasMore ? null : found.searchedBackTo,
  };
}

/** Pages of one list share its count while nothing changes. */
function countOnce(question: Question, key: string, version: number, seen: number): Count {
  const { connection } = question;
  const known = connection.count;
  if (known !== null && known.version === version && known.key === key) return known.value;
  const value = countMatches(question, seen);
  connection.count = { key, version, value };
  return value;
}

export function versionOf({ db }: Connection): number {
  const text = db.prepare(`SELECT value FROM fact WHERE name = 'store.version'`).pluck().get();
  return typeof text === 'string' ? Number(text) : 0;
}

function findHits(question: Question, query: TaskListQuery, after: Position | null): Hits {
  const { connection, filter } = question;
  const sort = query.sort.replace(/^-/, '');
  const descending = query.sort.startsWith('-');
  const budget: Budget = { endsAt: Date.now() + PAGE_BUDGET_MS, rows: Infinity };
  const want = query.limit + 1;
  const needle = needleOf(filter);
  const sources = chooseSources(connection, filter);
  const candidates = sources.reduce((sum, source) => sum + source.rows, 0);
  const isSmall = candidates <= SMALL_SET_ROWS || sources.some((source) => source.small);
  if (needle !== null && !isSmall) {
    budget.endsAt += TEXT_BUDGET_MS - PAGE_BUDGET_MS;
    const order = sort === 'updated' && descending ? { after, want } : null;
    const gathered = gatherByText(question, needle, SORT_SQL[sort] ?? 'updated_at', order, budget);
    return sortHits(question, gathered, sort, descending, after, want);
  }
  if (sort === 'updated' && !sources.some((source) => source.small)) {
    return mergeSources(question, sources, descending, after, want, budget);
  }
  const timeColumn = timeColumnOf(sort);
  if (!isSmall && timeColumn !== null) {
    const walk = { question, column: timeColumn, descending, after, want, budget };
    return pageByTime(walk, sources);
  }
  if (!isSmall && isGrouped(sort)) {
    return pageByGroup(question, sort, { descending, after, want }, budget);
  }
  const gathered = gather(question, sources, SORT_SQL[sort] ?? 'updated_at', budget);
  return sortHits(question, gathered, sort, descending, after, want);
}

function mergeSources(
  question: Question,
  sources: readonly Source[],
  descending: boolean,
  after: Position | null,
  want: number,
  budget: Budget,
): Hits {
  const order = { column: 'updated_at', index: null, descending };
  const hits: Hit[] = [];
  let stoppedAt: Position | null = null;
  for (const source of sources) {
    const query = {
      select: 'id, updated_at AS key',
      filter: question.sql,
      order,
      after,
      from: question.from,
      limit: want,
    };
    let reached: Position | null = null;
    let found = 0;
    for (const stretch of scan<Hit>(question.connection.db, source, query, { ...budget })) {
      hits.push(...stretch.rows);
      found += stretch.rows.length;
      reached = stretch.reached;
    }
    if (
      found < want &&
      reached !== null &&
      (stoppedAt === null || isBefore(stoppedAt, reached, descending))
    ) {
      stoppedAt = reached;
    }
  }
  hits.sort((a, b) => comparePositions(a, b, descending));
  const limit = stoppedAt;
  if (limit === null) return { hits: hits.slice(0, want), complete: true, searchedBackTo: null };
  const sure = hits.filter((hit) => isBefore(hit, limit, descending));
  return {
    hits: sure.slice(0, want),
    complete: false,
    searchedBackTo: Number(limit.key),
    resume: limit,
  };
}

function isBefore(a: Position, b: Position, descending: boolean): boolean {
  return comparePositions(a, b, descending) <= 0;
}

function gather(
  question: Question,
  sources: readonly Source[],
  column: string,
  budget: Budget,
): Hits {
  const { connection, sql, from } = question;
  const hits: Hit[] = [];
  let searchedBackTo: number | null = null;
  for (const source of sources) {
    if (source.small) {
      const rows = connection.db
        .prepare(
          `SELECT id, ${column} AS key, updated_at AS at FROM task INDEXED BY ${source.index} WHERE ${source.where} ${from === null ? '' : `AND updated_at >= ${from}`} AND ${sql.text} LIMIT ?`,
        )
        .all(source.value, ...sql.values, GATHER_ROWS) as Hit[];
      hits.push(...rows);
      continue;
    }
    const order = { column: 'updated_at', index: null, descending: true };
    const query = {
      select: `id, ${column} AS key, updated_at AS at`,
      filter: sql,
      order,
      after: null,
      from,
      limit: GATHER_ROWS,
    };
    const share = { endsAt: budget.endsAt, rows: GATHER_ROWS / sources.length };
    for (const stretch of scan<Hit>(connection.db, source, query, share)) {
      hits.push(...stretch.rows);
      if (stretch.reached !== null && (share.rows <= 16_000 || Date.now() >= share.endsAt)) {
        searchedBackTo = Math.max(searchedBackTo ?? 0, Number(stretch.reached.key));
      }
    }
  }
  return { hits, complete: searchedBackTo === null, searchedBackTo };
}

function sortHits(
  { connection }: Question,
  gathered: Hits,
  sort: string,
  descending: boolean,
  after: Position | null,
  want: number,
): Hits {
  const named = sort === 'type' || sort === 'worker';
  const shared = isGrouped(sort);
  const seen = new Set<number>();
  const hits: Hit[] = [];
  for (const { id, key, at } of gathered.hits) {
    if (seen.has(id)) continue;
    seen.add(id);
    const hit: Hit = { id, key: named ? connection.names.text(Number(key)) : key };
    if (shared && at !== undefined) hit.at = at;
    if (after === null || comparePositions(hit, after, descending) > 0) hits.push(hit);
  }
  hits.sort((a, b) => comparePositions(a, b, descending));
  return { ...gathered, hits: hits.slice(0, want) };
}

function readPage(connection: Connection, page: readonly Hit[]): TaskSummary[] {
  const byRow = connection.db.prepare('SELECT * FROM task WHERE id = ?');
  return page.flatMap(({ id }) => {
    const row = byRow.get(id) as TaskRow | undefined;
    return row === undefined ? [] : [toSummary(connection, row)];
  });
}
