// Removes what is too old or too much, in small steps: finished tasks, oldest first; unfinished ones only when nothing
// finished is left to remove. Roll-ups, samples and gaps age with them.
import type { Database, Statement } from 'better-sqlite3';
import type { RetentionOptions } from '../store.ts';
import type { Counters } from './counters.ts';
import type { WritableNames } from './names.ts';
import { rollOneHour } from './roll-hours.ts';
import { Upkeep } from './upkeep.ts';
import { ID_BLOCK_ROWS, type IdIndex } from './id-index.ts';
import { decodeId, hashId } from './task-id.ts';
import { FINAL_NUMBERS as FINAL, STATE_NUMBER, UNFINISHED_NUMBERS as OPEN } from './task-row.ts';

const STEP_ROWS = 1000;
const SAMPLES_KEPT_MS = 8 * 86_400_000;
const GAPS_KEPT_MS = 90 * 86_400_000;
/** Samples older than this are thinned to one a minute and queue. */
const SAMPLES_THICK_MS = 3 * 3_600_000;
const THINNED_AT_ONCE_MS = 600_000;
const MINUTE_MS = 60_000;

type Doomed = {
  id: number;
  uid: unknown;
  state: number;
  type_id: number;
  worker_id: number;
  queue_id: number;
  updated_at: number;
  flags: number;
  block: number | null;
};

export class Retention {
  private readonly db: Database;
  private readonly options: RetentionOptions;
  private readonly oldest: Statement;
  private readonly drop: Statement;
  private readonly dropLong: Statement;
  private readonly releaseLine: Statement;
  private readonly dropTail: Statement;
  private readonly dropBlocks: Statement;
  private readonly dropIdBlock: Statement;
  private readonly dropSamples: Statement;
  private readonly thinSamples: Statement;
  private readonly oldestSample: Statement;
  private readonly dropGaps: Statement;
  private readonly upkeep: Upkeep;
  private thinnedUpTo: number | null = null;

  constructor(db: Database, options: RetentionOptions) {
    this.db = db;
    this.options = options;
    this.upkeep = new Upkeep(db);
    this.oldest = db.prepare(
      `SELECT id, uid, state, type_id, worker_id, queue_id, updated_at, flags, block
       FROM task INDEXED BY task_state WHERE state = ? AND updated_at < ? ORDER BY updated_at, id LIMIT ?`,
    );
    this.drop = db.prepare('DELETE FROM task WHERE id = ?');
    this.dropLong = db.prepare('DELETE FROM long_text WHERE task_id = ?');
    this.releaseLine = db.prepare('UPDATE text_block SET live = live - 1 WHERE id = ?');
    this.dropTail = db.prepare('DELETE FROM text_tail WHERE task_id = ?');
    this.dropBlocks = db.prepare('DELETE FROM text_block WHERE id = ? AND live <= 0');
    this.dropSamples = db.prepare(
      `DELETE FROM queue_sample WHERE (queue_id, at) IN
       (SELECT queue_id, at FROM queue_sample INDEXED BY queue_sample_at WHERE at < ? LIMIT 500)`,
    );
    this.thinSamples = db.prepare(
      `DELETE FROM queue_sample WHERE (queue_id, at) IN
       (SELECT queue_id, at FROM
         (SELECT queue_id, at, max(at) OVER (PARTITION BY queue_id, at / ${MINUTE_MS}) AS newest
          FROM queue_sample INDEXED BY queue_sample_at WHERE at >= ? AND at < ?)
        WHERE at < newest)`,
    );
    this.oldestSample = db.prepare('SELECT min(at) FROM queue_sample').pluck();
    this.dropGaps = db.prepare('DELETE FROM gap WHERE started_at < ?');
    this.dropIdBlock = db.prepare(
      'DELETE FROM id_block WHERE id = ? AND NOT EXISTS (SELECT 1 FROM task WHERE task.id >= ? AND task.id < ?)',
    );
  }

  fileBytes(): number {
    return this.pages() * (this.db.pragma('page_size', { simple: true }) as number);
  }

