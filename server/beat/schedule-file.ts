// The memory of beat, in a file: when each entry ran last. Written whole and renamed; another time zone makes it worthless, as in Celery.
// One beat at a time: the file is locked by the process that uses it.
import { openSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { AppError, errorText } from '../core/errors.ts';
import { isAlive, readPid } from '../core/pid-text.ts';
import type { Runs, ScheduleMemory } from './beat.ts';

const FORMAT = 1;

export interface ScheduleFile extends ScheduleMemory {
  release(): void;
}

/** Throws AppError conflict when another beat uses the file. */
export function openScheduleFile(path: string, timezone: string): ScheduleFile {
  const lock = `${path}.lock`;
  takeLock(lock);
  return {
    load: () => readRuns(path, timezone),
    save: (runs) => {
      const fresh = `${path}.${String(process.pid)}`;
      writeFileSync(fresh, JSON.stringify({ format: FORMAT, timezone, runs }, null, 1));
      renameSync(fresh, path);
    },
    release: () => {
      if (readPid(lock) === process.pid) rmSync(lock, { force: true });
    },
  };
}

function readRuns(path: string, timezone: string): Runs {
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
  const { format, timezone: zone, runs } = kept as Partial<Record<string, unknown>>;
  if (format !== FORMAT || zone !== timezone || typeof runs !== 'object' || runs === null)
    return {};
  const isRun = (run: unknown) =>
    typeof (run as { lastRunAt?: unknown } | null)?.lastRunAt === 'number';
  return Object.fromEntries(Object.entries(runs).filter(([, run]) => isRun(run)));
}

function takeLock(lock: string): void {
  for (const isLastTry of [false, true]) {
    try {
      const file = openSync(lock, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new AppError('bad_configuration', `The schedule cannot be kept: ${errorText(error)}`);
      }
    }
    const owner = readPid(lock);
    if (isLastTry || (owner !== null && owner !== process.pid && isAlive(owner))) {
      throw new AppError(
        'conflict',
        `Another beat is running as process ${String(owner)} (${lock} says so): one at a time.`,
      );
    }
    rmSync(lock, { force: true });
  }
}
