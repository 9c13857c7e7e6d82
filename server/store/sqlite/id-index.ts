// Task id → row, without a unique index on disk. In memory: open addressing over (hash, row) pairs, 16 MB for a million,
// in shards that grow one by one, so that none is large: no commit waits for a long rehash, and the allocator gives back
// to the system what is freed elsewhere (one large freed block would make it keep as much in every thread).
// On disk: one small blob of hashes per 1024 rows, written in the commit's own transaction; it rebuilds the memory at
// start and lets readers find an id by scanning 4 bytes a task. A hash only proposes rows: the row itself has the last word.
import type { Database, Statement } from 'better-sqlite3';

export const ID_BLOCK_ROWS = 1024;
const FREED = -1;
const SHARD_BITS = 8;
const SHARDS = 1 << SHARD_BITS;
const NONE: readonly number[] = [];

export class IdIndex {
  private readonly shards: Int32Array[];
  private readonly used = new Int32Array(SHARDS);
  private readonly dirty = new Map<number, Int32Array>();
  private current: { id: number; hashes: Int32Array } | null = null;
  private readonly write: Statement;
  private readonly read: Statement;

  constructor(db: Database) {
    this.write = db.prepare('INSERT OR REPLACE INTO id_block (id, hashes) VALUES (?, ?)');
    this.read = db.prepare('SELECT hashes FROM id_block WHERE id = ?').pluck();
    const count = db.prepare('SELECT count(*) FROM id_block').pluck().get() as number;
    const places = placesFor((count * ID_BLOCK_ROWS) / SHARDS);
    this.shards = Array.from({ length: SHARDS }, () => new Int32Array(2 * places));
    const all = db.prepare('SELECT id, hashes FROM id_block ORDER BY id');
    for (const row of all.iterate() as Iterable<{ id: number; hashes: Buffer }>) {
      const hashes = toHashes(row.hashes);
      for (let offset = 0; offset < ID_BLOCK_ROWS; offset += 1) {
        const hash = hashes[offset] ?? 0;
        if (hash !== 0) this.put(hash, row.id * ID_BLOCK_ROWS + offset);
      }
    }
  }

  /** Rows that may have the id of this hash. */
  candidates(hash: number): readonly number[] {
    let found: number[] | null = null;
    const slots = this.slotsOf(hash);
    const mask = slots.length / 2 - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[2 * slot + 1] ?? 0;
      if (row === 0) return found ?? NONE;
      if (row !== FREED && slots[2 * slot] === hash) (found ??= []).push(row);
    }
  }

  add(hash: number, rowId: number): void {
    this.put(hash, rowId);
    this.blockOf(rowId)[rowId % ID_BLOCK_ROWS] = hash;
  }

  remove(hash: number, rowId: number): void {
    const slots = this.slotsOf(hash);
    const mask = slots.length / 2 - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[2 * slot + 1] ?? 0;
      if (row === 0) return;
      if (row !== rowId) continue;
      slots[2 * slot + 1] = FREED;
      this.blockOf(rowId)[rowId % ID_BLOCK_ROWS] = 0;
      return;
    }
  }

  /** Writes the blocks that changed; inside the commit's transaction. */
  flush(): void {
    for (const [id, hashes] of this.dirty) {
      this.write.run(id, Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength));
    }
    this.dirty.clear();
  }

  private blockOf(rowId: number): Int32Array {
    const id = Math.floor(rowId / ID_BLOCK_ROWS);
    const pending = this.dirty.get(id);
    if (pending !== undefined) return pending;
    if (this.current?.id !== id) {
      const stored = this.read.get(id) as Buffer | undefined;
      const hashes = stored === undefined ? new Int32Array(ID_BLOCK_ROWS) : toHashes(stored);
      this.current = { id, hashes };
    }
    this.dirty.set(id, this.current.hashes);
    return this.current.hashes;
  }

  private slotsOf(hash: number): Int32Array {
    return this.shards[hash >>> (32 - SHARD_BITS)] ?? new Int32Array(2);
  }

  private put(hash: number, rowId: number): void {
    const shard = hash >>> (32 - SHARD_BITS);
    let slots = this.slotsOf(hash);
    const used = this.used[shard] ?? 0;
    if (used * 10 >= (slots.length / 2) * 7) slots = this.grow(shard, slots);
    fill(slots, hash, rowId);
    this.used[shard] = (this.used[shard] ?? 0) + 1;
  }

  private grow(shard: number, old: Int32Array): Int32Array {
    let live = 0;
    for (let at = 1; at < old.length; at += 2) if ((old[at] ?? 0) > 0) live += 1;
    const slots = new Int32Array(2 * placesFor(live));
    for (let at = 0; at < old.length; at += 2) {
      const row = old[at + 1] ?? 0;
      if (row > 0) fill(slots, old[at] ?? 0, row);
    }
    this.shards[shard] = slots;
    this.used[shard] = live;
    return slots;
  }
}

/** With room to become half as many again. */
function placesFor(rows: number): number {
  let places = 16;
  while (places * 4 < rows * 9) places *= 2;
  return places;
}

function fill(slots: Int32Array, hash: number, rowId: number): void {
  const mask = slots.length / 2 - 1;
  let slot = hash & mask;
  while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = rowId;
}

export function toHashes(blob: Buffer): Int32Array {
  const hashes = new Int32Array(ID_BLOCK_ROWS);
  Buffer.from(hashes.buffer).set(blob.subarray(0, hashes.byteLength));
  return hashes;
}
