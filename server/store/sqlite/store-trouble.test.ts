import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { systemClock } from '../../core/clock.ts';
import { lockDataDir } from './lock-data-dir.ts';
import { storeTrouble } from './store-trouble.ts';
import { openStoreWriter } from './writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'umbel-trouble-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (path: string) =>
  openStoreWriter({
    path,
    retention: { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null },
    ...{ logger: silentLogger, clock: systemClock },
  });

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('SU7 trouble with the place of the store', () => {
  it('says that a database that may not grow is out of room, with its directory', () => {
    const db = new BetterSqlite(join(dir, 'small.db'));
    db.pragma('max_page_count = 2');
    const error = thrownBy(() => db.exec('CREATE TABLE a (x); CREATE TABLE b (x)'));
    db.close();
    const text = storeTrouble(error, join(dir, 'small.db'), () => 3 * 1024 * 1024);
    expect(text).toContain('SQLITE_FULL');
    expect(text).toContain(`the disk of ${dir} is full, 3 MB are free`);
    expect(text).toContain('--data-dir');
  });

  it.each([
    [0, 'is full, 0 MB are free'],
    [500 * 1024 * 1024, 'refused to read or write, 500 MB are free'],
    [null, 'refused to read or write. Check it'],
  ])('tells a full disk from another failure by what is free: %s', (free, words) => {
    const error = new BetterSqlite.SqliteError('disk I/O error', 'SQLITE_IOERR_WRITE');
    expect(storeTrouble(error, join(dir, 'x.db'), () => free)).toContain(words);
  });

  it('names the file and what to check when it cannot be opened', () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    const path = join(file, 'x.sqlite');
    expect(() => open(path)).toThrow(/^The store .*x\.sqlite cannot be opened: /);
    mkdirSync(join(dir, 'x.sqlite'));
    expect(() => open(join(dir, 'x.sqlite'))).toThrow(
      /x\.sqlite cannot be opened: .*SQLITE_CANTOPEN.*Check the owner and the rights.*--data-dir/,
    );
    expect(() => lockDataDir(join(file, 'data'))).toThrow(/data cannot be used: .*ENOTDIR/);
  });
});
