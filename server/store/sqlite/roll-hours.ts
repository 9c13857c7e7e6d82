// Minutes older than two days become hours: the same sums, sixty times fewer rows. One hour a call.
import type { Database } from 'better-sqlite3';
import { addRow, createRoll, HOUR_MS, RollTables, type RollRow } from './rollups.ts';

const MINUTES_KEPT_MS = 48 * HOUR_MS;

/** Rolls the oldest hour that is due; false when none is. Inside a transaction. */
export function rollOneHour(db: Database, now: number): boolean {
  const oldest = db.prepare('SELECT min(at) FROM roll_minute WHERE dim = 0').pluck().get();
  if (typeof oldest !== 'number') return false;
  const hour = Math.floor(oldest / HOUR_MS) * HOUR_MS;
  if (hour + HOUR_MS > now - MINUTES_KEPT_MS) return false;
  const rows = db
    .prepare('SELECT * FROM roll_minute WHERE at >= ? AND at < ?')
    .all(hour, hour + HOUR_MS) as (RollRow & { dim: number })[];
  const tables = new RollTables(db);
  const drop = db.prepare('DELETE FROM roll_minute WHERE dim = ? AND key = ? AND at = ?');
  for (const row of rows) {
    const roll = createRoll();
    addRow(roll, row);
    tables.add('roll_hour', row.dim, row.key, hour, roll);
    drop.run(row.dim, row.key, row.at);
  }
  return true;
}
