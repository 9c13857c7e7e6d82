// Substring search: bytes of the text blocks, newest first, propose rows; the filter itself decides. Unfinished tasks and
// the lines that fill no block yet are looked at apart; types whose name has the word bring their own rows.
import type { Filter } from '../../../../lib/filter/filter.ts';
import { UNFINISHED_NUMBERS } from '../task-row.ts';
import { searchable } from '../text-lines.ts';
import { typesWithText } from './compile-filter.ts';
import type { BlockTimes, Connection } from './connection.ts';
import type { Position } from './cursor.ts';
import type { Hit, Hits, Question } from './list-tasks.ts';
import type { Source } from './plan.ts';
import { scan, type Budget } from './scan.ts';

export type Needle = { text: string; isFree: boolean };
type TextHit = Hit & { at: number };
type Page = { after: Position | null; want: number };

const LINES = new Set(['args', 'kwargs', 'result', 'exception']);
const MAX_HITS = 20_000;
const NEWEST_FIRST = { column: 'updated_at', index: null, descending: true };

/** The longest text that every match must contain; null when there is none. */
export function needleOf(filter: Filter): Needle | null {
  let best: Needle | null = null;
  for (const term of filter.type === 'and' ? filter.terms : [filter]) {
    let needle: Needle | null = null;
    if (term.type === 'text') needle = { text: term.text, isFree: true };
    else if (term.type === 'match' && LINES.has(term.field) && term.patterns.length === 1) {
      const [pattern] = term.patterns;
      const text = pattern?.wildcard === true ? longestPiece(pattern.text) : (pattern?.text ?? '');
      if (text !== '') needle = { text, isFree: false };
    }
    if (needle !== null && needle.text.length > (best?.text.length ?? 0)) best = needle;
  }
  return best;
}

function longestPiece(pattern: string): string {
  return pattern
    .split(/[*?]+/)
    .reduce((best, piece) => (piece.length > best.length ? piece : best), '');
}

/** `page`: newest first is asked for, so enough is enough; null: everything, within the budget. */
export function gatherByText(
  question: Question,
  needle: Needle,
  column: string,
  page: Page | null,
  budget: Budget,
): Hits {
  const { db } = question.connection;
  const found = new Map<number, TextHit>();
  const check = checker(question, column, page?.after ?? null);
  const beside = { ...budget, endsAt: (Date.now() + budget.endsAt) / 2 };
  let stoppedAt = addBeside(question, needle, column, page, beside, found);
  check(db.prepare('SELECT task_id FROM text_tail').pluck().all() as number[], found);
  const blocks = blockTimes(question.connection);
  let remaining = 0;
  const newestUpTo = blocks.map((block) => (remaining = Math.max(remaining, block.newest_at)));
  const readBody = db.prepare('SELECT body FROM text_block WHERE id = ?').pluck();
  const readRows = db.prepare('SELECT row_ids FROM text_block WHERE id = ?').pluck();
  const bytes = Buffer.from(searchable(needle.text), 'utf8');
  const newestAsked = page?.after == null ? Infinity : Number(page.after.key);
  let counted = -1;
  let scanned = 0;
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    const block = blocks[index];
    if (block === undefined) break;
    remaining = newestUpTo[index] ?? 0;
    if (question.from !== null && remaining < question.from) break;
    if (page !== null && found.size >= page.want && counted !== found.size) {
      counted = found.size;
      if (hasEnough(found.values(), remaining, page.want)) {
        return { hits: after(found, stoppedAt), complete: false, searchedBackTo: stoppedAt };
      }
    }
    if (scanned > 0 && (Date.now() >= budget.endsAt || found.size >= MAX_HITS)) {
      stoppedAt = Math.max(stoppedAt ?? 0, remaining);
      break;
    }
    if (block.oldest_at > newestAsked) continue;
    scanned += 1;
    const body = readBody.get(block.id) as Buffer | undefined;
    if (body === undefined || !body.includes(bytes)) continue;
    check(linesWith(body, readRows.get(block.id) as Buffer, bytes), found);
  }
  if (page === null || stoppedAt === null) {
    return { hits: [...found.values()], complete: stoppedAt === null, searchedBackTo: stoppedAt };
  }
  const stopped = { complete: false, searchedBackTo: stoppedAt };
  const hits = after(found, stoppedAt);
  if (stoppedAt >= newestAsked) return { hits, ...stopped };
  return { hits, ...stopped, resume: { key: stoppedAt, id: Number.MAX_SAFE_INTEGER } };
}

