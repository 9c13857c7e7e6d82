'use client';
import { CalendarClock } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { DataState } from '@/components/layout/data-state.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { apiPath, tasksPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Button } from '@/components/ui/button.tsx';
import { Card } from '@/components/ui/card.tsx';
import { Input } from '@/components/ui/input.tsx';
import { EmptyState, SkeletonRows, StaleBanner } from '@/components/ui/states.tsx';
import { scheduleList, type ScheduleList } from '@/lib/contract/schedule.ts';
import { formatCount } from '@/lib/format/number.ts';
import { matches, toSourceWords } from './schedule-words.ts';
import { ScheduleTable } from './schedule-table.tsx';

const EVERY_MS = 5000;

function toSub({ total, items }: ScheduleList): string {
  const overdue = items.filter(({ isOverdue }) => isOverdue === true).length;
  const words = `${formatCount(total)} ${total === 1 ? 'entry' : 'entries'}`;
  return overdue === 0 ? words : `${words}, ${formatCount(overdue)} overdue`;
}

export function SchedulePage({ cluster }: { cluster: string }) {
  const query = useLiveQuery({
    cluster,
    key: ['schedule', cluster],
    path: apiPath(cluster, 'schedule'),
    schema: scheduleList,
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHeader
        cluster={cluster}
        title="Schedule"
        sub={query.data === undefined ? '\u00a0' : toSub(query.data)}
        actions={
          <Button asChild className="max-md:hidden">
            <Link href={tasksPath(cluster, 'state:scheduled', { range: 'all' })}>
              Tasks with an ETA
            </Link>
          </Button>
        }
      />
      <DataState
        query={query}
        skeleton={
          <Card className="mt-[43px] max-md:mt-[81px]">
            <SkeletonRows rows={4} label="Loading the schedule" />
          </Card>
        }
      >
        {(list) => <Entries cluster={cluster} list={list} />}
      </DataState>
    </>
  );
}

function Entries({ cluster, list }: { cluster: string; list: ScheduleList }) {
  const [text, setText] = useQueryState('q', parseAsString.withDefault(''));
  if (list.items.length === 0) return <NoSchedule />;
  const shown = list.items.filter((entry) => matches(entry, text));
  return (
    <>
      <div className="mb-3.5 flex flex-wrap items-center gap-x-3.5 gap-y-2">
        <Input
          type="search"
          aria-label="Filter entries"
          placeholder="Entry or task"
          data-filter-input
          value={text}
          onChange={(event) => void setText(event.target.value === '' ? null : event.target.value)}
          className="w-64 max-md:w-full"
        />
        <p className="min-w-0 text-ink-3">{toSourceWords(list.sources)}</p>
      </div>
      {list.total > list.items.length ? (
        <StaleBanner className="mb-3.5">
          The first {formatCount(list.items.length)} of {formatCount(list.total)} entries.
        </StaleBanner>
      ) : null}
      <Card>
        {shown.length === 0 ? (
          <EmptyState
            title="No entry matches"
            action={<Button onClick={() => void setText(null)}>Reset the filter</Button>}
          >
            {formatCount(list.items.length)} {list.items.length === 1 ? 'entry is' : 'entries are'}{' '}
            known.
          </EmptyState>
        ) : (
          <ScheduleTable cluster={cluster} entries={shown} sources={list.sources} />
        )}
      </Card>
    </>
  );
}

function NoSchedule() {
  return (
    <Card>
      <EmptyState icon={<CalendarClock aria-hidden />} title="No schedule is known">
        Entries of <code className="font-mono text-sm">beat_schedule</code> appear here when a
        worker’s configuration has them, or when Umbel is started with the app itself:{' '}
        <code className="font-mono text-sm">umbel -A celery_app dashboard</code>. A schedule that is
        kept in a database (django-celery-beat, RedBeat) is in neither.
      </EmptyState>
    </Card>
  );
}
