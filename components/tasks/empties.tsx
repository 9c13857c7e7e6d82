'use client';

import { Check, Circle } from 'lucide-react';
import type { ReactNode } from 'react';
import { apiPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { useClusterStatus } from '@/components/live/use-status.ts';
import { Button } from '@/components/ui/button.tsx';
import { EmptyState } from '@/components/ui/states.tsx';
import { workerList } from '@/lib/contract/api.ts';

export function NothingMatches({ onReset }: { onReset: () => void }) {
  return (
    <EmptyState title="No task matches" action={<Button onClick={onReset}>Show all tasks</Button>}>
      The filter or the time range leaves nothing. Tasks that arrive and match appear here by
      themselves.
    </EmptyState>
  );
}

function Step({ isDone, children }: { isDone: boolean; children: ReactNode }) {
  const Icon = isDone ? Check : Circle;
  return (
    <li className="grid grid-cols-[18px_minmax(0,1fr)] gap-x-2">
      <Icon
        aria-label={isDone ? 'done' : 'open'}
        className={`mt-0.5 size-[15px] stroke-2 ${isDone ? 'text-success' : 'text-ink-3'}`}
      />
      <span>{children}</span>
    </li>
  );
}

const code = (text: string) => <code className="font-mono text-sm text-ink">{text}</code>;

/** Nothing has ever arrived: what has to be true for that to change, and what of it is. */
export function NothingYet({ cluster }: { cluster: string }) {
  const { data: status } = useClusterStatus(cluster);
  const { data: workers } = useLiveQuery({
    cluster,
    key: ['workers', cluster],
    path: apiPath(cluster, 'workers'),
    schema: workerList,
    topic: 'workers',
  });
  const online = workers?.items.filter((worker) => worker.state !== 'offline') ?? [];
  const sending = online.some((worker) => worker.eventsEnabled === true);
  return (
    <EmptyState title="No task has ever arrived">
      <ul className="grid gap-2 text-left">
        <Step isDone={status?.broker.state === 'connected'}>
          Umbel is connected to the broker{' '}
          {status === undefined ? null : (
            <span className="break-all">{code(status.brokerUrl)}</span>
          )}
        </Step>
        <Step isDone={online.length > 0}>
          A worker is online{online.length > 0 ? ` (${online.length})` : ''}: it must use the same
          broker, database and key prefix
        </Step>
        <Step isDone={sending}>
          Workers send events: start them with {code('-E')}, set{' '}
          {code('worker_send_task_events = True')}, or enable events on the worker page
        </Step>
        <Step isDone={false}>
          A task is sent. With {code('task_send_sent_event = True')} it is seen before a worker
          takes it
        </Step>
      </ul>
    </EmptyState>
  );
}
