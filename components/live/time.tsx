'use client';

import { formatDateTime, formatRelative, formatShortTime, formatTime } from '@/lib/format/time.ts';
import { useNow, useTimeZone } from './time-zone.ts';

/** A moment, in the zone that was chosen; hovering tells the whole date and how long ago that was. */
export function Time({
  at,
  millis = false,
  unknown = '–',
}: {
  at: number | null | undefined;
  /** With milliseconds, and never with the date. */
  millis?: boolean;
  unknown?: string;
}) {
  const { zone } = useTimeZone();
  const now = useNow(10_000);
  if (at === null || at === undefined) return <span className="text-ink-3">{unknown}</span>;
  const text = millis ? formatTime(at, zone, { millis }) : formatShortTime(at, now ?? at, zone);
  const title = `${formatDateTime(at, zone, { millis: true })}${now === null ? '' : ` · ${formatRelative(at, now)}`}`;
  return (
    <time dateTime={toIso(at)} title={title} className="tnum">
      {text}
    </time>
  );
}

function toIso(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
