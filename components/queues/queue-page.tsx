'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { QueueChart } from '@/components/charts/queue-chart.tsx';
import { DataState } from '@/components/layout/data-state.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { useRange, type ChartRange } from '@/components/layout/use-range.ts';
import { apiPath, clusterPath, tasksPath, workerPath } from '@/components/live/paths.ts';
import { useNow } from '@/components/live/time-zone.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { useLiveStatus } from '@/components/live/use-status.ts';
import { Button } from '@/components/ui/button.tsx';
import { Card, Section } from '@/components/ui/card.tsx';
import { EmptyState, Skeleton, StaleBanner } from '@/components/ui/states.tsx';
import { RowNote, Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';
import { Unknown } from '@/components/ui/tooltip.tsx';
import { RANGES } from '@/lib/contract/api.ts';
import { queueDetail, type QueueDetail } from '@/lib/contract/queue.ts';
import { filterFor } from '@/lib/filter/stringify.ts';
import { formatWholeSeconds } from './outlook.ts';
import { PriorityBars } from './priorities.tsx';
import { CountCell, OutlookCell, RateCell } from './queue-cells.tsx';
import { Consumers } from './queue-table.tsx';
import { WaitingMessages } from './waiting-messages.tsx';

export function QueuePage({ cluster, name }: { cluster: string; name: string }) {
  const [range] = useRange();
  const query = useLiveQuery({
    cluster,
    key: ['queue', cluster, name, range],
    path: apiPath(cluster, `queues/${encodeURIComponent(name)}?range=${range}`),
    schema: queueDetail,
    topic: `queue:${name}`,
    range,
  });
  const isMissing = query.data === undefined && query.error?.status === 404;
  return (
    <>
      <PageHeader
        cluster={cluster}
        title={<span className="font-mono text-[15px]">{name}</span>}
        copy={{ text: name, label: 'Copy the name' }}
        long
        actions={
          <Button asChild>
            <Link href={tasksPath(cluster, filterFor('queue', name))}>Its tasks</Link>
          </Button>
        }
        range
      />
      {isMissing ? (
        <Card>
          <EmptyState
            title="This queue is not known"
            action={
              <Button asChild>
                <Link href={clusterPath(cluster, 'queues')}>All queues</Link>
              </Button>
            }
          >
            Neither the broker nor a worker nor an event has named it.
          </EmptyState>
        </Card>
      ) : (
        <DataState query={query} skeleton={<QueueSkeleton />}>
          {(queue) => <Picture cluster={cluster} queue={queue} range={range} />}
        </DataState>
      )}
    </>
  );
}

function Picture({
  cluster,
  queue,
  range,
}: {
  cluster: string;
  queue: QueueDetail;
  range: ChartRange;
}) {
  const { broker, hold } = useLiveStatus(cluster);
  const now = useNow();
  const until = broker?.state === 'connected' || hold !== null ? null : now;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3.5">
      {queue.ready === null ? (
        <StaleBanner>
          Its length is unknown{queue.reason === null ? '.' : `: ${queue.reason}`}
        </StaleBanner>
      ) : null}
      <section
        aria-label="Figures"
        className="grid grid-cols-2 overflow-hidden rounded-lg border border-line bg-panel sm:grid-cols-3 xl:grid-cols-6"
      >
        <Tile label="Ready">
          <CountCell value={queue.ready} reason={queue.reason} />
        </Tile>
        <Tile
          label="In flight"
          hint="Delivered and not acknowledged: running, prefetched, or waiting for their ETA"
        >
          <CountCell value={queue.inFlight} reason={queue.reason} />
        </Tile>
        <Tile label="Consumers">
          <Consumers queue={queue} />
        </Tile>
        <Tile label="In / out">
          <RateCell value={queue.inPerSecond} reason={queue.reason} />{' '}
          <span className="text-ink-3">/</span>{' '}
          <RateCell value={queue.outPerSecond} reason={queue.reason} />
        </Tile>
        <Tile label="Oldest">
          {queue.oldestAgeMs === null ? (
            queue.ready === 0 ? (
              '–'
            ) : (
              <Unknown reason="Its messages do not tell when they were sent." />
            )
          ) : (
            formatWholeSeconds(queue.oldestAgeMs)
          )}
        </Tile>
        <Tile label="Empty">
          <OutlookCell queue={queue} />
        </Tile>
      </section>
      <Section
        title="Messages"
        sub={
          <>
            sampled <RelativeTime at={queue.sampledAt} unknown="never" />
          </>
        }
        actions={
          <span className="flex gap-3.5 text-sm">
            <span className="text-queued">ready</span>
            <span className="text-started">in flight</span>
          </span>
        }
      >
        {queue.samples.length === 0 ? (
          <EmptyState title="No sample in this range" />
        ) : (
          <QueueChart samples={queue.samples} spanMs={RANGES[range]} until={until} />
        )}
      </Section>
      <div className="grid items-start gap-3.5 lg:grid-cols-3">
        <Section title="By priority">
          <PriorityBars queue={queue} />
        </Section>
        <ConsumerCard cluster={cluster} queue={queue} />
        <BindingCard queue={queue} />
      </div>
      <WaitingMessages cluster={cluster} name={queue.name} />
    </div>
  );
}

