import type { TaskSummary } from '@/lib/contract/task.ts';

export const COLUMN_IDS = [
  'state',
  'type',
  'arguments',
  'queue',
  'worker',
  'sent',
  'received',
  'started',
  'finished',
  'updated',
  'wait',
  'runtime',
  'retries',
  'priority',
  'result',
  'id',
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

export type ColumnLook = {
  title: string;
  /** The API's word for sorting by it. */
  sort?: string;
  right?: boolean;
  /** Stays on a phone. */
  phone?: boolean;
  shown: boolean;
  /** Pixels; columns without a width share what is left, so that a row that arrives moves no column. */
  width?: number;
};

/** What a column without a width keeps at least. */
export const LEAST_WIDTH = 150;
/** A moment of another day carries its date. */
export const DATED_WIDTH = 128;
const TIME_WIDTH = 80;

export const COLUMNS: Readonly<Record<ColumnId, ColumnLook>> = {
  state: { title: 'State', sort: 'state', phone: true, shown: true, width: 108 },
  type: { title: 'Type', sort: 'type', phone: true, shown: true },
  arguments: { title: 'Arguments', shown: true },
  queue: { title: 'Queue', shown: true, width: 106 },
  worker: { title: 'Worker', sort: 'worker', shown: true, width: 134 },
  sent: { title: 'Sent', right: true, shown: false, width: TIME_WIDTH },
  received: { title: 'Received', sort: 'received', right: true, shown: false, width: TIME_WIDTH },
  started: { title: 'Started', sort: 'started', right: true, shown: true, width: TIME_WIDTH },
  finished: { title: 'Ended', sort: 'finished', right: true, shown: false, width: TIME_WIDTH },
  updated: { title: 'Last change', sort: 'updated', right: true, shown: false, width: 96 },
  wait: { title: 'Wait', sort: 'wait', right: true, shown: false, width: 84 },
  runtime: { title: 'Runtime', sort: 'runtime', right: true, shown: true, width: 138 },
  retries: { title: 'Retries', sort: 'retries', right: true, shown: false, width: 74 },
  priority: { title: 'Priority', right: true, shown: false, width: 80 },
  result: { title: 'Result', shown: false },
  id: { title: 'Id', shown: false, width: 288 },
};

/** The arguments as one line, as Python would write the call. */
export function callText(task: Pick<TaskSummary, 'args' | 'kwargs'>): string | null {
  const parts = [task.args, task.kwargs].filter(
    (part): part is string => part !== null && part !== '{}' && part !== '()' && part !== '[]',
  );
  if (task.args === null && task.kwargs === null) return null;
  return parts.length === 0 ? '()' : parts.join(' ').replace(/\s+/g, ' ');
}

/** The column that a sort order goes by; null for the order that needs no column to be understood. */
export function sortedColumn(sort: string): ColumnId | null {
  if (sort === '-updated') return null;
  const by = sort.replace(/^-/, '');
  return COLUMN_IDS.find((id) => COLUMNS[id].sort === by) ?? null;
}

/** `celery@` is what Celery calls a worker that nobody named: the host is what tells it apart. */
export function shortHostname(hostname: string): string {
  return hostname.replace(/^celery@(?=.)/, '');
}
