'use client';

import { cn } from '@/components/ui/cn.ts';
import { STATE_LOOK } from '@/components/ui/state.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { placeSegments, segmentLabel, type Segment } from './attempts.ts';

/** Every stretch in the life of a task, drawn to one scale. */
export function AttemptChart({ segments, now }: { segments: readonly Segment[]; now: number }) {
  return (
    <ol aria-label="Attempts, to scale" className="px-3.5 py-2.5">
      {placeSegments(segments, now).map((one, index) => {
        const thin = one.kind !== 'attempt';
        const label = segmentLabel(one);
        const end = one.endAt === null ? ', still going on' : '';
        return (
          <li
            key={index}
            className="grid min-h-[26px] grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2.5 max-md:py-1 md:grid-cols-[minmax(150px,260px)_1fr_84px]"
          >
            <span className={cn('truncate', thin && 'text-ink-3')} title={label}>
              {label}
              {one.state === 'started' || thin ? null : (
                <span className="sr-only">, {STATE_LOOK[one.state].word}</span>
              )}
            </span>
            <span
              aria-hidden
              className="relative h-3 max-md:order-3 max-md:col-span-2"
              data-testid="segment"
            >
              <span
                className={cn(
                  'absolute min-w-[2px] rounded-[3px]',
                  STATE_LOOK[one.state].fill,
                  thin ? 'top-[5px] h-0.5' : 'top-0 h-3',
                  one.endAt === null && 'opacity-60',
                )}
                style={{
                  left: `min(${(one.left * 100).toFixed(3)}%, calc(100% - 2px))`,
                  width: `${(one.width * 100).toFixed(3)}%`,
                }}
              />
            </span>
            <span className="text-right text-ink-3 tnum">
              {one.isUntimed === true ? 'unknown' : formatDuration(one.durationMs)}
              <span className="sr-only">{end}</span>
              {one.endAt === null ? <span aria-hidden>…</span> : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
