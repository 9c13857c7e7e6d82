// Where an embedded broker is that other processes reach.
import { AppError } from '../../core/errors.ts';

/** The path in `memory:///path`; null for any other address. */
export function socketPathOf(url: string): string | null {
  return /^memory:\/\/(\/.+)$/i.exec(url)?.[1] ?? null;
}

/** Throws AppError bad_configuration when the address has no path. */
export function neededPathOf(url: string): string {
  const path = socketPathOf(url);
  if (path !== null) return path;
  const text = 'memory:// needs a port to the embedded broker, or a path: memory:///tmp/broker';
  throw new AppError('bad_configuration', text);
}
