// The tasks that are held in memory: unfinished ones and those not written yet. Bounded: what is written and finished
// leaves at once, unfinished ones beyond the cap leave for the store and come back with their next fact.
import { FINAL_STATES } from '../../lib/contract/index.ts';
import { createTaskRecord, type TaskRecord } from '../store/task-record.ts';

export type LiveTask = { record: TaskRecord; dirty: boolean };

export type Shed = { taskCount: number; factCount: number };

const SAMPLE = 200;
const RECORD_BYTES = 600;
const FACT_BYTES = 120;

/** About. */
function bytesOf({ args, kwargs, result, exception, traceback, timeline }: TaskRecord): number {
  const texts = [args, kwargs, result, exception, traceback];
  const chars = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return RECORD_BYTES + 2 * chars + FACT_BYTES * timeline.length;
}

export type LoadTask = (id: string) => TaskRecord | null;

export class LiveTasks {
  readonly byId = new Map<string, LiveTask>();
  dirty: LiveTask[] = [];
  evictedCount = 0;
  /** Ended tasks that somebody looked at: without news they leave again. */
  #visitors: LiveTask[] = [];
  /** Called with each task that leaves memory unfinished. */
  onEvict: ((record: TaskRecord) => void) | null = null;
  readonly #load: LoadTask;
  readonly #cap: number;

  constructor(load: LoadTask, cap: number) {
    this.#load = load;
    this.#cap = cap;
  }

  /** The task in memory, else from the store, else a new one. */
  take(id: string, now: number): LiveTask {
    return this.find(id) ?? this.#keep(id, createTaskRecord(id, now));
  }

  /** Null when neither memory nor store know it. */
  find(id: string): LiveTask | null {
    const live = this.byId.get(id);
    if (live !== undefined) return live;
    const stored = this.#load(id);
    return stored === null ? null : this.#keep(id, stored);
  }

  adopt(record: TaskRecord): void {
    if (!this.byId.has(record.id)) this.#keep(record.id, record);
  }

  touch(live: LiveTask): void {
    if (live.dirty) return;
    live.dirty = true;
    this.dirty.push(live);
  }

  #keep(id: string, record: TaskRecord): LiveTask {
    const live = { record, dirty: false };
    this.byId.set(id, live);
    if (FINAL_STATES.has(record.state)) this.#visitors.push(live);
    return live;
  }

  /** What has to be written, at most `limit`; call `written` with the same when it is. */
  takeDirty(limit: number): LiveTask[] {
    this.#dismiss();
    if (this.dirty.length <= limit) {
      const all = this.dirty;
      this.dirty = [];
      return all;
    }
    return this.dirty.splice(0, limit);
  }

  #dismiss(): void {
    for (const live of this.#visitors) {
      const { id, state } = live.record;
      const isKept = live.dirty || !FINAL_STATES.has(state) || this.byId.get(id) !== live;
      if (!isKept) this.byId.delete(id);
    }
    this.#visitors = [];
  }

  written(batch: readonly LiveTask[]): void {
    for (const live of batch) {
      live.dirty = false;
      if (FINAL_STATES.has(live.record.state)) this.byId.delete(live.record.id);
    }
    if (this.byId.size > this.#cap) this.#evict();
  }

  /** A commit failed: the batch is dirty again. */
  putBack(batch: readonly LiveTask[]): void {
    this.dirty = [...batch, ...this.dirty];
  }

  /**
   * While nothing can be written: gives up the oldest of what waits, finished ones first, until the rest fits. Answers what
   * was given up: how many tasks, and how many facts about them.
   */
  shed({ maxCount, maxBytes }: { maxCount: number; maxBytes: number }): Shed {
    const shed: Shed = { taskCount: 0, factCount: 0 };
    const fitting = Math.floor(maxBytes / Math.max(1, this.#meanBytes()));
    const excess = this.dirty.length - Math.min(maxCount, fitting);
    if (excess <= 0) return shed;
    const giveUp = (live: LiveTask, isWanted: boolean): boolean => {
      if (!isWanted || shed.taskCount >= excess) return true;
      shed.taskCount += 1;
      shed.factCount += live.record.timeline.length;
      live.dirty = false;
      this.byId.delete(live.record.id);
      return false;
    };
    this.dirty = this.dirty.filter((live) => giveUp(live, FINAL_STATES.has(live.record.state)));
    this.dirty = this.dirty.filter((live) => giveUp(live, true));
    return shed;
  }

  /** Of what waits, by a sample: to measure all of it each time would cost more than it is worth. */
  #meanBytes(): number {
    const step = Math.max(1, Math.floor(this.dirty.length / SAMPLE));
    let [count, bytes] = [0, 0];
    for (let index = 0; index < this.dirty.length; index += step) {
      const live = this.dirty[index];
      if (live === undefined) continue;
      count += 1;
      bytes += bytesOf(live.record);
    }
    return count === 0 ? 0 : bytes / count;
  }

  #evict(): void {
    let excess = this.byId.size - this.#cap;
    for (const live of this.byId.values()) {
      if (excess <= 0) return;
      if (live.dirty) continue;
      this.byId.delete(live.record.id);
      this.evictedCount += 1;
      this.onEvict?.(live.record);
      excess -= 1;
    }
  }
}
