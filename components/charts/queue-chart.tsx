'use client';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
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
  timeTicks,
  useAxisTime,
} from './frame.tsx';

const LEAST_MS = 30_000;

/** Messages ready and in flight over at most `spanMs` before the last sample; a gap where a figure could not be read. */
export function QueueChart({
  samples,
  spanMs,
  height = 190,
}: {
  samples: readonly QueueSample[];
  spanMs: number;
  height?: number;
}) {
  const to = samples.at(-1)?.at ?? 0;
  // A queue that is new fills its chart.
  const from = Math.max(to - spanMs, Math.min(to - LEAST_MS, samples[0]?.at ?? to));
  const axisTime = useAxisTime(to - from);
  const last = samples.at(-1);
  return (
    <ChartFrame
      height={height}
      label={`Messages over time; at the end ${formatCount(last?.ready, 'unknown')} ready and ${formatCount(last?.inFlight, 'unknown')} in flight.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={[...samples]} margin={CHART_MARGIN}>
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
