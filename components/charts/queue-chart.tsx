'use client';
import { useId } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useTimeZone } from '@/components/live/time-zone.ts';
import type { QueueSample } from '@/lib/contract/queue.ts';
import { formatCompact, formatCount } from '@/lib/format/number.ts';
import { formatTime } from '@/lib/format/time.ts';
import {
  AXIS_TEXT,
  CHART_MARGIN,
  ChartFrame,
  ChartTip,
  ChartTipRow,
  HatchPattern,
  NotKnown,
  timeTicks,
  useAxisTime,
} from './frame.tsx';
import { toQueueRows } from './queue-data.ts';

const LEAST_MS = 30_000;

/** Messages ready and in flight over at most `spanMs` up to `until`; hatched where no figure could be had. */
export function QueueChart({
  samples,
  spanMs,
  until = null,
  height = 190,
}: {
  samples: readonly QueueSample[];
  spanMs: number;
  /** The present, where samples have stopped; else it ends with the last one. */
  until?: number | null;
  height?: number;
}) {
  const hatch = useId();
  const to = Math.max(samples.at(-1)?.at ?? 0, until ?? 0);
  // A queue that is new fills its chart.
  const from = Math.max(to - spanMs, Math.min(to - LEAST_MS, samples[0]?.at ?? to));
  const axisTime = useAxisTime(to - from);
  const last = samples.at(-1);
  const { rows, unsampled } = toQueueRows(samples, to);
  return (
    <ChartFrame
      height={height}
      caption={
        unsampled.length === 0 ? null : (
          <NotKnown stretches={unsampled.map((one) => ({ ...one, text: 'not sampled' }))} />
        )
      }
      label={`Messages over time; at the end ${formatCount(last?.ready, 'unknown')} ready and ${formatCount(last?.inFlight, 'unknown')} in flight.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={rows} margin={CHART_MARGIN}>
          <HatchPattern id={hatch} />
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="at"
            type="number"
            domain={[from, to]}
            ticks={timeTicks(from, to)}
            tickFormatter={axisTime}
            tick={AXIS_TEXT}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            allowDataOverflow
          />
          <YAxis
            width={42}
            tick={AXIS_TEXT}
            tickLine={false}
            axisLine={false}
            tickCount={4}
            allowDecimals={false}
            tickFormatter={(value: number) => formatCompact(value)}
          />
          {unsampled.map((stretch) => (
            <ReferenceArea
              key={stretch.from}
              x1={Math.max(from, stretch.from)}
              x2={stretch.to}
              fill={`url(#${hatch})`}
              ifOverflow="hidden"
            />
          ))}
          <Area
            dataKey="ready"
            stroke="var(--queued)"
            strokeWidth={1.4}
            fill="var(--queued)"
            fillOpacity={0.2}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
          <Line
            dataKey="inFlight"
            stroke="var(--started)"
            strokeWidth={1.4}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--ink-3)', strokeDasharray: '2 2' }}
            content={({ active, label }) => {
              const sample = samples.find((one) => one.at === label);
              if (!active || sample === undefined) return null;
              return <Tip sample={sample} />;
            }}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}

function Tip({ sample }: { sample: QueueSample }) {
  const { zone } = useTimeZone();
  return (
    <ChartTip title={formatTime(sample.at, zone)}>
      <ChartTipRow name="ready" color="var(--queued)">
        {formatCount(sample.ready, 'unknown')}
      </ChartTipRow>
      <ChartTipRow name="in flight" color="var(--started)">
        {formatCount(sample.inFlight, 'unknown')}
      </ChartTipRow>
      <ChartTipRow name="consumers">{formatCount(sample.consumers, 'unknown')}</ChartTipRow>
    </ChartTip>
  );
}
