import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from './database-connection.ts';
import { ensureTables } from './database-schema.ts';

test('several connections of one process make the tables of SQLite at once, and none waits for ever', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'umbel-tables-'));
  const url = `db+sqlite:///${join(directory, 'results.sqlite3')}`;
  const opened = [1, 2, 3].map(() => openDatabase(url, { timeoutMs: 1000, isWritable: true }));
  const names = { task: 'celery_taskmeta', group: 'celery_tasksetmeta' };
  try {
    const made = await Promise.all(opened.map((one) => ensureTables(one, names)));
    expect(made).toEqual([1, 2, 3].map(() => ({ isPickled: false })));
  } finally {
    await Promise.all(opened.map(({ db }) => db.destroy()));
    rmSync(directory, { recursive: true });
  }
});
