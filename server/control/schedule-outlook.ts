// When beat should send an entry next, and whether it seems not to: from the schedule, the newest task of the type, and since when
// Umbel has been looking. Pure.
import { nextRunAt, type Schedule } from '../celery/schedule.ts';

export type Seen = {
  now: number;
  /** When the newest task of the type was sent; null: none is known. */
  newestAt: number | null;
  /** Since when whatever is sent would have been seen; null: it would not be. */
  watchingSince: number | null;
  /** Why tasks may go unseen; null: they do not. */
  blindBecause: string | null;
};

export type Outlook = {
  expectedAt: number | null;
  isOverdue: boolean | null;
  reason: string | null;
};

/** Beat, broker, worker and Umbel take a moment each; Celery words long intervals to two decimals only. */
const GRACE_MS = 60_000;
const GRACE_SHARE = 0.01;

export function outlookOf(schedule: Schedule | null, timezone: string | null, seen: Seen): Outlook {
  const unknown = (reason: string): Outlook => ({ expectedAt: null, isOverdue: null, reason });
  if (schedule === null) return unknown('When a schedule of this kind is due is not known here.');
  if (schedule.type === 'crontab' && timezone === null) {
    return unknown("It is read in the local time of beat's machine, which nobody tells.");
  }
  const zone = timezone ?? 'UTC';
  const { now, newestAt, watchingSince, blindBecause } = seen;
  const next = (after: number) => nextRunAt(schedule, after, zone);
  const ahead = (): number | null => (schedule.type === 'crontab' ? next(now) : null);
  if (watchingSince === null || blindBecause !== null) {
    const fromNewest = newestAt === null ? null : next(newestAt);
    const expectedAt = fromNewest !== null && fromNewest > now ? fromNewest : ahead();
    return { expectedAt, isOverdue: null, reason: blindBecause };
  }
  const due = next(Math.max(newestAt ?? watchingSince, watchingSince));
  if (due === null) {
    return { expectedAt: null, isOverdue: false, reason: 'No day and time ever matches.' };
  }
  const everyMs = schedule.type === 'interval' ? schedule.everyMs : 0;
  if (now - due <= GRACE_MS + everyMs * GRACE_SHARE) {
    return { expectedAt: due, isOverdue: false, reason: null };
  }
  return {
    expectedAt: due,
    isOverdue: true,
    reason: 'No task of this type was seen since it was due. Is beat running, and once only?',
  };
}
