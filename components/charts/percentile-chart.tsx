'use client';
import { useId } from 'react';
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useTimeZone } from '@/components/live/time-zone.ts';
import type { MetricBucket, MetricSeries } from '@/lib/contract/overview.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { formatTime } from '@/lib/format/time.ts';
import { latencyAxis } from './latency-axis.ts';
import {
  AXIS_TEXT,
  CHART_MARGIN,
  ChartFrame,
  ChartTip,
  ChartTipRow,
  HatchPattern,
  timeTicks,
  useAxisTime,
} from './frame.tsx';
import { drawnAt, lastKnownBefore, toStretches, toThroughputRows } from './throughput-data.ts';

type Quantity = 'wait' | 'runtime';
type Level = 'p50' | 'p95' | 'p99';

export const LEVEL_LOOK: Readonly<Record<Level, { stroke: string; width: number }>> = {
  p50: { stroke: 'var(--ink-3)', width: 1.2 },
  p95: { stroke: 'var(--ink)', width: 1.6 },
  p99: { stroke: 'var(--queued)', width: 1.1 },
};
const LEVELS: readonly Level[] = ['p50', 'p95', 'p99'];

const KEYS = {
  wait: { p50: 'waitP50Ms', p95: 'waitP95Ms', p99: 'waitP99Ms' },
  runtime: { p50: 'runtimeP50Ms', p95: 'runtimeP95Ms', p99: 'runtimeP99Ms' },
} as const;

/** Wait or runtime over time: the median, and what one in twenty and one in a hundred exceed. */
export function PercentileChart({
  series,
  of,
  height = 150,
}: {
  series: MetricSeries;
  of: Quantity;
  height?: number;
}) {
  const hatch = useId();
  const axisTime = useAxisTime(series.to - series.from);
  const buckets = series.buckets.flatMap((one, index) => {
    const drawn = { ...one, at: drawnAt(one, series) };
    const before = series.buckets[index - 1]?.[KEYS[of].p95] ?? null;
    return one.unfinished && before === null ? [one, drawn] : [drawn];
  });
  const values = Object.fromEntries(
    LEVELS.map((level) => [level, buckets.map((one) => one[KEYS[of][level]])]),
  ) as Record<Level, (number | null)[]>;
  const axis = latencyAxis(LEVELS.flatMap((level) => values[level]));
  const p95 = of === 'wait' ? series.totals.waitP95Ms : series.totals.runtimeP95Ms;
  return (
    <ChartFrame
      height={height}
      label={`Percentiles of ${of} over time; p95 of the whole range is ${formatDuration(p95, 'unknown')}.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={buckets} margin={CHART_MARGIN}>
          <HatchPattern id={hatch} />
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="at"
            type="number"
            domain={[series.from, series.to]}
            ticks={timeTicks(series.from, series.to, 5)}
            tickFormatter={axisTime}
            tick={AXIS_TEXT}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            allowDataOverflow
          />
          <YAxis
            width={48}
            tick={AXIS_TEXT}
            tickLine={false}
            axisLine={false}
            {...(axis.log === null ? { tickCount: 4 } : { scale: 'log', ...axis.log })}
            tickFormatter={(value: number) => (value === 0 ? '0' : shortDuration(value))}
          />
          {toStretches(series).map((stretch) => (
            <ReferenceArea
              key={`${stretch.from} ${stretch.text}`}
              x1={lastKnownBefore(toThroughputRows(series), stretch.from)}
              x2={stretch.to}
              fill={`url(#${hatch})`}
              fillOpacity={stretch.partial ? 0.4 : 1}
              ifOverflow="hidden"
            />
          ))}
          {LEVELS.map((level) => (
            <Line
              key={level}
              name={level}
              dataKey={(one: MetricBucket) => axis.place(one[KEYS[of][level]])}
              stroke={LEVEL_LOOK[level].stroke}
              strokeWidth={LEVEL_LOOK[level].width}
              {...(level === 'p99' ? { strokeDasharray: '3 2' } : {})}
              dot={(point: LinePoint) => (
                <Alone key={`${level} ${point.index}`} {...point} values={values[level]} />
              )}
              activeDot={{ r: 2.5, strokeWidth: 0, fill: LEVEL_LOOK[level].stroke }}
              isAnimationActive={false}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--ink-3)', strokeDasharray: '2 2' }}
            content={({ active, label }) => {
              const bucket = buckets.find((one) => one.at === label);
              if (!active || bucket === undefined) return null;
              return <Tip bucket={bucket} of={of} />;
            }}
          />
        </LineChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}

type LinePoint = {
  index: number;
  cx?: number | undefined;
  cy?: number | undefined;
  stroke?: string | undefined;
};

/** A bucket between two in which nothing ran has no line: a dot tells that there was one. */
function Alone({
  index,
  cx,
  cy,
  stroke,
  values,
}: LinePoint & { values: readonly (number | null)[] }) {
  const isKnown = (at: number) => typeof values[at] === 'number';
  const alone = isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1);
  if (!alone || typeof cx !== 'number' || typeof cy !== 'number') return null;
  return <circle data-alone cx={cx} cy={cy} r={1.8} fill={stroke} />;
}

function shortDuration(ms: number): string {
  if (ms < 1000) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(2))} s`;
  if (ms < 3_600_000) return `${Number((ms / 60_000).toPrecision(2))} min`;
  return `${Number((ms / 3_600_000).toPrecision(2))} h`;
}

function Tip({ bucket, of }: { bucket: MetricBucket; of: Quantity }) {
  const { zone } = useTimeZone();
  return (
    <ChartTip title={`${formatTime(bucket.at, zone)}${bucket.unfinished ? ' · not over yet' : ''}`}>
      {[...LEVELS].reverse().map((level) => (
        <ChartTipRow key={level} name={level} color={LEVEL_LOOK[level].stroke}>
          {formatDuration(bucket[KEYS[of][level]])}
        </ChartTipRow>
      ))}
    </ChartTip>
  );
}

/** Which line is which. */
export function PercentileLegend() {
  return (
    <span className="flex items-center gap-3 text-sm text-ink-2">
      {LEVELS.map((level) => (
        <span key={level} className="inline-flex items-center gap-1.5">
          <svg aria-hidden width="14" height="4">
            <line
              x1="0"
              x2="14"
              y1="2"
              y2="2"
              stroke={LEVEL_LOOK[level].stroke}
              strokeWidth={LEVEL_LOOK[level].width + 0.4}
              strokeDasharray={level === 'p99' ? '3 2' : undefined}
            />
          </svg>
          {level}
        </span>
      ))}
    </span>
  );
}
