// The tasks that are held in memory: unfinished ones and those not written yet. Bounded: what is written and finished
// leaves at once, unfinished ones beyond the cap leave for the store and come back with their next fact.
import { FINAL_STATES } from '../../lib/contract/index.ts';
import { createTaskRecord, type TaskRecord } from '../store/task-record.ts';

export type LiveTask = { record: TaskRecord; dirty: boolean };

export type LoadTask = (id: string) => TaskRecord | null;

export class LiveTasks {
  readonly byId = new Map<string, LiveTask>();
  dirty: LiveTask[] = [];
  evictedCount = 0;
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
    return live;
  }

  /** What has to be written, at most `limit`; call `written` with the same when it is. */
  takeDirty(limit: number): LiveTask[] {
    if (this.dirty.length <= limit) {
      const all = this.dirty;
      this.dirty = [];
      return all;
    }
    return this.dirty.splice(0, limit);
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
