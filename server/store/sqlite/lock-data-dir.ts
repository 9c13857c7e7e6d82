// One process a data directory. The lock is a file with the owner's process id and start time, created exclusively; a
// lock whose process is gone (or whose id belongs to a younger process) is taken over.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import { storeTrouble } from './store-trouble.ts';

export type DataDirLock = { release(): void };
type Owner = { pid: number; startedAt: number | null };

const LOCK_FILE = 'umbel.lock';
const ATTEMPTS = 5;

/** Creates the directory where it is missing and locks it. Throws `store_locked` while another live process holds it. */
export function lockDataDir(dir: string): DataDirLock {
  const path = join(dir, LOCK_FILE);
  const mine: Owner = { pid: process.pid, startedAt: processStartedAt(process.pid) };
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (tryCreate(path, JSON.stringify(mine))) return { release: () => release(path, mine) };
      const owner = readOwner(path);
      if (owner !== null && isAlive(owner)) {
        throw new AppError(
          'store_locked',
          `The data directory ${dir} is in use by process ${owner.pid}. Stop it, or choose another with --data-dir.`,
          { details: { dir, pid: owner.pid } },
        );
      }
      rmSync(path, { force: true });
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'store_failed',
      `The data directory ${dir} cannot be used: ${storeTrouble(error, path)}`,
      {
        cause: error,
      },
    );
  }
  throw new AppError(
    'store_locked',
    `The data directory ${dir} is being locked by another process.`,
  );
}

function tryCreate(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(path: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner>;
    if (typeof owner.pid !== 'number') return null;
    return { pid: owner.pid, startedAt: owner.startedAt ?? null };
  } catch {
    return null;
  }
}

function isAlive(owner: Owner): boolean {
  const now = processStartedAt(owner.pid);
  if (owner.startedAt !== null && now !== null && owner.startedAt !== now) return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, where the system tells (Linux: in ticks since boot); else null. */
function processStartedAt(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[19]);
    return Number.isFinite(ticks) ? ticks : null;
  } catch {
    return null;
  }
}

function release(path: string, mine: Owner): void {
  const owner = readOwner(path);
  if (owner?.pid === mine.pid && owner.startedAt === mine.startedAt) rmSync(path, { force: true });
}
