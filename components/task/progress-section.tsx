'use client';

import { useQuery } from '@tanstack/react-query';
import { apiGet } from '@/components/live/api.ts';
import { useHoldReason } from '@/components/live/hold.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useClusterStatus } from '@/components/live/use-status.ts';
import { Section } from '@/components/ui/card.tsx';
import { taskDetail, type TaskDetail } from '@/lib/contract/task.ts';
import { formatCount, formatShare } from '@/lib/format/number.ts';
import { isOwnEvent } from './attempts.ts';
import { toProgress } from './progress.ts';

const EVERY_MS = 2000;

/**
 * What a running task says of itself. `update_state` only writes to the result backend, without any event: that is
 * read again and again while the task runs and somebody looks.
 */
export function ProgressSection({ cluster, task }: { cluster: string; task: TaskDetail }) {
  const hold = useHoldReason();
  const { data: status } = useClusterStatus(cluster);
  const isRunning = task.state === 'started';
  const read = useQuery({
    queryKey: ['task-progress', cluster, task.id],
    queryFn: ({ signal }) =>
      apiGet(apiPath(cluster, `tasks/${encodeURIComponent(task.id)}?result=1`), taskDetail, signal),
    enabled: isRunning && hold === null && status !== undefined && status.backendUrl !== null,
    refetchInterval: EVERY_MS,
    refetchOnWindowFocus: hold === null || hold === 'hidden',
  });
  if (!isRunning) return null;
  const told = task.timeline.findLast((entry) => isOwnEvent(entry));
  const fromBackend = read.data?.progress ?? task.progress ?? null;
  const meta: unknown = fromBackend ?? told?.fields ?? null;
  if (meta === null) return null;
  const progress = toProgress(meta);
  const state = fromBackend === null ? told?.type : (read.data ?? task).resultMeta?.status;
  return (
    <Section title="Progress" sub={state ?? task.customState ?? undefined}>
      {progress === null ? null : (
        <div className="flex items-center gap-3 px-3.5 pt-3 tnum">
          <span
            role="progressbar"
            aria-label="Progress of the task"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.floor(progress.share * 100)}
            className="relative h-2 flex-1 overflow-hidden rounded-full bg-raised"
          >
            <span
              className="absolute inset-y-0 left-0 rounded-full bg-started"
              style={{ width: `${progress.share * 100}%` }}
            />
          </span>
          <span className="font-medium">{formatShare(Math.floor(progress.share * 100) / 100)}</span>
          {progress.total === null ? null : (
            <span className="text-ink-3">
              {formatCount(progress.done)} of {formatCount(progress.total)}
            </span>
          )}
        </div>
      )}
      <pre
        tabIndex={0}
        aria-label="Progress as told"
        className="max-h-72 overflow-auto px-3.5 py-3 font-mono text-sm leading-[1.6] break-words whitespace-pre-wrap text-ink-2"
      >
        {typeof meta === 'string' ? meta : JSON.stringify(meta, null, 1).replace(/\n\s*/g, ' ')}
      </pre>
    </Section>
  );
}
