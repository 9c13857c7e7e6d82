'use client';
import { useNow, useTimeZone } from '@/components/live/time-zone.ts';
import { formatDateTime, formatRelative } from '@/lib/format/time.ts';
import { Tooltip } from './tooltip.tsx';

/** `9 s ago`; the date and time with its zone on hover. */
export function RelativeTime({
  at,
  unknown = 'unknown',
  className,
}: {
  at: number | null | undefined;
  unknown?: string;
  className?: string;
}) {
  const now = useNow();
  const { zone } = useTimeZone();
  if (at === null || at === undefined) return <span className="text-ink-3">{unknown}</span>;
  const exact = now === null ? '' : formatDateTime(at, zone);
  return (
    <Tooltip content={exact}>
      <time dateTime={toIso(at)} className={`whitespace-nowrap tnum ${className ?? ''}`}>
        {now === null ? '\u00a0' : formatRelative(Math.min(at, now), now)}
      </time>
    </Tooltip>
  );
}

/** A time ahead: `in 5 min`, or how long ago it would have been. */
export function Countdown({ at }: { at: number | null }) {
  const now = useNow();
  const { zone } = useTimeZone();
  if (at === null) return <span className="text-ink-3">unknown</span>;
  return (
    <Tooltip content={now === null ? '' : formatDateTime(at, zone)}>
      <time dateTime={toIso(at)} className="whitespace-nowrap tnum">
        {now === null ? '\u00a0' : formatRelative(at, now)}
      </time>
    </Tooltip>
  );
}

function toIso(at: number): string {
  return Math.abs(at) > 8.64e15 ? '' : new Date(at).toISOString();
}
