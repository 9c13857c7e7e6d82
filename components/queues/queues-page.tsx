'use client';
import { parseAsString, useQueryState } from 'nuqs';
import { DataState } from '@/components/layout/data-state.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { apiPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Button } from '@/components/ui/button.tsx';
import { Card } from '@/components/ui/card.tsx';
import { Input } from '@/components/ui/input.tsx';
import { EmptyState, SkeletonRows, StaleBanner } from '@/components/ui/states.tsx';
import { queueList, type QueueList } from '@/lib/contract/api.ts';
import type { QueueSummary } from '@/lib/contract/queue.ts';
import { formatCount } from '@/lib/format/number.ts';
import { QueueTable } from './queue-table.tsx';

function toBacklog(queues: readonly QueueSummary[]): string {
  const unread = queues.filter((queue) => queue.ready === null).length;
  const ready = queues.reduce((sum, queue) => sum + (queue.ready ?? 0), 0);
  const words = `${formatCount(ready)} ${ready === 1 ? 'message' : 'messages'} ready`;
  return unread === 0 ? words : `at least ${words}; ${formatCount(unread)} could not be read`;
}

export function QueuesPage({ cluster }: { cluster: string }) {
  const query = useLiveQuery({
    cluster,
    key: ['queues', cluster],
    path: apiPath(cluster, 'queues'),
    schema: queueList,
    topic: 'queues',
  });
  return (
    <>
      <PageHeader
        cluster={cluster}
        title="Queues"
        sub={query.data === undefined ? '\u00a0' : toBacklog(query.data.items)}
      />
      <DataState
        query={query}
        skeleton={
          <Card className="mt-[43px]">
            <SkeletonRows rows={6} label="Loading queues" />
          </Card>
        }
      >
        {(list) => <Queues cluster={cluster} list={list} />}
      </DataState>
    </>
  );
}

function Queues({ cluster, list }: { cluster: string; list: QueueList }) {
  const [text, setText] = useQueryState('q', parseAsString.withDefault(''));
  const wanted = text.trim().toLowerCase();
  const shown = list.items.filter((queue) => queue.name.toLowerCase().includes(wanted));
  if (list.items.length === 0) {
    return (
      <Card>
        <EmptyState title="No queue is known yet">
          {list.discovery.reason ??
            'A queue appears here as soon as the broker, a worker or an event names it.'}
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      {list.discovery.complete ? null : (
        <StaleBanner className="mb-3.5">
          There may be more queues than these
          {list.discovery.reason === null ? '.' : `: ${list.discovery.reason}`}
        </StaleBanner>
      )}
      <div className="mb-3.5">
        <Input
          type="search"
          aria-label="Filter queues"
          placeholder="Name"
          data-filter-input
          value={text}
          onChange={(event) => void setText(event.target.value === '' ? null : event.target.value)}
          className="w-64 max-md:w-full"
        />
      </div>
      <Card>
        {shown.length === 0 ? (
          <EmptyState
            title="No queue matches"
            action={<Button onClick={() => void setText(null)}>Reset the filter</Button>}
          >
            {formatCount(list.items.length)} queues are known.
          </EmptyState>
        ) : (
          <QueueTable cluster={cluster} queues={shown} />
        )}
      </Card>
    </>
  );
}
