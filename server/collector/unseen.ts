// Tasks that ended, or were taken, while nobody announced it: a worker without events let go of them, or their queue did.
// How they ended is not known and is not guessed (UN in docs/spec.md).
import type { TimelineFact } from '../store/task-record.ts';
import type { Fold } from './fold.ts';
import type { LiveTask } from './live-tasks.ts';

export function ownFact(
  type: string,
  at: number,
  source: TimelineFact['source'],
  fields: TimelineFact['fields'],
  hostname: string | null = null,
): TimelineFact {
  return { at, type, hostname, clock: null, pid: null, source, fields };
}

export function markUnseen(
  fold: Fold,
  live: LiveTask,
  hostname: string | null,
  reason: string,
  now: number,
): void {
  fold.apply(live, ownFact('ended-unseen', now, 'none', { reason }, hostname), null, now);
}
