// Tries again what could not be stored because the backend was away, as long as Celery's own backends do: twenty seconds
// (celery.backends.base.Backend.retry_policy). A result that is given up leaves its caller waiting, and its chord without an end.
import { isPassing } from '../core/passing-trouble.ts';
import type { Pause } from './pauses.ts';

/** What Celery's policy of twenty retries, a second apart, comes to. */
export const PATIENCE_MS = 20_000;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** `hurry` ends the trying: what the last attempt came to counts. */
export type Insist = <T>(work: () => Promise<T>, hurry?: AbortSignal) => Promise<T>;

/**
 * What is tried must come to the same when it is done twice: an answer may be
 * lost after the deed.
 */
export function createInsistence(
  patienceMs: number,
  pause: Pause,
  isAway: (error: unknown) => boolean = isPassing,
): Insist {
  return async (work, hurry) => {
    let until = 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        if (until === 0) until = Date.now() + patienceMs;
        const isHopeless = !isAway(error) || Date.now() >= until;
        if (isHopeless || !(await pause(pauseMs, hurry))) throw error;
      }
    }
  };
}
