// Stretches in which events were or may have been missed: how many, where that is known, and from when to when.
import type { Attention, Gap } from '../../../lib/contract/index.ts';
import type { AttentionFacts } from './facts.ts';
import { plural, sentence } from './words.ts';

const MAX_OPEN = 3;
const OVER: ReadonlySet<Gap['cause']> = new Set(['disconnected', 'dropped', 'buffer-overrun']);
const UNCONNECTED: ReadonlySet<Gap['cause']> = new Set(['disconnected', 'stopped']);
const COME_FASTER =
  'They came faster than they could be taken, or the broker cut the stream. Counts may be too low.';
const NOBODY_LISTENED =
  'What happened meanwhile was not observed: counts may be too low, and states behind.';

export function gapLines({ gaps }: AttentionFacts): Attention[] {
  // While there is no connection, a line of its own says so.
  const open = gaps.filter((gap) => gap.endedAt === null && !UNCONNECTED.has(gap.cause));
  const over = gaps.filter((gap) => gap.endedAt !== null && OVER.has(gap.cause));
  const lost = over.filter((gap) => gap.cause === 'disconnected');
  const dropped = over.filter((gap) => gap.cause !== 'disconnected');
  return [
    ...open.slice(0, MAX_OPEN).map(openLine),
    ...(dropped.length === 0 ? [] : [overLine('dropped', dropped, COME_FASTER)]),
    ...(lost.length === 0 ? [] : [overLine('missed', lost, NOBODY_LISTENED)]),
  ];
}

function openLine(gap: Gap): Attention {
  return {
    key: `gap:${gap.cause}:${gap.startedAt}`,
    severity: 'warning',
    title: 'Events may be missing right now',
    detail: sentence(gap.detail),
    since: gap.startedAt,
    link: { label: 'Overview', path: '' },
    action: null,
  };
}

/** One for all of a kind: a shaky network must not fill the page. */
function overLine(key: string, gaps: readonly Gap[], meaning: string): Attention {
  const details = [...new Set(gaps.map((gap) => sentence(gap.detail)))];
  return {
    key,
    severity: 'warning',
    title: `${howMany(gaps)}${gaps.length > 1 ? `, in ${gaps.length} stretches` : ''}`,
    detail: `${details.at(-1) ?? ''} ${meaning}`.trim(),
    since: Math.min(...gaps.map((gap) => gap.startedAt)),
    until: Math.max(...gaps.map((gap) => gap.endedAt ?? gap.startedAt)),
    link: { label: 'Overview', path: '' },
    action: null,
  };
}

function howMany(gaps: readonly Gap[]): string {
  const known = gaps.reduce((sum, gap) => sum + (gap.lostCount ?? 0), 0);
  if (known === 0) return 'Events may have been missed, it is not known how many';
  const isAll = gaps.every((gap) => gap.cause === 'dropped' && gap.lostCount !== null);
  return `${isAll ? '' : 'At least '}${plural(known, 'event')} ${known === 1 ? 'was' : 'were'} missed`;
}
