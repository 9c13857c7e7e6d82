import type { LiveAnnouncement } from '@/lib/contract/live.ts';

export type News = { newCount: number; changedCount: number };

type Totals = Pick<LiveAnnouncement, 'newTotal' | 'changedTotal'>;

/**
 * What happened between two announcements. Totals count since the server's start, so smaller ones mean
 * that it was started again meanwhile: then how much was missed cannot be known, and the answer is null.
 */
export function newsBetween(before: Totals, after: Totals): News | null {
  if (after.newTotal < before.newTotal || after.changedTotal < before.changedTotal) return null;
  return {
    newCount: after.newTotal - before.newTotal,
    changedCount: after.changedTotal - before.changedTotal,
  };
}
