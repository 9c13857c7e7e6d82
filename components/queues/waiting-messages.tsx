'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { apiGet, toMessage } from '@/components/live/api.ts';
import { apiPath, taskPath } from '@/components/live/paths.ts';
import { Time } from '@/components/live/time.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Section } from '@/components/ui/card.tsx';
import { Select } from '@/components/ui/select.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleBanner } from '@/components/ui/states.tsx';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';
import { queuePeek, type QueueMessage } from '@/lib/contract/queue.ts';
import { formatBytes } from '@/lib/format/bytes.ts';

const ENDS = ['next', 'newest'] as const;
const LIMIT = 50;
const EVERY_MS = 5000;

/** A bounded look into the queue, from either end; where the broker cannot, it says so. */
export function WaitingMessages({ cluster, name }: { cluster: string; name: string }) {
  const [from, setFrom] = useQueryState('from', parseAsStringLiteral(ENDS).withDefault('next'));
  const peek = useQuery({
    queryKey: ['messages', cluster, name, from],
    queryFn: ({ signal }) =>
      apiGet(
        apiPath(cluster, `queues/${encodeURIComponent(name)}/messages?from=${from}&limit=${LIMIT}`),
        queuePeek,
        signal,
      ),
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
  });
  // The reason is said at the first failure already, while it is tried again.
  const failure = peek.error ?? peek.failureReason;
  const retry = (
    <Button size="sm" onClick={() => void peek.refetch()}>
      Try again
    </Button>
  );
  return (
    <Section
      title="Waiting messages"
      sub={
        peek.data === undefined || !peek.data.supported ? undefined : (
          <>
            read <RelativeTime at={peek.dataUpdatedAt} />
            {peek.data.truncated ? `, the first ${peek.data.messages.length}` : ''}
          </>
        )
      }
      actions={
        <Select
          label="Which end of the queue"
          value={from}
          onValueChange={(next) => void setFrom(next === 'newest' ? 'newest' : 'next')}
          options={[
            { value: 'next', label: 'Next to be taken' },
            { value: 'newest', label: 'Newest' },
          ]}
        />
      }
    >
      {peek.data !== undefined && failure !== null ? (
        <StaleBanner className="m-3.5" action={retry}>
          Newer could not be had: {toMessage(failure)}
        </StaleBanner>
      ) : null}
      {peek.data === undefined ? (
        failure === null ? (
          <SkeletonRows rows={4} label="Loading messages" />
        ) : (
          <ErrorState detail={toMessage(failure)} action={retry} />
        )
      ) : !peek.data.supported ? (
        <EmptyState title="The messages cannot be read without taking them">
          {peek.data.reason}
        </EmptyState>
      ) : peek.data.messages.length === 0 ? (
        <EmptyState title="No message is waiting" />
      ) : (
        <Messages cluster={cluster} messages={peek.data.messages} />
      )}
    </Section>
  );
}

function Messages({ cluster, messages }: { cluster: string; messages: readonly QueueMessage[] }) {
  return (
    <Table caption="Messages waiting in this queue">
      <thead>
        <tr>
          <Th>Type</Th>
          <Th>Task</Th>
          <Th desk>Arguments</Th>
          <Th right desk>
            Priority
          </Th>
          <Th right desk>
            ETA
          </Th>
          <Th right desk>
            Retries
          </Th>
          <Th right>Size</Th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message, index) => (
          <Tr key={message.id ?? `unreadable ${index}`}>
            <Td className="max-w-64 truncate font-medium">
              {message.type ?? (
                <span className="text-retry" title={message.issue ?? undefined}>
                  {message.issue ?? 'unknown'}
                </span>
              )}
            </Td>
            <Td>
              {message.id === null ? (
                <span className="text-ink-3">–</span>
              ) : (
                <Link
                  href={taskPath(cluster, message.id)}
                  title={message.id}
                  className="font-mono text-sm hover:underline"
                >
                  {message.id.slice(0, 8)}
                </Link>
              )}
            </Td>
            <Td desk className="w-full max-w-0 truncate font-mono text-sm text-ink-3">
              {[message.args, message.kwargs].filter((text) => text !== null).join(' ')}
            </Td>
            <Td right desk className="text-ink-3">
              {message.priority ?? '–'}
            </Td>
            <Td right desk>
              <Time at={message.etaAt} />
            </Td>
            <Td right desk className="text-ink-3">
              {message.retries ?? '–'}
            </Td>
            <Td right className="text-ink-3">
              {formatBytes(message.sizeBytes)}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
