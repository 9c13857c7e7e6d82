// The process id in a file, as service managers want it.
import { rmSync, writeFileSync } from 'node:fs';
import { AppError, errorText } from '../../core/errors.ts';
import { isAlive, readPid } from '../../core/pid-text.ts';

/** Throws AppError conflict when a living process holds the file. */
export function holdPidFile(path: string | undefined): { release(): void } {
  if (path === undefined) return { release: () => undefined };
  const owner = readPid(path);
  if (owner !== null && owner !== process.pid && isAlive(owner)) {
    throw new AppError('conflict', `Pidfile (${path}) already exists: process ${String(owner)}.`);
  }
  try {
    writeFileSync(path, `${String(process.pid)}\n`);
  } catch (error) {
    throw new AppError('bad_configuration', `${path} cannot be written: ${errorText(error)}`);
  }
  return {
    release: () => {
      if (readPid(path) === process.pid) rmSync(path, { force: true });
    },
  };
}
