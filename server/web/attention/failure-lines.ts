// Types that fail more than they use to, and tasks that nobody holds any more.
import type { Attention } from '../../../lib/contract/index.ts';
import type { AttentionFacts, TypeTotals } from './facts.ts';
import { filterFor } from '../../../lib/filter/stringify.ts';
import { percent, plural } from './words.ts';

/** Lost, and nobody sent them again. */
export const LOST_FILTER = 'state:lost -is:resent';

/** Far above its usual share: at least 5 failures, a tenth of what ended, and three times what is usual. */
export function failureLines({ recentTypes, usualTypes }: AttentionFacts): Attention[] {
  const usual = new Map(
    usualTypes
      .filter((totals) => totals.success + totals.failure > 0)
      .map((totals) => [totals.key, failedShare(totals)]),
  );
  const lines: Attention[] = [];
  for (const totals of recentTypes) {
    const share = failedShare(totals);
    const before = usual.get(totals.key) ?? null;
    if (totals.failure < 5 || share < 0.1 || (before !== null && share < before * 3)) continue;
    lines.push({
      key: `failures:${totals.key}`,
      severity: share >= 0.5 ? 'critical' : 'warning',
      title:
        before === null
          ? `${totals.key} fails often`
          : `${totals.key} fails far more often than usual`,
      detail: `${percent(share)} of ${totals.success + totals.failure} in the last 15 minutes failed${before === null ? '' : `; usually ${percent(before)}`}.`,
      since: null,
      link: {
        label: plural(totals.failure, 'failure'),
        path: `tasks?q=${encodeURIComponent(`state:failure ${filterFor('name', totals.key)}`)}&range=15m`,
      },
      action: null,
    });
  }
  return lines;
}

export function lossLines({ lostCount }: AttentionFacts): Attention[] {
  if (lostCount === 0) return [];
  return [
    {
      key: 'lost',
      severity: 'critical',
      title: `${plural(lostCount, 'task')} lost in the last 24 hours`,
      detail:
        'No worker and no queue holds them any more, and they never finished. Those that Retry sends again are not counted.',
      since: null,
      link: { label: 'Lost tasks', path: `tasks?q=${encodeURIComponent(LOST_FILTER)}&range=24h` },
      action: null,
    },
  ];
}

function failedShare(totals: TypeTotals): number {
  const ended = totals.success + totals.failure;
  return ended === 0 ? 0 : totals.failure / ended;
}
