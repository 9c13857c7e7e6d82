// Tasks that wait for their eta turn into received (or queued) ones when it comes; no event says so. Those that left memory
// before are remembered by id, bounded, and come back for it.
import type { TaskRecord } from '../store/task-record.ts';
import type { Fold } from './fold.ts';
import { waitsForEta } from './task-state.ts';

const BUCKET_MS = 10_000;
const MAX_AWAY = 500_000;

export class EtaTimer {
  readonly #fold: Fold;
  /** Ids of evicted tasks by the time at which their eta has come. */
  readonly #away = new Map<number, string[]>();
  #awayCount = 0;

  constructor(fold: Fold) {
    this.#fold = fold;
    fold.tasks.onEvict = (record) => this.#remember(record);
  }

  #remember({ id, state, etaAt }: TaskRecord): void {
    if (state !== 'scheduled' || etaAt === null || this.#awayCount >= MAX_AWAY) return;
    const due = Math.ceil(etaAt / BUCKET_MS) * BUCKET_MS;
    const ids = this.#away.get(due);
    if (ids === undefined) this.#away.set(due, [id]);
    else ids.push(id);
    this.#awayCount += 1;
  }

  tick(now: number): void {
    this.#fetch(now);
    for (const live of this.#fold.tasks.byId.values()) {
      const { record } = live;
      if (record.state !== 'scheduled' || waitsForEta(record, now)) continue;
      record.state = isDelivered(record) ? 'received' : 'queued';
      record.updatedAt = now;
      this.#fold.tasks.touch(live);
    }
  }

  #fetch(now: number): void {
    for (const [due, ids] of this.#away) {
      if (due > now) continue;
      this.#away.delete(due);
      this.#awayCount -= ids.length;
      for (const id of ids) this.#fold.tasks.find(id);
    }
  }
}

const WAITING: ReadonlySet<string> = new Set(['task-sent', 'seen-queued']);
const DELIVERED: ReadonlySet<string> = new Set([
  'task-received',
  'seen-reserved',
  'seen-in-flight',
]);

/** Of the facts that say where it is, the last one decides. */
function isDelivered(record: TaskRecord): boolean {
  for (let index = record.timeline.length - 1; index >= 0; index -= 1) {
    const type = record.timeline[index]?.type ?? '';
    if (DELIVERED.has(type)) return true;
    if (type === 'seen-queued') return false;
    if (WAITING.has(type) && record.receivedAt === null) return false;
  }
  return record.receivedAt !== null;
}
