'use client';
import { useLiveStatus } from '@/components/live/use-status.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { formatCompact, formatPerSecond } from '@/lib/format/number.ts';

const NOTEWORTHY_LAG_MS = 1000;

/** How the cluster is observed just now: connection, events a second, how far behind. */
export function LiveFooter({ cluster }: { cluster: string }) {
  const status = useLiveStatus(cluster);
  const broker = status.broker?.state ?? null;
  const trouble =
    status.link !== 'connected'
      ? status.link === 'connecting'
        ? 'Connecting'
        : 'Reconnecting'
      : broker !== null && broker !== 'connected'
        ? 'Broker lost'
        : status.paused
          ? 'Paused'
          : null;
  const behind = status.behind;
  return (
    <div className="grid gap-1 text-sm text-ink-2">
      <div className="flex items-center gap-2.5 px-[3px]">
        <span
          aria-hidden
          className={trouble === null ? 'live-dot' : 'size-[7px] flex-none rounded-full bg-retry'}
        />
        <span className="whitespace-nowrap tnum">
          {trouble ?? 'Live'}
          {trouble !== null || status.eventsPerSecond === null ? null : (
            <> · {formatPerSecond(status.eventsPerSecond)} events/s</>
          )}
        </span>
      </div>
      <div className="text-ink-3 tnum">
        {behind === null ? null : (
          <span className={behind > NOTEWORTHY_LAG_MS ? 'text-retry' : undefined}>
            {formatDuration(behind)} behind ·{' '}
          </span>
        )}
        {status.tasksStored === null ? '\u00a0' : `${formatCompact(status.tasksStored)} tasks`}
      </div>
    </div>
  );
}
