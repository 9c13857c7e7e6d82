'use client';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { RangeName } from '@/lib/contract/api.ts';

const CHART_RANGES = ['15m', '1h', '6h', '24h', '7d'] as const satisfies readonly RangeName[];

export type ChartRange = (typeof CHART_RANGES)[number];

export const RANGE_LABEL: Readonly<Record<ChartRange, string>> = {
  '15m': 'Last 15 min',
  '1h': 'Last 1 h',
  '6h': 'Last 6 h',
  '24h': 'Last 24 h',
  '7d': 'Last 7 days',
};

/** The window that a page's charts and rates cover; kept in the URL. */
export function useRange(): [ChartRange, (next: ChartRange) => void] {
  const [range, setRange] = useQueryState(
    'range',
    parseAsStringLiteral(CHART_RANGES).withDefault('1h'),
  );
  return [range, (next) => void setRange(next)];
}

export function isChartRange(value: string): value is ChartRange {
  return (CHART_RANGES as readonly string[]).includes(value);
}

export const RANGE_OPTIONS = CHART_RANGES.map((value) => ({ value, label: RANGE_LABEL[value] }));
