// The searchable text of finished tasks: one lower-cased line a task, 512 lines a block, scanned by readers as bytes.
// Lines that do not fill a block yet are rows of `text_tail`. A line may be out of date, never missing: searches check
// every task that a line proposes. Unfinished tasks have no line; searches look at them directly.
import type { Database, Statement } from 'better-sqlite3';
import type { TaskRecord } from '../task-record.ts';

const BLOCK_LINES = 512;
const BLOCK_CHARS = 512 * 1024;
const FIELD_CHARS = 4096;

type Line = { rowId: number; updatedAt: number; line: string };

export class TextLines {
  private lines: Line[] = [];
  private chars = 0;
  private next: number;
  private fresh = 0;
  private readonly insertBlock: Statement;
  private readonly insertTail: Statement;
  private readonly clearTail: Statement;
  private readonly release: Statement;

  constructor(db: Database) {
    this.insertBlock = db.prepare(
      'INSERT INTO text_block (id, newest_at, oldest_at, live, row_ids, body) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.insertTail = db.prepare(
      'INSERT OR REPLACE INTO text_tail (task_id, updated_at, line) VALUES (?, ?, ?)',
    );
    this.clearTail = db.prepare('DELETE FROM text_tail');
    this.release = db.prepare('UPDATE text_block SET live = live - 1 WHERE id = ?');
    this.next =
      1 + (db.prepare('SELECT coalesce(max(id), 0) FROM text_block').pluck().get() as number);
    const tail = db.prepare(
      'SELECT task_id AS rowId, updated_at AS updatedAt, line FROM text_tail ORDER BY rowid',
    );
    this.lines = tail.all() as Line[];
    this.chars = this.lines.reduce((sum, { line }) => sum + line.length, 0);
    this.fresh = this.lines.length;
  }

  /** Queues the line of a finished task and says in which block it will be. */
  add(record: TaskRecord, rowId: number): number {
    const line = lineOf(record);
    this.lines.push({ rowId, updatedAt: record.updatedAt, line });
    this.chars += line.length;
    const block = this.next;
    if (this.lines.length >= BLOCK_LINES || this.chars >= BLOCK_CHARS) this.seal();
    return block;
  }

  /** A task's line is no longer the one in this block. */
  forget(block: number): void {
    this.release.run(block);
  }

  flush(): void {
    for (; this.fresh < this.lines.length; this.fresh += 1) {
      const line = this.lines[this.fresh];
      if (line !== undefined) this.insertTail.run(line.rowId, line.updatedAt, line.line);
    }
  }

  private seal(): void {
    const rowIds = Int32Array.from(this.lines, ({ rowId }) => rowId);
    let [newestAt, oldestAt] = [0, Infinity];
    for (const { updatedAt } of this.lines) {
      newestAt = Math.max(newestAt, updatedAt);
      oldestAt = Math.min(oldestAt, updatedAt);
    }
    const body = Buffer.from(`\n${this.lines.map(({ line }) => line).join('\n')}\n`, 'utf8');
    const rows = Buffer.from(rowIds.buffer);
    this.insertBlock.run(this.next, newestAt, oldestAt, this.lines.length, rows, body);
    if (this.fresh > 0) this.clearTail.run();
    this.next += 1;
    this.lines = [];
    this.chars = 0;
    this.fresh = 0;
  }
}

function lineOf(record: TaskRecord): string {
  const line = `${record.id}\t${part(record.args)}\t${part(record.kwargs)}\t${part(record.result)}\t${part(record.exception)}`;
  return searchable(line);
}

function part(text: string | null): string {
  if (text === null) return '';
  return text.length > FIELD_CHARS ? text.slice(0, FIELD_CHARS) : text;
}

/** Text as lines hold it: lower case, one line. */
export function searchable(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes('\n') ? lower.replaceAll('\n', ' ') : lower;
}
