// The dashboard's own data, one file beside the clusters': who did what, when, with which outcome. Written from the main
// thread, a row at a time.
import type { Database } from 'better-sqlite3';
import type { AuditEntry } from '../../../lib/contract/index.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import type { DashboardStore } from '../store.ts';
import { openDatabase } from './open-database.ts';
import { applyMigrations } from './schema.ts';

const MIGRATIONS = [
  `
  CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, cluster TEXT NOT NULL, entry TEXT NOT NULL);
  CREATE INDEX audit_cluster ON audit (cluster, id);
  `,
];
const MAX_ENTRIES = 100_000;
const MAX_LISTED = 1000;

export type OpenedDashboardStore = DashboardStore & { readonly notice: string | null };

/** Opens, or begins, the dashboard's own store. Throws `store_newer` or `store_failed`; a damaged file is moved aside (`notice`). */
export function openDashboardStore({
  path,
  clock = systemClock,
}: {
  path: string;
  clock?: Clock;
}): OpenedDashboardStore {
  const prepare = (db: Database): void => applyMigrations(db, path, MIGRATIONS);
  const { db, notice } = openDatabase(path, prepare, clock.now());
  db.pragma('cache_size = -1000');
  const insert = db.prepare('INSERT INTO audit (at, cluster, entry) VALUES (?, ?, ?)');
  const trim = db.prepare('DELETE FROM audit WHERE id <= ?');
  const newest = db.prepare('SELECT entry FROM audit ORDER BY id DESC LIMIT ?').pluck();
  const ofCluster = db
    .prepare('SELECT entry FROM audit WHERE cluster = ? ORDER BY id DESC LIMIT ?')
    .pluck();
  return {
    notice,
    appendAudit: (entry) => {
      const { lastInsertRowid } = insert.run(entry.at, entry.cluster, JSON.stringify(entry));
      trim.run(Number(lastInsertRowid) - MAX_ENTRIES);
    },
    listAudit: ({ limit, cluster }) => {
      const most = Math.max(0, Math.min(limit, MAX_LISTED));
      const texts = cluster === undefined ? newest.all(most) : ofCluster.all(cluster, most);
      return (texts as string[]).map((text) => JSON.parse(text) as AuditEntry);
    },
    close: () => {
      db.close();
    },
  };
}