  /** One step; the number of tasks removed. */
  step(now: number, parts: { counters: Counters; ids: IdIndex; names: WritableNames }): number {
    const { maxAgeMs, failureMaxAgeMs } = this.options;
    rollOneHour(this.db, now);
    this.upkeep.step(now, parts.names);
    this.dropSamples.run(now - SAMPLES_KEPT_MS);
    this.dropGaps.run(now - GAPS_KEPT_MS);
    this.thin(now);
    const doomed = new Map<number, Doomed>();
    if (maxAgeMs !== null) {
      const before = now - maxAgeMs;
      const failuresBefore = now - Math.max(maxAgeMs, failureMaxAgeMs ?? 0);
      for (const state of FINAL) {
        this.choose(
          doomed,
          [state],
          state === STATE_NUMBER.failure ? failuresBefore : before,
          STEP_ROWS,
        );
      }
      if (doomed.size === 0) this.choose(doomed, OPEN, before, STEP_ROWS);
    }
    const excess = Math.min(STEP_ROWS, this.excess(parts.counters.total) - doomed.size);
    if (excess > 0) {
      this.choose(doomed, FINAL, Infinity, doomed.size + excess);
      if (doomed.size < excess) this.choose(doomed, OPEN, Infinity, excess);
    }
    this.remove([...doomed.values()], parts);
    return doomed.size;
  }

  /** Ten minutes of samples a step, from the oldest on; whole minutes, each once. */
  private thin(now: number): void {
    const oldest = this.thinnedUpTo ?? (this.oldestSample.get() as number | null);
    if (oldest === null) return;
    const from = Math.floor(oldest / MINUTE_MS) * MINUTE_MS;
    const due = Math.floor((now - SAMPLES_THICK_MS) / MINUTE_MS) * MINUTE_MS;
    const to = Math.min(from + THINNED_AT_ONCE_MS, due);
    if (to <= from) return;
    this.thinSamples.run(from, to);
    this.thinnedUpTo = to;
  }

  /** The oldest of these states until `upTo` are chosen. */
  private choose(
    doomed: Map<number, Doomed>,
    states: readonly number[],
    before: number,
    upTo: number,
  ): void {
    const rows = states.flatMap((state) => this.oldest.all(state, before, upTo) as Doomed[]);
    rows.sort((a, b) => a.updated_at - b.updated_at);
    for (const row of rows) {
      if (doomed.size >= upTo) return;
      doomed.set(row.id, row);
    }
  }

  private excess(total: number): number {
    const { maxTasks, maxBytes } = this.options;
    const byCount = maxTasks === null ? 0 : total - maxTasks;
    return Math.max(byCount, maxBytes !== null && this.usedBytes() > maxBytes ? STEP_ROWS : 0);
  }

  private remove(
    rows: readonly Doomed[],
    { counters, ids }: { counters: Counters; ids: IdIndex },
  ): void {
    const blocks = new Set<number>();
    const idBlocks = new Set<number>();
    for (const row of rows) {
      this.drop.run(row.id);
      if (row.flags !== 0) this.dropLong.run(row.id);
      counters.add(row, -1);
      ids.remove(hashId(decodeId(row.uid)), row.id);
      idBlocks.add(Math.floor(row.id / ID_BLOCK_ROWS));
      if (row.block === null) continue;
      this.releaseLine.run(row.block);
      this.dropTail.run(row.id);
      blocks.add(row.block);
    }
    for (const block of blocks) this.dropBlocks.run(block);
    ids.flush();
    for (const block of idBlocks) {
      this.dropIdBlock.run(block, block * ID_BLOCK_ROWS, (block + 1) * ID_BLOCK_ROWS);
    }
  }

  private pages(): number {
    return this.db.pragma('page_count', { simple: true }) as number;
  }

  private usedBytes(): number {
    const free = this.db.pragma('freelist_count', { simple: true }) as number;
    return (this.pages() - free) * (this.db.pragma('page_size', { simple: true }) as number);
  }
}
