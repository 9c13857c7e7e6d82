'use client';
import Link from 'next/link';
import { compareBy, useSort } from '@/components/layout/use-sort.ts';
import { taskPath, tasksPath } from '@/components/live/paths.ts';
import { useNow, useTimeZone } from '@/components/live/time-zone.ts';
import { callText } from '@/components/tasks/columns.ts';
import { StateLabel } from '@/components/ui/state-label.tsx';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { Countdown, RelativeTime } from '@/components/ui/time.tsx';
import { Explained, Unknown } from '@/components/ui/tooltip.tsx';
import type { ScheduleEntry, ScheduleSource } from '@/lib/contract/schedule.ts';
import { filterFor } from '@/lib/filter/stringify.ts';
import { formatDateTime } from '@/lib/format/time.ts';
import { toSourceName, toWhen } from './schedule-words.ts';

const SORTS = ['name', 'task', 'newest', 'expected'] as const;
type ScheduleSort = (typeof SORTS)[number];

const VALUE: Record<ScheduleSort, (entry: ScheduleEntry) => string | number | null> = {
  name: ({ name }) => name,
  task: ({ task }) => task,
  newest: ({ lastTask }) => lastTask?.at ?? null,
  expected: ({ expectedAt }) => expectedAt,
};

export function ScheduleTable({
  cluster,
  entries,
  sources,
}: {
  cluster: string;
  entries: readonly ScheduleEntry[];
  sources: readonly ScheduleSource[];
}) {
  const order = useSort(SORTS);
  const { key, descending } = order.sort;
  const rows = [...entries].sort(compareBy(VALUE[key], descending));
  const head = (sort: ScheduleSort, label: string, options: { desk?: boolean } = {}) => (
    <Th
      {...options}
      sort={order.directionOf(sort)}
      onSort={() => order.toggle(sort, sort === 'newest')}
    >
      {label}
    </Th>
  );
  return (
    <Table caption="Entries of the beat schedule">
      <thead>
        <tr>
          {head('name', 'Entry')}
          {head('task', 'Task', { desk: true })}
          <Th desk>Schedule</Th>
          <Th desk>Arguments</Th>
          <Th desk>Queue</Th>
          {head('newest', 'Newest task')}
          {head('expected', 'Next')}
        </tr>
      </thead>
      <tbody>
        {rows.map((entry) => (
          <Tr key={`${entry.source} ${entry.name}`}>
            <Td className="max-w-56 max-md:w-full max-md:max-w-0">
              <NameCell cluster={cluster} entry={entry} sources={sources} />
              <span className="block truncate text-sm text-ink-3 md:hidden">{toWhen(entry)}</span>
            </Td>
            <Td desk className="max-w-64">
              {entry.task === null ? (
                <Unknown reason={entry.reason} />
              ) : (
                <span title={entry.task} className="block truncate font-mono text-sm text-ink-2">
                  {entry.task}
                </span>
              )}
            </Td>
            <Td desk>
              <WhenCell entry={entry} />
            </Td>
            <Td desk className="w-full max-w-0 min-w-24">
              <span
                title={callText(entry) ?? undefined}
                className="block truncate font-mono text-sm text-ink-3"
              >
                {callText(entry) ?? '()'}
              </span>
            </Td>
            <Td desk>
              {entry.queue === null ? (
                <span className="text-ink-3">by its route</span>
              ) : (
                <span className="font-mono text-sm text-ink-2">{entry.queue}</span>
              )}
            </Td>
            <Td>
              <NewestCell cluster={cluster} entry={entry} />
            </Td>
            <Td>
              <NextCell entry={entry} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function NameCell({
  cluster,
  entry: { name, task, source },
  sources,
}: {
  cluster: string;
  entry: ScheduleEntry;
  sources: readonly ScheduleSource[];
}) {
  const teller = sources[source];
  const title = teller === undefined ? name : `${name}: told by ${toSourceName(teller)}`;
  if (task === null) {
    return (
      <span title={title} className="block truncate font-[550]">
        {name}
      </span>
    );
  }
  return (
    <Link
      data-row-link
      href={tasksPath(cluster, filterFor('name', task))}
      title={title}
      className="block truncate font-[550] hover:underline"
    >
      {name}
    </Link>
  );
}

function WhenCell({ entry }: { entry: ScheduleEntry }) {
  const { kind, timezone } = entry;
  if (kind === 'interval') return toWhen(entry);
  const words = <span className="font-mono text-sm">{toWhen(entry)}</span>;
  if (kind === 'other') {
    return (
      <span title={entry.when} className="block max-w-56 truncate">
        {words}
      </span>
    );
  }
  return (
    <Explained
      reason={`Minute, hour, day of month, month, day of week, in ${timezone ?? 'the local time of the machine that runs beat'}. As in Celery, all of them have to match.`}
    >
      {words}
    </Explained>
  );
}

function NewestCell({ cluster, entry: { lastTask } }: { cluster: string; entry: ScheduleEntry }) {
  if (lastTask === null) {
    return (
      <Unknown reason="No task of this type is known. Its history may have been tidied away." />
    );
  }
  return (
    <Link
      href={taskPath(cluster, lastTask.id)}
      className="touch-area inline-flex items-center gap-1.5 hover:underline"
    >
      <StateLabel state={lastTask.state} customState={lastTask.customState} iconOnly />
      <RelativeTime at={lastTask.at} />
    </Link>
  );
}

function NextCell({ entry: { expectedAt, isOverdue, reason } }: { entry: ScheduleEntry }) {
  const now = useNow();
  const { zone } = useTimeZone();
  if (expectedAt === null) {
    if (isOverdue === false) return <Explained reason={reason}>never</Explained>;
    return <Unknown reason={reason} />;
  }
  if (isOverdue === true) {
    return (
      <Explained
        className="font-medium text-retry"
        reason={`Due ${formatDateTime(expectedAt, zone)}. ${reason ?? ''}`}
      >
        overdue
      </Explained>
    );
  }
  if (now !== null && expectedAt <= now) return 'now';
  return <Countdown at={expectedAt} />;
}
