'use client';

import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { taskSort, type RangeName } from '@/lib/contract/api.ts';

export const TASK_RANGES = [
  'all',
  '15m',
  '1h',
  '6h',
  '24h',
  '7d',
] as const satisfies readonly RangeName[];
export const PAGE_SIZES = [50, 100, 200] as const;

/** What the tasks page shows, kept in the URL. A change of what is asked for starts at the first page. */
export function useTasksUrl() {
  const [state, setState] = useQueryStates({
    q: parseAsString.withDefault(''),
    range: parseAsStringLiteral(TASK_RANGES).withDefault('all'),
    sort: parseAsString.withDefault('-updated'),
    limit: parseAsInteger.withDefault(50),
    cursor: parseAsString,
  });
  const sort = taskSort.safeParse(state.sort).success ? state.sort : '-updated';
  const limit = PAGE_SIZES.find((size) => size === state.limit) ?? 50;
  const change = (next: Partial<{ q: string; range: RangeName; sort: string; limit: number }>) =>
    void setState({ ...next, cursor: null });
  return {
    q: state.q,
    range: state.range,
    sort,
    limit,
    cursor: state.cursor,
    setQ: (q: string) => void setState({ q, cursor: null }, { history: 'push' }),
    setRange: (range: RangeName) => change({ range }),
    setSort: (next: string) => change({ sort: next }),
    setLimit: (next: number) => change({ limit: next }),
    setCursor: (cursor: string | null) => void setState({ cursor }, { history: 'push' }),
    reset: () => change({ q: '', range: 'all' }),
  };
}

export type TasksUrl = ReturnType<typeof useTasksUrl>;
