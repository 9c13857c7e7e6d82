'use client';
import { useId } from 'react';
import {
  Area,
  AreaChart,
  CartesianGrid,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useTimeZone } from '@/components/live/time-zone.ts';
import { STATE_LOOK } from '@/components/ui/state.ts';
import type { MetricSeries } from '@/lib/contract/overview.ts';
import { formatCount, formatPerSecond, formatRate } from '@/lib/format/number.ts';
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
import {
  CHART_STATES,
  lastKnownBefore,
  toStretches,
  toThroughputRows,
  type ChartState,
  type ThroughputRow,
} from './throughput-data.ts';

const FILL: Record<ChartState, number> = { success: 0.26, retry: 0.6, failure: 0.66 };

/** Ended tasks per second, stacked by how they ended. */
export function ThroughputChart({
  series,
  height = 200,
}: {
  series: MetricSeries;
  height?: number;
}) {
  const hatch = useId();
  const axisTime = useAxisTime(series.to - series.from);
  const rows = toThroughputRows(series);
  const stretches = toStretches(series);
  const { totals } = series;
  return (
    <ChartFrame
      height={height}
      caption={
        stretches.length === 0 ? null : (
          <NotKnown
            stretches={stretches.map(({ partial, text, ...stretch }) => ({
              ...stretch,
              text: partial ? 'in part not observed' : 'not observed',
              why: text,
              note: partial,
            }))}
          />
        )
      }
      label={`Executed tasks per second by outcome: ${formatCount(totals.success)} succeeded, ${formatCount(totals.retry)} retried, ${formatCount(totals.failure)} failed in all.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart data={rows} margin={CHART_MARGIN}>
          <HatchPattern id={hatch} />
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="at"
            type="number"
            domain={[series.from, series.to]}
            ticks={timeTicks(series.from, series.to)}
            tickFormatter={axisTime}
            tick={AXIS_TEXT}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            allowDataOverflow
          />
          <YAxis
            width={38}
            tick={AXIS_TEXT}
            tickLine={false}
            axisLine={false}
            tickCount={4}
            tickFormatter={(value: number) => formatPerSecond(value).replace(/\.0$/, '')}
          />
          {stretches.map((stretch) => (
            <ReferenceArea
              key={`${stretch.from} ${stretch.text}`}
              x1={lastKnownBefore(rows, stretch.from)}
              x2={stretch.to}
              fill={`url(#${hatch})`}
              fillOpacity={stretch.partial ? 0.4 : 1}
              ifOverflow="hidden"
            />
          ))}
          {CHART_STATES.map((state) => (
            <Area
              key={state}
              stackId="done"
              dataKey={(row: ThroughputRow) => row.done[state]}
              stroke={STATE_LOOK[state].token}
              strokeWidth={1.4}
              fill={STATE_LOOK[state].token}
              fillOpacity={FILL[state]}
              isAnimationActive={false}
              dot={false}
              activeDot={false}
            />
          ))}
          {CHART_STATES.map((state) => (
            <Area
              key={`${state}-open`}
              stackId="open"
              dataKey={(row: ThroughputRow) => row.open[state]}
              stroke={STATE_LOOK[state].token}
              strokeWidth={1.4}
              strokeDasharray="3 3"
              fill={STATE_LOOK[state].token}
              fillOpacity={FILL[state] * 0.4}
              isAnimationActive={false}
              dot={false}
              activeDot={false}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--ink-3)', strokeDasharray: '2 2' }}
            content={({ active, label }) => {
              const row = rows.find((one) => one.at === label);
              if (!active || row === undefined) return null;
              return <Tip row={row} />;
            }}
          />
        </AreaChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}

function Tip({ row }: { row: ThroughputRow }) {
  const { zone } = useTimeZone();
  return (
    <ChartTip
      title={`${formatTime(row.at, zone)}${row.unfinished ? ' · not over yet' : ''}${row.observed ? '' : ' · not observed throughout'}`}
    >
      {row.rates === null ? (
        <div>not observed</div>
      ) : (
        [...CHART_STATES].reverse().map((state) => (
          <ChartTipRow key={state} name={state} color={STATE_LOOK[state].token}>
            {formatRate(row.rates?.[state])}
            <span className="ml-2 font-normal text-ink-3">{formatCount(row.counts[state])}</span>
          </ChartTipRow>
        ))
      )}
    </ChartTip>
  );
}
