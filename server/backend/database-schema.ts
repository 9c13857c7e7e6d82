// Celery's own tables, made when they are not there yet: as the newest Celery makes them, so that either side may come first.
// Mirrors celery.backends.database.models.
import { sql, type Kysely } from 'kysely';
import type { OpenDatabase, Tables } from './database-connection.ts';

export type TableNames = { task: string; group: string };

/** Also tells whether the tables are those of a Celery that pickles results (before 5.7): it has no column for children. */
export async function ensureTables(
  { db, dialect }: OpenDatabase,
  { task, group }: TableNames,
): Promise<{ isPickled: boolean }> {
  const isSqlite = dialect === 'sqlite';
  const bytes = sql.raw(isSqlite ? 'BLOB' : 'BYTEA');
  const time = sql.raw(isSqlite ? 'DATETIME' : 'TIMESTAMP');
  const id = (sequence: string) =>
    sql.raw(
      isSqlite
        ? 'INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT'
        : `INTEGER NOT NULL PRIMARY KEY DEFAULT nextval('${sequence}')`,
    );
  const create = async (work: Kysely<Tables>) => {
    if (!isSqlite) {
      await sql`SELECT pg_advisory_xact_lock(5770190)`.execute(work);
      await sql`CREATE SEQUENCE IF NOT EXISTS task_id_sequence`.execute(work);
      await sql`CREATE SEQUENCE IF NOT EXISTS taskset_id_sequence`.execute(work);
    }
    await sql`CREATE TABLE IF NOT EXISTS ${sql.table(task)} (
      id ${id('task_id_sequence')}, task_id VARCHAR(155) UNIQUE, status VARCHAR(50),
      result ${bytes}, date_done ${time}, traceback TEXT, children ${bytes}, name VARCHAR(155),
      args ${bytes}, kwargs ${bytes}, worker VARCHAR(155), retries INTEGER, queue VARCHAR(155),
      stamps ${bytes})`.execute(work);
    await sql`CREATE TABLE IF NOT EXISTS ${sql.table(group)} (
      id ${id('taskset_id_sequence')}, taskset_id VARCHAR(155) UNIQUE, result ${bytes},
      date_done ${time})`.execute(work);
    for (const name of [task, group]) {
      const index = sql.id(`ix_${name}_date_done`);
      await sql`CREATE INDEX IF NOT EXISTS ${index} ON ${sql.table(name)} (date_done)`.execute(
        work,
      );
    }
  };
  // The driver of SQLite waits for locks without giving way: a transaction over several turns would be waited for by the very thread
  // that has to end it. Each statement is one by itself.
  await (isSqlite ? create(db) : db.transaction().execute(create));
  const tables = await db.introspection.getTables();
  const columns = tables.find(({ name }) => name === task)?.columns ?? [];
  return { isPickled: !columns.some(({ name }) => name === 'children') };
}
