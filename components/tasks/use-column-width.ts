'use client';

import { useNow, useTimeZone } from '@/components/live/time-zone.ts';
import type { TaskSummary } from '@/lib/contract/task.ts';
import { formatShortTime } from '@/lib/format/time.ts';
import { COLUMNS, DATED_WIDTH, type ColumnId } from './columns.ts';

/** Columns keep their width whatever arrives, but for a date, which needs more than a time of today. */
export function useColumnWidth(tasks: readonly TaskSummary[]) {
  const { zone } = useTimeZone();
  const now = useNow(10_000);
  const timeOf = (task: TaskSummary, id: ColumnId): number | null => {
    if (id === 'sent') return task.sentAt;
    if (id === 'received') return task.receivedAt;
    if (id === 'started') return task.startedAt;
    if (id === 'finished') return task.finishedAt;
    return id === 'updated' ? task.updatedAt : null;
  };
  return (id: ColumnId): number | undefined => {
    const isDated =
      now !== null &&
      tasks.some((task) => {
        const at = timeOf(task, id);
        return at !== null && formatShortTime(at, now, zone).length > 8;
      });
    return isDated ? DATED_WIDTH : COLUMNS[id].width;
  };
}
