'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { toast } from 'sonner';
import { WorkerActions } from '@/components/actions/worker-actions.tsx';
import { DataState } from '@/components/layout/data-state.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { apiPost, toMessage } from '@/components/live/api.ts';
import { apiPath, clusterPath, tasksPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { useSession } from '@/components/live/use-session.ts';
import { EnableEventsButton } from '@/components/actions/enable-events-button.tsx';
import { Slots } from '@/components/ui/bar.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Card } from '@/components/ui/card.tsx';
import { SkeletonRows, StaleBanner } from '@/components/ui/states.tsx';
import { WorkerStateLabel } from '@/components/ui/state-label.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';
import { workerDetail, type WorkerDetail } from '@/lib/contract/worker.ts';
import { filterFor } from '@/lib/filter/stringify.ts';
import { formatBytes } from '@/lib/format/bytes.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { formatCount, formatPerSecond } from '@/lib/format/number.ts';
import { ForgetOffline } from '@/components/actions/forget-offline.tsx';
import { WorkerTabs } from './worker-tabs.tsx';

export function WorkerPage({ cluster, hostname }: { cluster: string; hostname: string }) {
  const query = useLiveQuery({
    cluster,
    key: ['worker', cluster, hostname],
    path: apiPath(cluster, `workers/${encodeURIComponent(hostname)}`),
    schema: workerDetail,
    topic: `worker:${hostname}`,
  });
  const isMissing = query.data === undefined && query.error?.status === 404;
  return (
    <>
      <PageHeader
        cluster={cluster}
        title={<span className="font-mono text-[15px]">{hostname}</span>}
        copy={{ text: hostname, label: 'Copy the hostname' }}
        long
        actions={
          <>
            <Button asChild>
              <Link href={tasksPath(cluster, filterFor('worker', hostname))}>Its tasks</Link>
            </Button>
            {query.data === undefined ? null : (
              <WorkerActions cluster={cluster} worker={query.data} />
            )}
          </>
        }
      />
      {isMissing ? (
        <Card className="px-4 py-10 text-center">
          <p className="font-semibold">This worker is not known</p>
          <p className="mt-1 text-ink-2">
            It has not been heard yet, or it is gone for good and was forgotten. The page fills by
            itself when it is heard.
          </p>
          <Button asChild className="mt-3">
            <Link href={clusterPath(cluster, 'workers')}>All workers</Link>
          </Button>
        </Card>
      ) : (
        <DataState
          query={query}
          skeleton={
            <Card>
              <SkeletonRows rows={12} label="Loading the worker" />
            </Card>
          }
        >
          {(worker) => <Picture cluster={cluster} worker={worker} />}
        </DataState>
      )}
    </>
  );
}

function Picture({ cluster, worker }: { cluster: string; worker: WorkerDetail }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3.5">
      <Notices cluster={cluster} worker={worker} />
      <Card className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3.5 py-2 md:flex-nowrap">
        <div className="contents min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 md:flex">
          <WorkerStateLabel state={worker.state} />
          <Fact name="Last seen">
            <RelativeTime at={worker.lastSeenAt} unknown="never" />
          </Fact>
          <Fact name="Slots">
            <Slots busy={worker.active} total={worker.concurrency} />
            {worker.active === null || worker.concurrency === null ? null : (
              <span aria-hidden>
                {worker.active}/{worker.concurrency}
              </span>
            )}
            <span title="Its pool">{worker.pool ?? 'unknown pool'}</span>
          </Fact>
          <Fact name="Processed">
            <span title="Since it started, as it counts itself">
              {formatCount(worker.processed, 'unknown')}
            </span>
          </Fact>
          <Fact name="Executed">{formatPerSecond(worker.executedPerSecond, 'unknown')} /s</Fact>
          <Fact name="Failed">{formatPerSecond(worker.failedPerSecond, 'unknown')} /s</Fact>
          <Fact name="Memory">
            <span title="Peak resident memory of the main process">
              {formatBytes(worker.memoryBytes, 'unknown')}
            </span>
          </Fact>
          <Fact name="Up">{formatDuration(worker.uptimeMs, 'unknown')}</Fact>
          <Fact name="Version">{worker.software?.replace(/^py-celery /, '') ?? 'unknown'}</Fact>
        </div>
        <span className="ml-auto flex shrink-0 gap-2">
          {worker.state === 'offline' ? (
            <ForgetOffline cluster={cluster} hostnames={[worker.hostname]} label="Forget" />
          ) : null}
          <AskNow cluster={cluster} hostname={worker.hostname} />
        </span>
      </Card>
      <WorkerTabs cluster={cluster} worker={worker} />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap tnum">
      <span className="text-ink-3">{name}</span>
      {children}
    </span>
  );
}

function Notices({ cluster, worker }: { cluster: string; worker: WorkerDetail }) {
  return (
    <>
      {worker.state === 'online' || worker.stateReason === null ? null : (
        <StaleBanner>{worker.stateReason}</StaleBanner>
      )}
      {worker.duplicateHostname ? (
        <StaleBanner>
          Two live processes announce this hostname. Commands reach both, and their figures mix:
          start each with its own <code className="font-mono text-sm">-n name@%h</code>.
        </StaleBanner>
      ) : null}
      {worker.eventsEnabled === false && worker.state !== 'offline' ? (
        <StaleBanner action={<EnableEventsButton cluster={cluster} workers={[worker.hostname]} />}>
          This worker does not announce its tasks (it runs without{' '}
          <code className="font-mono text-sm">-E</code>): what it does is not observed.
        </StaleBanner>
      ) : null}
    </>
  );
}

function AskNow({ cluster, hostname }: { cluster: string; hostname: string }) {
  const client = useQueryClient();
  const { readOnly } = useSession();
  const ask = useMutation({
    mutationFn: () =>
      apiPost(
        apiPath(cluster, `workers/${encodeURIComponent(hostname)}/inspect`),
        {},
        workerDetail,
      ),
    onSuccess: (worker) => client.setQueryData(['worker', cluster, hostname], worker),
    onError: (error) => toast.error('The worker was not asked', { description: toMessage(error) }),
  });
  if (readOnly) return null;
  return (
    <Button size="sm" className="touch:h-10" disabled={ask.isPending} onClick={() => ask.mutate()}>
      <RefreshCw aria-hidden className={ask.isPending ? 'animate-spin' : undefined} />
      {ask.isPending ? 'Asking…' : 'Inspect now'}
    </Button>
  );
}
