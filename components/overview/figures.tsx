import Link from 'next/link';
import type { ReactNode } from 'react';
import { Sparkline, type SparkPoint } from '@/components/charts/sparkline.tsx';
import { clusterPath, tasksPath } from '@/components/live/paths.ts';
import { DurationFigure, Figure } from '@/components/ui/figure.tsx';
import type { MetricBucket, Overview } from '@/lib/contract/overview.ts';
import { formatCount, formatPerSecond, formatShare } from '@/lib/format/number.ts';

type Tile = {
  label: string;
  href: string;
  /** Null: not known; `reason` says why. */
  value: ReactNode;
  reason: string;
  points: SparkPoint[];
  color: string;
};

const ended = (bucket: MetricBucket) =>
  bucket.success + bucket.failure + bucket.revoked + bucket.rejected;

function toTiles(cluster: string, range: string, { series, ...data }: Overview): Tile[] {
  const { totals } = series;
  const points = (pick: (bucket: MetricBucket) => number | null): SparkPoint[] =>
    series.buckets.map((bucket) => ({
      value: !bucket.observed && ended(bucket) === 0 ? null : pick(bucket),
      unfinished: bucket.unfinished,
    }));
  // As wide as the others: what was before the first event is left out of them.
  const since = <T extends { at: number }>(all: readonly T[]) =>
    all.filter((point) => point.at > series.from);
  const perSecond = (bucket: MetricBucket) => {
    const passed = bucket.unfinished ? Math.max(1000, series.to - bucket.at) : series.bucketMs;
    const executed = bucket.success + bucket.failure;
    return (executed * 1000) / Math.min(passed, series.bucketMs);
  };
  const share = (bucket: MetricBucket) => {
    const all = bucket.success + bucket.failure;
    return all === 0 ? 0 : bucket.failure / all;
  };
  const [failed, percent] = formatShare(totals.failedShare).split(' ');
  return [
    {
      label: 'Executed',
      href: tasksPath(cluster, 'state:success,failure', { range }),
      value:
        totals.executedPerSecond === null ? null : (
          <Figure value={formatPerSecond(totals.executedPerSecond)} unit="/s" />
        ),
      reason: 'This range was not observed.',
      points: points(perSecond),
      color: 'var(--success)',
    },
    {
      label: 'Failed',
      href: tasksPath(cluster, 'state:failure', { range }),
      value: totals.failedShare === null ? null : <Figure value={failed} unit={percent} />,
      reason: 'No task ended in this range.',
      points: points(share),
      color: 'var(--failure)',
    },
    {
      label: 'Wait p95',
      href: tasksPath(cluster, '', { range, sort: '-wait' }),
      value: totals.waitP95Ms === null ? null : <DurationFigure ms={totals.waitP95Ms} />,
      reason: 'No task started in this range.',
      points: points((bucket) => bucket.waitP95Ms),
      color: 'var(--ink-3)',
    },
    {
      label: 'Runtime p95',
      href: tasksPath(cluster, '', { range, sort: '-runtime' }),
      value: totals.runtimeP95Ms === null ? null : <DurationFigure ms={totals.runtimeP95Ms} />,
      reason: 'No task ended in this range.',
      points: points((bucket) => bucket.runtimeP95Ms),
      color: 'var(--ink-3)',
    },
    {
      label: 'Backlog',
      href: clusterPath(cluster, 'queues'),
      value:
        data.backlog === null ? null : (
          <Figure value={formatCount(data.backlog)} unit={data.backlog === 1 ? 'msg' : 'msgs'} />
        ),
      reason: 'The length of a queue could not be read.',
      points: since(data.backlogSeries).map((point) => ({ value: point.ready })),
      color: 'var(--queued)',
    },
    {
      label: 'Busy slots',
      href: clusterPath(cluster, 'workers'),
      value:
        data.busySlots === null ? null : (
          <Figure
            value={formatCount(data.busySlots)}
            unit={`/ ${formatCount(data.totalSlots, 'unknown')}`}
          />
        ),
      reason: 'No worker has told yet how many tasks it runs.',
      points: since(data.busySeries).map((point) => ({ value: point.busy })),
      color: 'var(--started)',
    },
  ];
}

/** The six figures, each a link to what it counts. */
export function Figures({
  cluster,
  range,
  overview,
}: {
  cluster: string;
  range: string;
  overview: Overview;
}) {
  return (
    <section
      aria-label="Figures"
      className="grid grid-cols-2 overflow-hidden rounded-lg border border-line bg-panel sm:grid-cols-3 xl:grid-cols-6"
    >
      {toTiles(cluster, range, overview).map((tile) => (
        <Link
          key={tile.label}
          href={tile.href}
          className="-mt-px -ml-px min-w-0 border-t border-l border-line px-3.5 py-3 hover:bg-raised/50 focus-visible:-outline-offset-2"
        >
          <span className="text-sm text-ink-2">{tile.label}</span>
          <strong className="mt-0.5 mb-1.5 block h-[27px] text-xl font-semibold tracking-[-0.02em]">
            {tile.value ?? (
              <span className="text-base font-medium text-ink-3" title={tile.reason}>
                unknown
              </span>
            )}
          </strong>
          <Sparkline points={tile.points} color={tile.color} />
        </Link>
      ))}
    </section>
  );
}
