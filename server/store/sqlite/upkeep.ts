// What outlives the tasks, kept from growing for ever: a few names and one block of search lines a step, round and round.
// Names that no task, metric or sample uses any more go with their totals; hours of metrics go after ninety days; blocks
// whose lines are mostly of removed tasks are written anew. Works inside a transaction of the writer.
import type { Database, Statement } from 'better-sqlite3';
import type { WritableNames } from './names.ts';
import { HOUR_MS } from './rollups.ts';

const HOURS_KEPT_MS = 90 * 24 * HOUR_MS;
const NAMES_A_STEP = 20;

type NameRow = { id: number; kind: number; text: string };
type Block = { id: number; live: number; row_ids: Buffer; body: Buffer };

export class Upkeep {
  private readonly nextNames: Statement;
  private readonly dropHours: Statement;
  private readonly isUsed: Statement;
  private readonly dropName: Statement[];
  private readonly nextBlock: Statement;
  private readonly liveRows: Statement;
  private readonly rewrite: Statement;
  private readonly setLive: Statement;
  private readonly dropBlock: Statement;
  private nameCursor = 0;
  private blockCursor = 0;

  constructor(db: Database) {
    // The newest name stays, so that no number is given twice; `origin` names are few.
    this.nextNames = db.prepare(
      `SELECT id, kind, text FROM name
       WHERE id > ? AND id < (SELECT max(id) FROM name) AND kind <= 3 ORDER BY id LIMIT ${NAMES_A_STEP}`,
    );
    this.dropHours = db.prepare('DELETE FROM roll_hour WHERE dim = ? AND key = ? AND at < ?');
    this.isUsed = db
      .prepare(
        `SELECT EXISTS (SELECT 1 FROM counter WHERE dim = @kind AND key = @id AND n <> 0)
         OR EXISTS (SELECT 1 FROM roll_minute WHERE dim = @kind AND key = @id)
         OR EXISTS (SELECT 1 FROM roll_hour WHERE dim = @kind AND key = @id)
         OR (@kind = 3 AND EXISTS (SELECT 1 FROM queue_sample WHERE queue_id = @id))`,
      )
      .pluck();
    this.dropName = [
      db.prepare('DELETE FROM roll_total WHERE dim = @kind AND key = @id'),
      db.prepare('DELETE FROM counter WHERE dim = @kind AND key = @id'),
      db.prepare('DELETE FROM name WHERE id = @id AND kind = @kind'),
    ];
    this.nextBlock = db.prepare(
      'SELECT id, live, row_ids, body FROM text_block WHERE id > ? ORDER BY id LIMIT 1',
    );
    this.liveRows = db
      .prepare('SELECT id FROM task WHERE block = ? AND id IN (SELECT value FROM json_each(?))')
      .pluck();
    this.rewrite = db.prepare('UPDATE text_block SET live = ?, row_ids = ?, body = ? WHERE id = ?');
    this.setLive = db.prepare('UPDATE text_block SET live = ? WHERE id = ?');
    this.dropBlock = db.prepare('DELETE FROM text_block WHERE id = ?');
  }

  step(now: number, names: WritableNames): void {
    this.tidyNames(now, names);
    this.tidyBlock();
  }

  private tidyNames(now: number, names: WritableNames): void {
    const rows = this.nextNames.all(this.nameCursor) as NameRow[];
    this.nameCursor = rows.length < NAMES_A_STEP ? 0 : (rows.at(-1)?.id ?? 0);
    this.dropHours.run(0, 0, now - HOURS_KEPT_MS);
    for (const { id, kind, text } of rows) {
      this.dropHours.run(kind, id, now - HOURS_KEPT_MS);
      if (this.isUsed.get({ id, kind }) === 1) continue;
      for (const statement of this.dropName) statement.run({ id, kind });
      names.forget(id, text);
    }
  }

  private tidyBlock(): void {
    const block = this.nextBlock.get(this.blockCursor) as Block | undefined;
    this.blockCursor = block?.id ?? 0;
    if (block === undefined) return;
    const { buffer, byteOffset, byteLength } = block.row_ids;
    const rowIds = [...new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength))];
    const alive = new Set(this.liveRows.all(block.id, JSON.stringify(rowIds)) as number[]);
    if (alive.size === 0) {
      this.dropBlock.run(block.id);
      return;
    }
    if (alive.size * 2 >= rowIds.length) {
      if (alive.size !== block.live) this.setLive.run(alive.size, block.id);
      return;
    }
    const lines = block.body.toString('utf8').slice(1, -1).split('\n');
    // A task that ended twice has two lines; the later one is its own.
    const kept = new Map<number, string>();
    rowIds.forEach((rowId, index) => {
      if (alive.has(rowId)) kept.set(rowId, lines[index] ?? '');
    });
    const rows = Buffer.from(Int32Array.from(kept.keys()).buffer);
    const body = Buffer.from(`\n${[...kept.values()].join('\n')}\n`, 'utf8');
    this.rewrite.run(kept.size, rows, body, block.id);
  }
}
