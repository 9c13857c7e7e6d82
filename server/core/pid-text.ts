// A process id kept in a file, and whether that process lives: what locks and pid files are made of.
import { readFileSync } from 'node:fs';

/** Null when there is no such file, or no process id in it. */
export function readPid(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: it is there, though we may not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
