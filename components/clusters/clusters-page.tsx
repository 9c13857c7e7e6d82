'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { Mark } from '@/components/layout/mark.tsx';
import { apiGet, toMessage } from '@/components/live/api.ts';
import { clusterPath } from '@/components/live/paths.ts';
import { useSession } from '@/components/live/use-session.ts';
import { Badge } from '@/components/ui/badge.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Section } from '@/components/ui/card.tsx';
import { ErrorState, SkeletonRows } from '@/components/ui/states.tsx';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';
import { clusterList } from '@/lib/contract/api.ts';
import type { ClusterStatus } from '@/lib/contract/overview.ts';
import { formatCompact, formatRate } from '@/lib/format/number.ts';

const EVERY_MS = 3000;

/** All clusters; where there is only one, straight to it. */
export function ClustersPage() {
  const router = useRouter();
  const { session, error } = useSession();
  const only = session?.clusters.length === 1 ? session.clusters[0] : undefined;
  useEffect(() => {
    if (only !== undefined) router.replace(clusterPath(only));
  }, [only, router]);
  return (
    <main id="main" className="mx-auto max-w-4xl px-3.5 py-6">
      <header className="mb-4 flex items-center gap-2.5">
        <Mark />
        <h1 className="text-lg font-[650]">Umbel</h1>
      </header>
      {error !== null && session === undefined ? (
        <ErrorState detail={toMessage(error)} />
      ) : only !== undefined || session === undefined ? (
        <SkeletonRows rows={3} label="Opening the cluster" />
      ) : (
        <Clusters />
      )}
    </main>
  );
}

function Clusters() {
  const { data, error, refetch } = useQuery({
    queryKey: ['clusters'],
    queryFn: ({ signal }) => apiGet('/clusters', clusterList, signal),
    refetchInterval: EVERY_MS,
  });
  return (
    <Section title="Clusters">
      {data === undefined ? (
        error === null ? (
          <SkeletonRows rows={3} label="Loading clusters" />
        ) : (
          <ErrorState
            detail={toMessage(error)}
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          />
        )
      ) : (
        <Table caption="Clusters">
          <thead>
            <tr>
              <Th>Cluster</Th>
              <Th>Broker</Th>
              <Th desk>Address</Th>
              <Th right>Events</Th>
              <Th right desk>
                Tasks kept
              </Th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((cluster) => (
              <Row key={cluster.name} cluster={cluster} />
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Row({ cluster }: { cluster: ClusterStatus }) {
  const isConnected = cluster.broker.state === 'connected';
  return (
    <Tr>
      <Td>
        <Link href={clusterPath(cluster.name)} className="font-semibold hover:underline">
          {cluster.name}
        </Link>
        {cluster.demo ? (
          <Badge tone="info" className="ml-2">
            demo
          </Badge>
        ) : null}
      </Td>
      <Td className={isConnected ? 'text-ink-2' : 'text-failure'}>
        {cluster.broker.state}
        {isConnected ? null : (
          <>
            {' '}
            · <RelativeTime at={cluster.broker.since} />
          </>
        )}
      </Td>
      <Td desk className="w-full max-w-0 truncate font-mono text-sm text-ink-3">
        {cluster.brokerUrl}
      </Td>
      <Td right>{formatRate(cluster.ingest.eventsPerSecond)}</Td>
      <Td right desk>
        {formatCompact(cluster.tasksStored)}
      </Td>
    </Tr>
  );
}
