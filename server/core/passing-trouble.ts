// Which trouble with a server may be over soon, so that trying again is worth it.
import { isAppError } from './errors.ts';

const AWAY: ReadonlySet<string> = new Set(['broker_unreachable', 'backend_unreachable', 'timeout']);
/** A Redis that was the master until a moment ago: its connection is closed, and the next one leads to the new master. */
const DEMOTED = /refused: READONLY/;

export function isPassing(error: unknown): boolean {
  if (!isAppError(error)) return false;
  return AWAY.has(error.code) || (error.code === 'broker_refused' && DEMOTED.test(error.message));
}
