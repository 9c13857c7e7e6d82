'use client';
import { CircleHelp, TriangleAlert, X } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { clusterPath } from '@/components/live/paths.ts';
import { useNow, useTimeZone } from '@/components/live/time-zone.ts';
import { Button } from '@/components/ui/button.tsx';
import type { Attention } from '@/lib/contract/overview.ts';
import { formatCount } from '@/lib/format/number.ts';
import { formatClock, formatRelative, formatTime } from '@/lib/format/time.ts';
import { EnableEventsButton } from '@/components/actions/enable-events-button.tsx';

/** So many at once: with fifty queues in trouble the figures are still in sight. */
const MOST = 5;

const LOOK = {
  critical: { icon: X, color: 'text-failure', word: 'Critical' },
  warning: { icon: TriangleAlert, color: 'text-retry', word: 'Warning' },
  unknown: { icon: CircleHelp, color: 'text-lost', word: 'Unknown' },
} as const;

/** What is wrong, one line each. Nothing at all when nothing is. */
export function AttentionList({
  cluster,
  items,
}: {
  cluster: string;
  items: readonly Attention[];
}) {
  const [isOpen, setOpen] = useState(false);
  if (items.length === 0) return null;
  const shown = isOpen || items.length <= MOST + 1 ? items : items.slice(0, MOST);
  return (
    <section aria-label="Needs attention" className="rounded-lg border border-line bg-panel">
      <ul>
        {shown.map((item) => (
          <Line key={item.key} cluster={cluster} item={item} />
        ))}
      </ul>
      {items.length <= MOST + 1 ? null : (
        <div className="border-t border-line px-3.5 py-1.5">
          <Button
            size="sm"
            variant="quiet"
            className="-ml-2"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Show fewer' : `${formatCount(items.length - MOST)} more`}
          </Button>
        </div>
      )}
    </section>
  );
}

function Line({ cluster, item }: { cluster: string; item: Attention }) {
  const look = LOOK[item.severity];
  // Some things are only told here: nothing to lead to.
  const leadsOn = item.link.path !== '';
  const path = clusterPath(cluster, item.link.path.replace(/^\//, ''));
  return (
    <li className="flex items-center gap-x-2.5 gap-y-1.5 border-t border-line px-3.5 py-2 first:border-t-0 max-md:flex-wrap">
      <look.icon
        aria-label={look.word}
        role="img"
        className={`size-4 shrink-0 stroke-2 ${look.color}`}
      />
      <p className="min-w-0 flex-1 break-words">
        {leadsOn ? (
          <Link href={path} className="font-medium hover:underline">
            {item.title}
          </Link>
        ) : (
          <span className="font-medium">{item.title}</span>
        )}
        {item.detail === '' ? null : <span className="text-ink-3"> · {item.detail}</span>}
      </p>
      <span className="flex items-center gap-2.5 max-md:w-full max-md:pl-[26px]">
        {item.since === null ? null : <Since at={item.since} until={item.until} />}
        <span className="max-md:ml-auto">
          {item.action === null && !leadsOn ? null : item.action === null ? (
            <Button asChild>
              <Link href={path}>{item.link.label}</Link>
            </Button>
          ) : (
            <EnableEventsButton
              cluster={cluster}
              workers={item.action.workers}
              label={item.action.label}
            />
          )}
        </span>
      </span>
    </li>
  );
}

function Since({ at, until }: { at: number; until: number | undefined }) {
  const { zone } = useTimeZone();
  const now = useNow(10_000);
  return (
    <span
      className="whitespace-nowrap text-ink-3 tnum"
      title={now === null ? undefined : formatRelative(at, now)}
    >
      {until === undefined
        ? `since ${formatClock(at, zone)}`
        : `${formatTime(at, zone)}–${formatTime(until, zone)}`}
    </span>
  );
}
