'use client';

import { useState } from 'react';
import { Time } from '@/components/live/time.tsx';
import type { TimelineEntry } from '@/lib/contract/task.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { formatCount } from '@/lib/format/number.ts';
import { ownFields, toEventRows } from './event-rows.ts';

const WORDS: Readonly<Record<string, string>> = {
  'task-sent': 'sent',
  'task-received': 'received',
  'task-started': 'started',
  'task-succeeded': 'succeeded',
  'task-failed': 'failed',
  'task-retried': 'to be retried',
  'task-revoked': 'revoked',
  'task-rejected': 'rejected',
  'seen-queued': 'seen waiting in the queue',
  'seen-in-flight': 'seen in flight',
  'seen-reserved': 'seen held by the worker',
  'seen-active': 'seen running',
  'task-cancelled': 'cancelled',
  'revoke-sent': 'revoke sent to the workers',
  'retried-as': 'sent again as a new task',
  'sent-by-retry': 'sent from here, as a retry',
  lost: 'lost',
  'ended-unseen': 'ended, and nobody told how',
  found: 'found again',
};

function wordsOf({ type, fields }: TimelineEntry): string {
  const { status } = fields;
  if (type === 'found' && typeof status === 'string') return `its result says ${status}`;
  return WORDS[type] ?? type;
}

const SOURCES: Readonly<Record<TimelineEntry['source'], string>> = {
  event: 'event',
  message: 'broker',
  inspect: 'inspect',
  result: 'result backend',
  none: 'Umbel',
};

const line =
  'grid min-h-[26px] grid-cols-[96px_minmax(0,1fr)_auto] items-baseline gap-x-3 py-0.5 md:grid-cols-[96px_84px_minmax(0,1fr)_auto]';

/** Every fact with its exact time, and how long after the one before it. */
export function EventList({
  entries,
  dropped,
}: {
  entries: readonly TimelineEntry[];
  dropped: number;
}) {
  const [isOpen, setOpen] = useState(false);
  if (entries.length === 0) {
    return <p className="px-3.5 py-3 text-ink-3">No event of this task was observed.</p>;
  }
  return (
    <>
      <ol className="px-3.5 py-1.5">
        {toEventRows(entries, isOpen).map((row, index) =>
          row.type === 'folded' ? (
            <li key={row.key} className={`${line} text-ink-3`}>
              <span className="max-md:hidden" />
              <span />
              <span>
                <button
                  type="button"
                  onClick={() => setOpen(true)}
                  className="touch-area rounded-sm underline decoration-line underline-offset-[3px] hover:text-ink"
                >
                  {row.count} more {row.of}
                </button>
              </span>
            </li>
          ) : (
            <EventLine key={`${row.entry.at}-${row.entry.type}-${index}`} {...row} />
          ),
        )}
      </ol>
      {dropped > 0 ? (
        <p className="border-t border-line px-3.5 py-2 text-ink-2">
          {formatCount(dropped)} more did not fit and are not kept.
        </p>
      ) : null}
    </>
  );
}

function EventLine({ entry, afterMs }: { entry: TimelineEntry; afterMs: number | null }) {
  const own = ownFields(entry);
  return (
    <li className={line}>
      <Time at={entry.at} millis />
      <span className="text-right text-ink-3 tnum max-md:hidden">
        {afterMs === null ? '' : `+ ${formatDuration(afterMs)}`}
      </span>
      <span className="min-w-0 break-words">
        {wordsOf(entry)}
        {own === null ? null : <span className="font-mono text-sm"> {own}</span>}
        {entry.hostname === null ? null : (
          <span className="font-mono text-sm text-ink-3">
            {' '}
            {entry.hostname}
            {entry.pid === null ? '' : ` · pid ${entry.pid}`}
          </span>
        )}
      </span>
      <span className="text-xs text-ink-3">{SOURCES[entry.source]}</span>
    </li>
  );
}
