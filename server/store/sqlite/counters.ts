// How many tasks are in each state: in all, and per type, worker and queue. Kept in the transaction that changes the
// tasks, so that every count equals what a list with the same filter holds.
import type { Database, Statement } from 'better-sqlite3';

export const DIMENSION = { all: 0, type: 1, worker: 2, queue: 3 } as const;
export type Dimension = keyof typeof DIMENSION;

export type CountedKeys = { state: number; type_id: number; worker_id: number; queue_id: number };

const STATES = 16;
const DIMENSIONS = 4;

export class Counters {
  total: number;
  private readonly pending = new Map<number, number>();
  private readonly upsert: Statement;

  constructor(db: Database) {
    this.upsert = db.prepare(
      'INSERT INTO counter (dim, key, state, n) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n',
    );
    this.total = db
      .prepare('SELECT coalesce(sum(n), 0) FROM counter WHERE dim = 0')
      .pluck()
      .get() as number;
  }

  add({ state, type_id, worker_id, queue_id }: CountedKeys, n: 1 | -1): void {
    this.bump(DIMENSION.all, 0, state, n);
    this.bump(DIMENSION.type, type_id, state, n);
    this.bump(DIMENSION.worker, worker_id, state, n);
    this.bump(DIMENSION.queue, queue_id, state, n);
    this.total += n;
  }

  flush(): void {
    for (const [key, n] of this.pending) {
      const state = key % STATES;
      const rest = (key - state) / STATES;
      const dim = rest % DIMENSIONS;
      if (n !== 0) this.upsert.run(dim, (rest - dim) / DIMENSIONS, state, n);
    }
    this.pending.clear();
  }

  private bump(dim: number, key: number, state: number, n: number): void {
    const at = (key * DIMENSIONS + dim) * STATES + state;
    this.pending.set(at, (this.pending.get(at) ?? 0) + n);
  }
}
