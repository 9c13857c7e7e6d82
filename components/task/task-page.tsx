'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TaskActions } from '@/components/actions/task-actions.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { apiGet, toMessage } from '@/components/live/api.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useNow } from '@/components/live/time-zone.ts';
import { Time } from '@/components/live/time.tsx';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Badge } from '@/components/ui/badge.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Card, Section } from '@/components/ui/card.tsx';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { ErrorState, Skeleton, StaleBanner } from '@/components/ui/states.tsx';
import { STATE_LOOK } from '@/components/ui/state.ts';
import { taskDetail, type TaskDetail } from '@/lib/contract/task.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { AttemptChart } from './attempt-chart.tsx';
import { toSegments } from './attempts.ts';
import { EventList } from './event-list.tsx';
import { BackendFact, Facts } from './facts.tsx';
import { toHeadline, toSpan } from './headline.ts';
import { CopyAs } from './task-header.tsx';
import { ProgressSection } from './progress-section.tsx';
import { TaskNotFound } from './task-not-found.tsx';
import { TracebackSection } from './traceback-section.tsx';
import { ArgumentsSection, ResultSection } from './values.tsx';

export function TaskPage({ cluster, id }: { cluster: string; id: string }) {
  const path = apiPath(cluster, `tasks/${encodeURIComponent(id)}`);
  const query = useLiveQuery({
    cluster,
    key: ['task', cluster, id],
    path,
    schema: taskDetail,
    topic: `task:${id}`,
  });
  const { data, error } = query;
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: () => apiGet(`${path}?result=1`, taskDetail),
    onSuccess: (task) => client.setQueryData(['task', cluster, id], task),
  });
  const unknown = data === undefined && error?.status === 404;
  return (
    <>
      <PageHeader
        cluster={cluster}
        title={data?.type ?? 'Task'}
        long
        sub={
          <span className="inline-flex max-w-full items-center gap-1 touch:h-10">
            <span className="truncate font-mono text-sm">{id}</span>
            <CopyButton text={id} label="Copy the id" />
          </span>
        }
        actions={
          data === undefined ? null : (
            <>
              <CopyAs task={data} />
              <TaskActions cluster={cluster} task={data} />
            </>
          )
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3.5">
        {query.isStale ? (
          <StaleBanner
            action={
              <Button size="sm" onClick={query.refetch}>
                Try again
              </Button>
            }
          >
            Shown as it was at <Time at={query.updatedAt} />
            {error === null ? '.' : `: ${error.message}`}
          </StaleBanner>
        ) : null}
        {data !== undefined ? (
          <TaskBody
            cluster={cluster}
            task={data}
            onRead={() => read.mutate()}
            isReading={read.isPending}
            readError={read.error === null ? null : toMessage(read.error)}
          />
        ) : unknown ? (
          <TaskNotFound cluster={cluster} id={id} onRetry={query.refetch} />
        ) : error !== null ? (
          <Card>
            <ErrorState
              title={error.title}
              detail={error.detail}
              action={<Button onClick={query.refetch}>Try again</Button>}
            />
          </Card>
        ) : (
          <TaskSkeleton />
        )}
      </div>
    </>
  );
}

function TaskBody({
  cluster,
  task,
  onRead,
  isReading,
  readError,
}: {
  cluster: string;
  task: TaskDetail;
  onRead: () => void;
  isReading: boolean;
  readError: string | null;
}) {
  return (
    <>
      <Story task={task} />
      <ProgressSection cluster={cluster} task={task} />
      <div className="grid items-start gap-3.5 lg:grid-cols-[minmax(0,1fr)_320px]">
        <div className="grid min-w-0 gap-3.5">
          <TracebackSection exception={task.exception} traceback={task.traceback} />
          <ArgumentsSection task={task} />
          <ResultSection task={task} />
          <Section title="Events" sub={`${task.timeline.length} observed`}>
            <EventList entries={task.timeline} dropped={task.timelineDropped} />
            {task.timeline.length > 0 ? <RawEvents task={task} /> : null}
          </Section>
        </div>
        <div className="grid min-w-0 gap-3.5">
          <Facts cluster={cluster} task={task} />
          {task.notes.length === 0 ? null : (
            <Section title="Not known" bodyClassName="px-3.5 py-3">
              <ul className="grid gap-2 text-ink-2">
                {task.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </Section>
          )}
          <BackendFact task={task} isReading={isReading} onRead={onRead} error={readError} />
        </div>
      </div>
    </>
  );
}

function Story({ task }: { task: TaskDetail }) {
  const ticking = useNow(1000);
  const now = ticking ?? task.updatedAt;
  const segments = toSegments(task);
  const span = toSpan(task, segments, now);
  const look = STATE_LOOK[task.state];
  return (
    <section aria-label="State and attempts" className="rounded-lg border border-line bg-panel">
      <header className="flex min-h-[41px] flex-wrap items-center gap-x-2.5 gap-y-1 px-3.5 py-2">
        <p className={`inline-flex items-center gap-1.5 font-medium ${look.text}`}>
          <look.icon aria-hidden className="size-[14px] shrink-0 stroke-2" />
          {toHeadline(task, segments, now)}
        </p>
        <span role="status" className="sr-only">
          {task.customState ?? look.word}
        </span>
        {task.revoking ? <Badge tone="retry">revoking</Badge> : null}
        <span className="text-ink-3 tnum">
          <Time at={span.fromAt} /> → {span.toAt === null ? 'now' : <Time at={span.toAt} />}
          {span.wholeMs === null ? '' : ` · ${formatDuration(span.wholeMs)} in all`}
          {span.runningMs === null ? '' : `, ${formatDuration(span.runningMs)} running`}
        </span>
      </header>
      {segments.length === 0 ? null : (
        <div className="border-t border-line">
          <AttemptChart segments={segments} now={now} />
        </div>
      )}
    </section>
  );
}

function RawEvents({ task }: { task: TaskDetail }) {
  const text = JSON.stringify(task.timeline, null, 2);
  return (
    <details className="border-t border-line">
      <summary className="px-3.5 py-2 text-ink-2 hover:text-ink touch:py-3">Raw events</summary>
      <div className="flex justify-end px-3.5">
        <CopyButton text={text} label="Copy the raw events" />
      </div>
      <pre
        tabIndex={0}
        aria-label="Raw events as JSON"
        className="max-h-96 overflow-auto px-3.5 pb-3 font-mono text-sm break-words whitespace-pre-wrap"
      >
        {text}
      </pre>
    </details>
  );
}

function TaskSkeleton() {
  return (
    <div role="status" aria-label="Loading the task" className="grid gap-3.5">
      <Card className="grid h-[150px] content-center gap-4 px-3.5">
        <Skeleton className="h-3 w-1/3" />
        <Skeleton className="h-3 w-3/4" />
        <Skeleton className="h-3 w-1/2" />
      </Card>
      <div className="grid gap-3.5 lg:grid-cols-[minmax(0,1fr)_320px]">
        <Card className="h-[220px]" />
        <Card className="h-[320px]" />
      </div>
    </div>
  );
}
