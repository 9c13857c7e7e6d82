'use client';

import { useQuery } from '@tanstack/react-query';
import { apiGet, queryString } from '@/components/live/api.ts';
import { apiPath } from '@/components/live/paths.ts';
import { suggestions } from '@/lib/contract/api.ts';
import { suggestAt } from '@/lib/filter/suggest.ts';
import { filterFor } from '@/lib/filter/stringify.ts';

export type Option = {
  label: string;
  detail: string | null;
  insert: string;
  from: number;
  to: number;
};

const FROM_STORE: ReadonlySet<string> = new Set(['name', 'worker', 'queue', 'custom']);
const MOST = 12;

/** What can stand at the caret: fields, known words, or values that the store has seen. */
export function useSuggestions(
  cluster: string,
  text: string,
  caret: number,
  open: boolean,
): Option[] {
  const at = suggestAt(text, caret);
  const asks = open && at.type === 'value' && at.values === null && FROM_STORE.has(at.field);
  const field = at.type === 'value' ? at.field : '';
  const stored = useQuery({
    queryKey: ['task-suggest', cluster, field, at.prefix],
    queryFn: ({ signal }) =>
      apiGet(
        apiPath(cluster, `tasks/suggest${queryString({ field, prefix: at.prefix })}`),
        suggestions,
        signal,
      ),
    enabled: asks,
    staleTime: 10_000,
  });
  if (!open) return [];
  const { from, to } = at;
  if (at.type === 'field') {
    return at.fields.slice(0, MOST).map((one) => ({
      label: `${one.name}:`,
      detail: one.description,
      insert: `${one.name}:`,
      from,
      to,
    }));
  }
  return (at.values ?? stored.data?.values ?? []).slice(0, MOST).map((value) => ({
    label: value,
    detail: null,
    insert: filterFor(at.field, value).slice(at.field.length + 1),
    from,
    to,
  }));
}
