// Opens the database behind a db+sqlite:// or db+postgresql:// address. Readers cannot write, and create nothing.
import Database from 'better-sqlite3';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';
import { AppError } from '../core/errors.ts';
import type { GroupRow, TaskRow } from './database-row.ts';

export type Tables = Record<string, TaskRow & GroupRow>;

export type DatabaseOptions = { timeoutMs: number; isWritable: boolean };

export type OpenDatabase = { db: Kysely<Tables>; dialect: 'sqlite' | 'postgresql' };

const BUSY_MS = 5000;

/** Throws AppError bad_configuration when the address names no file. */
export function openDatabase(url: string, options: DatabaseOptions): OpenDatabase {
  const sqlite = /^db\+sqlite(?:\+\w+)?:\/\/(.*)$/.exec(url);
  return sqlite === null
    ? { db: openPostgres(url, options), dialect: 'postgresql' }
    : { db: openSqlite(sqlite[1] ?? '', options), dialect: 'sqlite' };
}

function openSqlite(rest: string, { isWritable }: DatabaseOptions): Kysely<Tables> {
  const path = rest.replace(/^\//, '').replace(/\?.*$/, '');
  if (path === '') {
    throw new AppError('bad_configuration', 'db+sqlite:/// needs the path of the database file');
  }
  const database = new Database(path, {
    readonly: !isWritable,
    fileMustExist: !isWritable,
    timeout: BUSY_MS,
  });
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

function openPostgres(url: string, { timeoutMs, isWritable }: DatabaseOptions): Kysely<Tables> {
  const pool = new pg.Pool({
    connectionString: url.replace(/^db\+postgresql(\+\w+)?:/, 'postgresql:'),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    ...(isWritable ? {} : { options: '-c default_transaction_read_only=on' }),
    max: isWritable ? 4 : 2,
    types: { getTypeParser: parserOf },
  });
  pool.on('error', () => undefined);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

const TIMESTAMP_WITHOUT_ZONE = 1114;

type Parsers = { getTypeParser: (oid: number, format?: string) => (text: string) => unknown };

/** A timestamp without a zone stays text: pg would take it for local time. */
function parserOf(oid: number, format?: string): (text: string) => unknown {
  if (oid === TIMESTAMP_WITHOUT_ZONE) return (text) => text;
  return (pg.types as unknown as Parsers).getTypeParser(oid, format);
}
