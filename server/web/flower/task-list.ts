// Lists of tasks for Flower's paths: its filters as our filter, its offsets over our pages.
import { statesOf } from '../../../lib/filter/fields.ts';
import type { Filter } from '../../../lib/filter/filter.ts';
import { stringifyFilter } from '../../../lib/filter/stringify.ts';
import { AppError } from '../../core/errors.ts';
import type { StoreReader } from '../../store/store.ts';
import type { TaskRecord } from '../../store/task-record.ts';

export const MAX_LISTED = 10_000;
const PAGE = 500;

export type ListRequest = {
  filters: Filter[];
  sort: string;
  offset: number;
  limit: number;
  now: number;
};

export type Listed = { records: TaskRecord[]; matching: number };

/** Reads past `offset` page by page, so it is bounded: `offset + limit` at most `MAX_LISTED`. */
export async function listRecords(reader: StoreReader, request: ListRequest): Promise<Listed> {
  const { sort, offset, now } = request;
  const end = Math.min(offset + request.limit, MAX_LISTED);
  const q = stringifyFilter(allOf(request.filters));
  if (q.length > 2000) throw new AppError('bad_request', 'The filter is too long.');
  const ids: string[] = [];
  let matching: number | null = null;
  let seen = 0;
  let cursor: string | undefined;
  while (seen < end || matching === null) {
    const limit = Math.max(1, Math.min(PAGE, end - seen));
    const page = await reader.listTasks({
      ...{ q, range: 'all', sort, limit, now },
      ...(cursor === undefined ? {} : { cursor }),
    });
    matching ??= page.total ?? page.totalAtLeast;
    for (const { id } of page.items) {
      if (seen >= offset && seen < end) ids.push(id);
      seen += 1;
    }
    if (page.nextCursor === null || page.items.length === 0) break;
    cursor = page.nextCursor;
  }
  return { records: await recordsOf(reader, ids), matching };
}

async function recordsOf(reader: StoreReader, ids: readonly string[]): Promise<TaskRecord[]> {
  const byId = new Map<string, TaskRecord>();
  for (let at = 0; at < ids.length; at += PAGE) {
    for (const record of await reader.getTaskRecords(ids.slice(at, at + PAGE))) {
      byId.set(record.id, record);
    }
  }
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export function exactly(field: 'name' | 'worker', value: string): Filter {
  return { type: 'match', field, patterns: [{ text: value, wildcard: false }] };
}

export function inState(name: string): Filter {
  const states = statesOf(name.toUpperCase());
  if (states !== null) return { type: 'state', states: [...states] };
  return { type: 'match', field: 'custom', patterns: [{ text: name, wildcard: false }] };
}

function allOf(filters: readonly Filter[]): Filter {
  const terms = filters.flatMap((filter) => {
    if (filter.type === 'all') return [];
    return filter.type === 'and' ? filter.terms : [filter];
  });
  const [first] = terms;
  if (first === undefined) return { type: 'all' };
  return terms.length === 1 ? first : { type: 'and', terms };
}