/** Those that are surely in order: nothing that was not looked at comes before them. */
function after(found: ReadonlyMap<number, TextHit>, time: number | null): TextHit[] {
  const hits = [...found.values()];
  return time === null ? hits : hits.filter((hit) => hit.at > time);
}

/** Those that were added since the last search are read; a removed one does no harm here. */
function blockTimes(connection: Connection): BlockTimes[] {
  const { blocks } = connection;
  const newer = connection.db
    .prepare('SELECT id, newest_at, oldest_at FROM text_block WHERE id > ? ORDER BY id')
    .all(blocks.at(-1)?.id ?? 0) as BlockTimes[];
  blocks.push(...newer);
  return blocks;
}

type Check = (ids: readonly number[], found: Map<number, TextHit>) => void;

/** Adds those of the proposed rows that match and lie past the page before. */
function checker(
  { connection, sql, from }: Question,
  column: string,
  after: Position | null,
): Check {
  const range = from === null ? '' : ` AND updated_at >= ${from}`;
  const beyond = after === null ? '' : ' AND (updated_at, id) < (?, ?)';
  const statement = connection.db.prepare(
    `SELECT id, ${column} AS key, updated_at AS at FROM task WHERE id IN (SELECT value FROM json_each(?))${range}${beyond} AND ${sql.text}`,
  );
  const position = after === null ? [] : [after.key, after.id];
  return (ids, found) => {
    if (ids.length === 0) return;
    const hits = statement.all(JSON.stringify(ids), ...position, ...sql.values) as TextHit[];
    for (const hit of hits) found.set(hit.id, hit);
  };
}

/** What the blocks do not hold: unfinished tasks, and tasks whose type has the word. Says where it had to stop. */
function addBeside(
  question: Question,
  needle: Needle,
  column: string,
  page: Page | null,
  budget: Budget,
  found: Map<number, TextHit>,
): number | null {
  const { connection, sql, from } = question;
  const limit = page?.want ?? MAX_HITS;
  const select = `id, ${column} AS key, updated_at AS at`;
  const after = page?.after ?? null;
  let stoppedAt: number | null = null;
  for (const source of sourcesBeside(question, needle)) {
    const query = { select, filter: sql, order: NEWEST_FIRST, after, from, limit };
    let reached: number | null = null;
    let count = 0;
    for (const stretch of scan<TextHit>(connection.db, source, query, { ...budget })) {
      for (const hit of stretch.rows) found.set(hit.id, hit);
      count += stretch.rows.length;
      reached = stretch.reached === null ? null : Number(stretch.reached.key);
    }
    if (reached !== null && count < limit) stoppedAt = Math.max(stoppedAt ?? 0, reached);
  }
  return stoppedAt;
}

function sourcesBeside({ connection }: Question, needle: Needle): Source[] {
  const source = (dimension: 'state' | 'type', where: string, value: number): Source => {
    return { index: `task_${dimension}`, where, value, rows: 0, small: false };
  };
  const unfinished = UNFINISHED_NUMBERS.map((state) => source('state', 'state = ?', state));
  if (!needle.isFree) return unfinished;
  const types = typesWithText(needle.text, connection.names);
  return [...unfinished, ...types.map((type) => source('type', 'type_id = ?', type))];
}

function hasEnough(hits: Iterable<TextHit>, remaining: number, want: number): boolean {
  let sure = 0;
  for (const hit of hits) if (hit.at > remaining) sure += 1;
  return sure >= want;
}

/** The rows whose line has these bytes. */
function linesWith(body: Buffer, rowIds: Buffer, needle: Buffer): number[] {
  const ids: number[] = [];
  let line = 0;
  let start = 0;
  for (let at = body.indexOf(needle); at >= 0;) {
    for (let end = body.indexOf(10, start); end >= 0 && end < at; end = body.indexOf(10, start)) {
      line += 1;
      start = end + 1;
    }
    if (line > 0 && line * 4 <= rowIds.length) ids.push(rowIds.readInt32LE((line - 1) * 4));
    const next = body.indexOf(10, at);
    at = next < 0 ? -1 : body.indexOf(needle, next);
  }
  return ids;
}
