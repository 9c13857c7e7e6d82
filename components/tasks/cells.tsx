'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { taskPath } from '@/components/live/paths.ts';
import { Time } from '@/components/live/time.tsx';
import { Bar } from '@/components/ui/bar.tsx';
import { StateLabel } from '@/components/ui/state-label.tsx';
import type { TaskSummary } from '@/lib/contract/task.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { callText, shortHostname, type ColumnId } from './columns.ts';

const unknown = <span className="text-ink-3">–</span>;

const mono = (text: string | null, shown = text): ReactNode =>
  text === null ? (
    unknown
  ) : (
    <span title={text} className="block truncate font-mono text-sm text-ink-2">
      {shown}
    </span>
  );

/** What a cell of the table shows. `longestMs`: the longest runtime on the page, the full bar. */
export function Cell({
  cluster,
  task,
  column,
  longestMs,
}: {
  cluster: string;
  task: TaskSummary;
  column: ColumnId;
  longestMs: number;
}) {
  switch (column) {
    case 'state':
      return (
        <span className="flex min-w-0 items-center gap-1.5">
          <StateLabel
            state={task.state}
            customState={task.customState}
            iconOnly={task.revoking}
            className="min-w-0"
          />
          {task.revoking ? <span className="font-medium text-retry">revoking</span> : null}
        </span>
      );
    case 'type':
      return (
        <Link
          data-row-link
          href={taskPath(cluster, task.id)}
          title={task.type ?? task.id}
          className="block truncate font-[550] hover:underline"
        >
          {task.type ?? <span className="text-ink-3">type not known</span>}
        </Link>
      );
    case 'arguments': {
      const text = callText(task);
      return text === null ? (
        unknown
      ) : (
        <span title={text} className="block truncate font-mono text-sm text-ink-3">
          {text}
        </span>
      );
    }
    case 'result': {
      const text = task.exception ?? task.result;
      return text === null ? (
        unknown
      ) : (
        <span title={text} className="block truncate font-mono text-sm text-ink-2">
          {text}
        </span>
      );
    }
    case 'queue':
      return mono(task.queue);
    case 'worker':
      return mono(task.worker, task.worker === null ? null : shortHostname(task.worker));
    case 'id':
      return mono(task.id);
    case 'sent':
      return <Time at={task.sentAt} />;
    case 'received':
      return <Time at={task.receivedAt} />;
    case 'started':
      return <Time at={task.startedAt} />;
    case 'finished':
      return <Time at={task.finishedAt} />;
    case 'updated':
      return <Time at={task.updatedAt} />;
    case 'wait':
      return formatDuration(task.waitMs);
    case 'runtime':
      return (
        <span className="inline-flex items-center justify-end gap-2">
          {task.runtimeMs === null ? unknown : formatDuration(task.runtimeMs)}
          <Bar
            className="w-11 min-w-11 max-md:hidden"
            share={task.runtimeMs === null || longestMs <= 0 ? 0 : task.runtimeMs / longestMs}
          />
        </span>
      );
    case 'retries':
      return task.retries;
    case 'priority':
      return task.priority ?? unknown;
  }
}