function Tile({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="-mt-px -ml-px border-t border-l border-line px-3.5 py-3" title={hint}>
      <span className="text-sm text-ink-2">{label}</span>
      <div className="mt-0.5 text-lg font-semibold tnum">{children}</div>
    </div>
  );
}

function ConsumerCard({ cluster, queue }: { cluster: string; queue: QueueDetail }) {
  return (
    <Section title="Consumers" sub="by inspect">
      <ul className="grid gap-1 px-3.5 py-3">
        {queue.consumerNames.map((hostname) => (
          <li key={hostname} className="truncate">
            <Link
              href={workerPath(cluster, hostname)}
              className="font-mono text-sm hover:underline"
            >
              {hostname}
            </Link>
          </li>
        ))}
        {queue.consumerNames.length === 0 ? (
          <li className="text-ink-3">
            {queue.consumers === 0
              ? 'No worker consumes this queue.'
              : queue.consumers === null
                ? 'Not known: no worker has told, and the broker does not know.'
                : 'The broker counts consumers, but no worker has told that it is one.'}
          </li>
        ) : null}
      </ul>
    </Section>
  );
}

function BindingCard({ queue }: { queue: QueueDetail }) {
  const kind = [
    queue.queueType,
    queue.durable === null ? null : queue.durable ? 'durable' : 'not durable',
  ].filter((word) => word !== null);
  return (
    <Section title="Bindings" sub={kind.length === 0 ? undefined : kind.join(' · ')}>
      <Table caption="Bindings of this queue">
        <thead>
          <tr>
            <Th>Exchange</Th>
            <Th>Routing key</Th>
          </tr>
        </thead>
        <tbody>
          {queue.bindings.length === 0 ? <RowNote span={2}>None is known.</RowNote> : null}
          {queue.bindings.map((binding) => (
            <Tr key={`${binding.exchange} ${binding.routingKey}`} className="font-mono text-sm">
              <Td>{binding.exchange === '' ? '(default)' : binding.exchange}</Td>
              <Td>{binding.routingKey === '' ? '(none)' : binding.routingKey}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <p className="border-t border-line px-3.5 py-2 text-sm text-ink-3">
        Known from {queue.discoveredFrom.join(', ') || 'nowhere'}
      </p>
    </Section>
  );
}

function QueueSkeleton() {
  return (
    <div role="status" aria-label="Loading the queue" className="grid gap-3.5">
      <div className="h-[72px] rounded-lg border border-line bg-panel p-3.5">
        <Skeleton className="h-4 w-1/3" />
      </div>
      <div className="h-[252px] rounded-lg border border-line bg-panel p-3.5">
        <Skeleton className="h-full" />
      </div>
      <div className="h-40 rounded-lg border border-line bg-panel" />
    </div>
  );
}
