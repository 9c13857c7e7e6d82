// Why a store file cannot be opened or written, and what helps: SQLite itself says little more than "disk I/O error".
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { errorText } from '../../core/errors.ts';

/** Less than this is as good as nothing: logs and temporary pages need room too. */
const FULL_BYTES = 16 * 1024 * 1024;
const DENIED = /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|^E(ACCES|PERM|ROFS)$/;
const OUT_OF_ROOM = /^SQLITE_(FULL|IOERR)|^E(NOSPC|DQUOT)$/;

/** A sentence or two without the path of the file, which the caller names. */
export function storeTrouble(
  error: unknown,
  path: string,
  freeBytesOf: (directory: string) => number | null = readFreeBytes,
): string {
  const code = codeOf(error);
  const why = `${errorText(error)}${code === '' ? '' : ` (${code})`}`;
  if (OUT_OF_ROOM.test(code)) {
    const directory = dirname(path);
    const free = freeBytesOf(directory);
    const isFull = /FULL|NOSPC|DQUOT/.test(code) || (free !== null && free < FULL_BYTES);
    const left = free === null ? '' : `, ${Math.floor(free / 1024 / 1024)} MB are free`;
    return isFull
      ? `${why}: the disk of ${directory} is full${left}. Make room there, or choose another place with --data-dir`
      : `${why}: the disk of ${directory} refused to read or write${left}. Check it, its quota and the limits of this process, or choose another place with --data-dir`;
  }
  if (DENIED.test(code)) {
    return `${why}: this user may not write there. Check the owner and the rights of ${dirname(path)}, or choose another place with --data-dir`;
  }
  return why;
}

function codeOf(error: unknown): string {
  if (error instanceof BetterSqlite.SqliteError) return error.code;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? '';
}

function readFreeBytes(directory: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}
