import Database from 'better-sqlite3';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeTempDir, removeTempDir } from '../../e2e/fixtures/servers/temp-dir.ts';
import { Celery } from '../client/celery.ts';
import { createBackend } from './create-backend.ts';
import { resultOf } from './result-backend.contract.ts';

const rooms: string[] = [];
afterEach(() => {
  rooms.splice(0).forEach(removeTempDir);
});

it('keeps results in the tables that database_table_names says, each with Celery’s name otherwise', async () => {
  const room = makeTempDir('tables');
  rooms.push(room);
  const file = join(room, 'results.sqlite3');
  for (const names of [{ task: 'my_tasks', group: 'my_groups' }, { group: 'other_groups' }]) {
    const app = new Celery('tables', {
      ...{ broker: 'redis://127.0.0.1:1/0', backend: `db+sqlite:///${file}` },
      database_table_names: names,
    });
    const { backend } = app;
    await backend?.store(resultOf(JSON.stringify(names), 'SUCCESS', 1));
    await backend?.saveGroup({ id: 'g', parent: null, children: [] });
    expect(await backend?.restoreGroup('g')).toMatchObject({ id: 'g' });
    expect(await backend?.get(JSON.stringify(names))).toMatchObject({ status: 'SUCCESS' });
    await app.close();
  }
  const database = new Database(file, { readonly: true });
  const count = (table: string) => database.prepare(`SELECT * FROM ${table}`).all().length;
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .pluck()
    .all();
  expect(tables.sort()).toEqual(['celery_taskmeta', 'my_groups', 'my_tasks', 'other_groups']);
  expect(['my_tasks', 'my_groups', 'celery_taskmeta', 'other_groups'].map(count)).toEqual([
    1, 1, 1, 1,
  ]);
  database.close();
});

it('reads any number of results, and cleans up what was begun and never ended', async () => {
  const room = makeTempDir('tables');
  rooms.push(room);
  const url = `db+sqlite:///${join(room, 'results.sqlite3')}`;
  const backend = createBackend(url, { isWritable: true, resultExpiresMs: 1 });
  await backend.connect();
  const begun = { ...resultOf('begun', 'STARTED', null), doneAt: null };
  await backend.store(begun);
  const ids = Array.from({ length: 40_000 }, (_, n) => (n === 39_000 ? 'begun' : String(n)));
  const found = await backend.getMany(ids);
  expect([found.length, found[39_000]]).toMatchObject([
    40_000,
    { status: 'STARTED', doneAt: null },
  ]);
  expect(found.filter((meta) => meta !== null)).toHaveLength(1);
  await expect
    .poll(async () => {
      await backend.cleanup();
      return backend.get('begun');
    })
    .toBeNull();
  await backend.close();
});
