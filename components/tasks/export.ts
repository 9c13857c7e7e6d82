import type { TaskSummary } from '@/lib/contract/task.ts';

const COLUMNS = [
  'id',
  'type',
  'state',
  'customState',
  'queue',
  'priority',
  'worker',
  'retries',
  'sentAt',
  'receivedAt',
  'startedAt',
  'finishedAt',
  'etaAt',
  'expiresAt',
  'updatedAt',
  'waitMs',
  'runtimeMs',
  'args',
  'kwargs',
  'result',
  'exception',
  'rootId',
  'parentId',
] as const satisfies readonly (keyof TaskSummary)[];

/** One cell. Text that a spreadsheet would run as a formula gets an apostrophe before it, so that it stays text. */
export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r\n|%]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function cellOf(task: TaskSummary, column: (typeof COLUMNS)[number]): string {
  const value = task[column];
  if (typeof value === 'number' && column.endsWith('At')) {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? '' : date.toISOString();
  }
  return csvCell(value);
}

/** Times are in UTC. The first line names the columns. */
export function toCsv(tasks: readonly TaskSummary[]): string {
  const lines = tasks.map((task) => COLUMNS.map((column) => cellOf(task, column)).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

export function toJson(tasks: readonly TaskSummary[]): string {
  return `${JSON.stringify(tasks, null, 2)}\n`;
}
