// Opens a store file for its writer. A file that SQLite calls damaged is moved aside and an empty one takes its place, so
// that the dashboard always starts; the caller is told where the old file went.
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { AppError, errorText, isAppError } from '../../core/errors.ts';
import { storeTrouble } from './store-trouble.ts';

const CHECKED_AT_MOST_BYTES = 128 * 1024 * 1024;

export type OpenedDatabase = { db: Database; notice: string | null };

export function openDatabase(
  path: string,
  prepare: (db: Database) => void,
  now: number,
): OpenedDatabase {
  try {
    return { db: openSound(path, prepare), notice: null };
  } catch (error) {
    if (isAppError(error)) throw error;
    if (!isDamage(error)) {
      throw new AppError(
        'store_failed',
        `The store ${path} cannot be opened: ${storeTrouble(error, path)}.`,
        {
          cause: error,
        },
      );
    }
    const aside = moveAside(path, now);
    const notice = `The store ${path} was damaged (${errorText(error)}). It was kept as ${aside}, and an empty one was begun.`;
    return { db: openSound(path, prepare), notice };
  }
}

function openSound(path: string, prepare: (db: Database) => void): Database {
  const checked = existsSync(path) && statSync(path).size <= CHECKED_AT_MOST_BYTES;
  const db = new BetterSqlite(path, { timeout: 5000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    if (checked) {
      const verdict = db.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new DamagedError(String(verdict));
    }
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

class DamagedError extends Error {}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  const code = error instanceof BetterSqlite.SqliteError ? error.code : '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

function moveAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-');
  let aside = `${path}.damaged-${stamp}`;
  for (let copy = 2; existsSync(aside); copy += 1) aside = `${path}.damaged-${stamp}-${copy}`;
  renameSync(path, aside);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/** Deletes a store with what belongs to it; for a demo's history. Not while it is open. */
export function removeStore(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}
