// The memory of beat, in a file: when each entry ran last. Written whole and renamed; another time zone makes it worthless, as in Celery.
// One beat at a time: the file is locked by the process that uses it.
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { AppError, errorText } from '../core/errors.ts';
import { isAlive, readPid } from '../core/pid-text.ts';
import type { Runs, ScheduleMemory } from './beat.ts';

const FORMAT = 1;
const STARTING_MS = 5000;

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
    if (isLastTry || isHeld(lock) || !dropDead(lock)) {
      const owner = readPid(lock);
      const who = owner === null ? 'is starting' : `is running as process ${String(owner)}`;
      throw new AppError('conflict', `Another beat ${who} (${lock} says so): one at a time.`);
    }
  }
}

function isHeld(lock: string): boolean {
  const owner = readPid(lock);
  return owner === null ? isYoung(lock) : owner !== process.pid && isAlive(owner);
}

/** Between making the file and writing the id into it. */
function isYoung(lock: string): boolean {
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made < STARTING_MS;
}

/** Moved aside first: what another beat has put in its place meanwhile goes back, and false is answered. */
function dropDead(lock: string): boolean {
  const aside = `${lock}.${String(process.pid)}`;
  try {
    renameSync(lock, aside);
  } catch {
    return true;
  }
  if (isHeld(aside)) {
    renameSync(aside, lock);
    return false;
  }
  rmSync(aside, { force: true });
  return true;
}
