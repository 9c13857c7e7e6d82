'use client';
import { PercentileChart, PercentileLegend } from '@/components/charts/percentile-chart.tsx';
import { ThroughputChart } from '@/components/charts/throughput-chart.tsx';
import { CHART_STATES } from '@/components/charts/throughput-data.ts';
import { DataState } from '@/components/layout/data-state.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { useRange } from '@/components/layout/use-range.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Section } from '@/components/ui/card.tsx';
import { StateLabel } from '@/components/ui/state-label.tsx';
import { overview, type ClusterStatus, type Overview } from '@/lib/contract/overview.ts';
import { celeryName } from '@/lib/format/celery.ts';
import { formatCount } from '@/lib/format/number.ts';
import { AttentionList } from './attention-list.tsx';
import { Figures } from './figures.tsx';
import { FirstSteps } from './first-steps.tsx';
import { observedFrom } from './observed-from.ts';
import { OverviewSkeleton } from './overview-skeleton.tsx';
import { QueueCard } from './queue-card.tsx';
import { WorkerCard } from './worker-card.tsx';

const BROKER = { redis: 'Redis', amqp: 'RabbitMQ', memory: 'the embedded broker' } as const;

function toSubtitle(cluster: string, { status, workerCounts }: Overview): string {
  const alive = workerCounts.online + workerCounts.late;
  const workers =
    alive === 0 ? '' : ` · ${formatCount(alive)} ${alive === 1 ? 'worker' : 'workers'}`;
  return `${cluster} · ${celeryName(status.celeryVersions)} on ${BROKER[status.brokerKind]}${workers}`;
}

export function OverviewPage({ cluster }: { cluster: string }) {
  const [range] = useRange();
  const query = useLiveQuery({
    cluster,
    key: ['overview', cluster, range],
    path: apiPath(cluster, `overview?range=${range}`),
    schema: overview,
    topic: 'overview',
    range,
  });
  return (
    <>
      <PageHeader
        cluster={cluster}
        title="Overview"
        sub={query.data === undefined ? '\u00a0' : toSubtitle(cluster, query.data)}
        range
      />
      <DataState query={query} skeleton={<OverviewSkeleton />}>
        {(data) => (
          <Picture
            cluster={cluster}
            range={range}
            data={{ ...data, series: observedFrom(data.series, watchedFrom(data.status)) }}
          />
        )}
      </DataState>
    </>
  );
}

/** Since when something would have been heard: the first event, before that since the broker answers. */
function watchedFrom({ firstEventAt, broker }: ClusterStatus): number | null {
  return firstEventAt ?? (broker.state === 'connected' ? broker.since : null);
}

function Picture({ cluster, range, data }: { cluster: string; range: string; data: Overview }) {
  const isNew = data.status.firstEventAt === null && data.status.tasksStored === 0;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3.5">
      <AttentionList cluster={cluster} items={data.attention} />
      {isNew ? (
        <FirstSteps overview={data} />
      ) : (
        <Watched cluster={cluster} range={range} data={data} />
      )}
      <div className="grid items-start gap-3.5 xl:grid-cols-2">
        <QueueCard cluster={cluster} queues={data.queues} total={data.queueCount} />
        <WorkerCard cluster={cluster} workers={data.workers} counts={data.workerCounts} />
      </div>
    </div>
  );
}

/** What was observed over the range; of a cluster that never said anything there is nothing to draw. */
function Watched({ cluster, range, data }: { cluster: string; range: string; data: Overview }) {
  return (
    <>
      <Figures cluster={cluster} range={range} overview={data} />
      <Section
        title="Executed"
        sub="per second"
        actions={
          <span className="flex items-center gap-3.5">
            {CHART_STATES.map((state) => (
              <StateLabel key={state} state={state} />
            ))}
          </span>
        }
      >
        <ThroughputChart series={data.series} />
      </Section>
      <div className="grid gap-3.5 lg:grid-cols-2">
        <Section title="Wait" sub="until a worker starts it" actions={<PercentileLegend />}>
          <PercentileChart series={data.series} of="wait" />
        </Section>
        <Section title="Runtime" sub="of one attempt" actions={<PercentileLegend />}>
          <PercentileChart series={data.series} of="runtime" />
        </Section>
      </div>
    </>
  );
}
