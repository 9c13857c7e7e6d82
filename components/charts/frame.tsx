'use client';
import type { ReactNode } from 'react';
import { useTimeZone } from '@/components/live/time-zone.ts';
import { formatClock, formatShortTime, formatTime } from '@/lib/format/time.ts';

export const AXIS_TEXT = { fontSize: 11, fill: 'var(--ink-3)' } as const;
export const CHART_MARGIN = { top: 8, right: 2, bottom: 0, left: 0 } as const;
const DAY_MS = 86_400_000;
const SECONDS_BELOW_MS = 180_000;

/** A chart's place: named for screen readers, of fixed height so that nothing jumps when it loads. */
export function ChartFrame({
  label,
  height,
  caption,
  children,
}: {
  label: string;
  height: number;
  caption?: ReactNode;
  children: ReactNode;
}) {
  return (
    <figure aria-label={label} className="m-0 min-w-0 px-3.5 pt-3 pb-2 tnum">
      <div style={{ height }}>{children}</div>
      {caption === undefined || caption === null ? null : <figcaption>{caption}</figcaption>}
    </figure>
  );
}

/** Writes the times of an axis: the clock, and the date where the window is longer than a day. */
export function useAxisTime(spanMs: number): (at: number) => string {
  const { zone } = useTimeZone();
  return (at) => {
    if (spanMs < SECONDS_BELOW_MS) return formatTime(at, zone);
    if (spanMs <= DAY_MS) return formatClock(at, zone);
    return formatShortTime(at, 0, zone).slice(-14, -3);
  };
}

const NICE_MS = [
  5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
  10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000,
];

/** Round times for the axis, about six of them. */
export function timeTicks(from: number, to: number, atMost = 6): number[] {
  const step = NICE_MS.find((one) => (to - from) / one <= atMost) ?? (to - from) / atMost;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** The hatching of what was not observed; `url(#id)` fills with it. */
export function HatchPattern({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={id}
        width={6}
        height={6}
        patternTransform="rotate(45)"
        patternUnits="userSpaceOnUse"
      >
        <line
          x1={0}
          y1={0}
          x2={0}
          y2={6}
          stroke="var(--ink-3)"
          strokeOpacity={0.5}
          strokeWidth={1.25}
        />
      </pattern>
    </defs>
  );
}

export type NotKnownStretch = {
  from: number;
  to: number;
  text: string;
  why?: string;
  /** Whether the reason is written out too. */
  note?: boolean;
};

/** The latest stretches that are hatched, in words. */
export function NotKnown({ stretches }: { stretches: readonly NotKnownStretch[] }) {
  const { zone } = useTimeZone();
  const shown = stretches.slice(-3);
  return (
    <span className="mt-1 flex flex-wrap items-center gap-x-3 text-xs text-ink-3">
      <span aria-hidden className="h-2.5 w-5 rounded-[2px] border border-line hatched" />
      {stretches.length > shown.length ? (
        <span>{stretches.length - shown.length} earlier, and</span>
      ) : null}
      {shown.map(({ from, to, text, why, note }) => (
        <span key={`${from} ${why ?? ''}`} title={why}>
          {text} {formatTime(from, zone)}–{formatTime(to, zone)}
          {note === true ? ` (${why})` : ''}
        </span>
      ))}
    </span>
  );
}

/** The box that follows the pointer. */
export function ChartTip({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="rounded-md border border-line bg-panel px-2.5 py-1.5 text-sm">
      <div className="mb-0.5 text-ink-3 tnum">{title}</div>
      {children}
    </div>
  );
}

export function ChartTipRow({
  color,
  name,
  children,
}: {
  color?: string;
  name: string;
  children: ReactNode;
}) {
  return (
    <div className="flex items-center gap-1.5 tnum">
      {color === undefined ? null : (
        <span aria-hidden className="size-2 rounded-[2px]" style={{ background: color }} />
      )}
      <span className="text-ink-2">{name}</span>
      <span className="ml-auto pl-4 font-medium">{children}</span>
    </div>
  );
}
