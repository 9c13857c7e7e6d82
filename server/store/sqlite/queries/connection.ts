// A reader's own connection: read-only, small cache, the text functions that filters use, the dictionary brought up to
// date before each question. It waits a moment for a store that its writer is only beginning.
import BetterSqlite, { type Database } from 'better-sqlite3';
import { AppError, errorText } from '../../../core/errors.ts';
import { Names } from '../names.ts';
import { SCHEMA_VERSION } from '../schema.ts';
import { decodeId } from '../task-id.ts';
import type { Count } from './count.ts';
import { patternTest } from './text-match.ts';

const WAIT_MS = 5000;
const PAUSE_MS = 25;

export type Connection = {
  db: Database;
  names: Names;
  /** The count of the list that was asked for last. */
  count: { key: string; version: number; value: Count } | null;
  /** When the text blocks were written, oldest first; blocks never change. */
  blocks: BlockTimes[];
};

export type BlockTimes = { id: number; newest_at: number; oldest_at: number };

export function openConnection(path: string): Connection {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      return connect(path);
    } catch (error) {
      if (waited >= WAIT_MS) {
        throw new AppError(
          'store_failed',
          `The store ${path} cannot be read: ${errorText(error)}`,
          {
            cause: error,
          },
        );
      }
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}

function connect(path: string): Connection {
  const db = new BetterSqlite(path, { readonly: true, fileMustExist: true, timeout: 2000 });
  try {
    if (db.pragma('user_version', { simple: true }) !== SCHEMA_VERSION) {
      throw new Error('its schema is of another version');
    }
    db.pragma('cache_size = -8000');
    addFunctions(db);
    return { db, names: new Names(db), count: null, blocks: [] };
  } catch (error) {
    db.close();
    throw error;
  }
}

function addFunctions(db: Database): void {
  const options = { deterministic: true };
  db.function('has_text', options, (text: unknown, needle: unknown) =>
    typeof text === 'string' && text.toLowerCase().includes(String(needle)) ? 1 : 0,
  );
  db.function('has_id_text', options, (uid: unknown, needle: unknown) =>
    decodeId(uid).toLowerCase().includes(String(needle)) ? 1 : 0,
  );
  let pattern: string | null = null;
  let test: (text: string) => boolean = () => false;
  const matches = (text: string, wanted: unknown): 0 | 1 => {
    if (pattern !== wanted) {
      pattern = String(wanted);
      test = patternTest(pattern);
    }
    return test(text) ? 1 : 0;
  };
  db.function('matches', options, (text: unknown, wanted: unknown) =>
    typeof text === 'string' ? matches(text, wanted) : 0,
  );
  db.function('matches_id', options, (uid: unknown, wanted: unknown) =>
    uid === null ? 0 : matches(decodeId(uid), wanted),
  );
}
