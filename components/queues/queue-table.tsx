'use client';
import Link from 'next/link';
import { compareBy, useSort } from '@/components/layout/use-sort.ts';
import { queuePath } from '@/components/live/paths.ts';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { Explained, Unknown } from '@/components/ui/tooltip.tsx';
import type { QueueSummary } from '@/lib/contract/queue.ts';
import { formatCount } from '@/lib/format/number.ts';
import { byConcern, formatWholeSeconds } from './outlook.ts';
import { PriorityList } from './priorities.tsx';
import { CountCell, OutlookCell, RateCell, ReadyBar } from './queue-cells.tsx';
import { useTrend } from './use-trend.ts';
import { Sparkline } from '@/components/charts/sparkline.tsx';

const SORTS = ['concern', 'name', 'ready', 'inFlight', 'consumers', 'in', 'out', 'age'] as const;
type QueueSort = (typeof SORTS)[number];

const VALUE: Record<
  Exclude<QueueSort, 'concern'>,
  (queue: QueueSummary) => string | number | null
> = {
  name: (queue) => queue.name,
  ready: (queue) => queue.ready,
  inFlight: (queue) => queue.inFlight,
  consumers: (queue) => queue.consumers,
  in: (queue) => queue.inPerSecond,
  out: (queue) => queue.outPerSecond,
  age: (queue) => queue.oldestAgeMs,
};

export function QueueTable({
  cluster,
  queues,
}: {
  cluster: string;
  queues: readonly QueueSummary[];
}) {
  const order = useSort(SORTS);
  const { key, descending } = order.sort;
  const rows = [...queues].sort(byConcern);
  if (key !== 'concern') rows.sort(compareBy(VALUE[key], descending));
  const fullest = Math.max(0, ...queues.map((queue) => queue.ready ?? 0));
  const trend = useTrend(queues);
  const head = (sort: QueueSort, label: string, options: { desk?: boolean } = {}) => (
    <Th
      right={sort !== 'name'}
      {...options}
      sort={order.directionOf(sort)}
      onSort={() => order.toggle(sort, sort !== 'name')}
    >
      {label}
    </Th>
  );
  return (
    <Table caption="Queues">
      <thead>
        <tr>
          {head('name', 'Queue')}
          {head('ready', 'Ready')}
          <Th className="w-24 max-sm:hidden">
            <span className="sr-only">Share of the fullest</span>
          </Th>
          <Th desk>Priorities</Th>
          {head('inFlight', 'In flight', { desk: true })}
          {head('consumers', 'Consumers', { desk: true })}
          {head('in', 'In', { desk: true })}
          {head('out', 'Out', { desk: true })}
          {head('age', 'Oldest', { desk: true })}
          <Th>Empty</Th>
          <Th desk className="w-24">
            <Explained reason="Samples that came in while this page is open. The page of the queue has its history.">
              Since opened
            </Explained>
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((queue) => (
          <Tr key={queue.name}>
            <Td className="w-full max-w-0 min-w-32">
              <Link
                data-row-link
                href={queuePath(cluster, queue.name)}
                title={queue.name}
                className="block truncate font-mono text-sm hover:underline"
              >
                {queue.name}
              </Link>
            </Td>
            <Td right>
              <CountCell value={queue.ready} reason={queue.reason} />
            </Td>
            <Td className="max-sm:hidden">
              <ReadyBar queue={queue} fullest={fullest} />
            </Td>
            <Td desk>
              <PriorityList queue={queue} />
            </Td>
            <Td right desk>
              <CountCell value={queue.inFlight} reason={queue.reason} />
            </Td>
            <Td right desk>
              <Consumers queue={queue} />
            </Td>
            <Td right desk>
              <RateCell value={queue.inPerSecond} reason={queue.reason} />
            </Td>
            <Td right desk>
              <RateCell value={queue.outPerSecond} reason={queue.reason} />
            </Td>
            <Td right desk className="text-ink-3">
              {queue.oldestAgeMs === null ? '–' : formatWholeSeconds(queue.oldestAgeMs)}
            </Td>
            <Td>
              <OutlookCell queue={queue} />
            </Td>
            <Td desk>
              <Sparkline points={trend(queue.name)} color="var(--queued)" height={18} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** None and unknown are different things. */
export function Consumers({ queue }: { queue: QueueSummary }) {
  if (queue.consumers === null && queue.consumerNames.length > 0) {
    return (
      <Explained
        reason={`${queue.consumerNames.slice(0, 20).join(', ')}. Other workers have not told what they consume.`}
      >
        ≥ {formatCount(queue.consumerNames.length)}
      </Explained>
    );
  }
  if (queue.consumers === null) {
    return <Unknown reason={queue.reason ?? 'Neither the broker nor a worker has told.'} />;
  }
  if (queue.consumers === 0)
    return <span className={queue.ready === 0 ? '' : 'text-failure'}>none</span>;
  if (queue.consumerNames.length === 0) return formatCount(queue.consumers);
  return (
    <Explained reason={queue.consumerNames.slice(0, 20).join(', ')}>
      {formatCount(queue.consumers)}
    </Explained>
  );
}
