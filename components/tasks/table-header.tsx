'use client';

import { ArrowUp, ChevronDown } from 'lucide-react';
import { Button } from '@/components/ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu.tsx';
import type { RangeName, TaskNews, TaskPage } from '@/lib/contract/api.ts';
import type { TaskSummary } from '@/lib/contract/task.ts';
import { formatCount } from '@/lib/format/number.ts';
import { COLUMN_IDS, COLUMNS } from './columns.ts';
import { download } from './download.ts';
import { toCsv, toJson } from './export.ts';
import type { useColumns } from './use-columns.ts';

const IN_RANGE: Readonly<Record<RangeName, string>> = {
  '15m': ' in the last 15 minutes',
  '1h': ' in the last hour',
  '6h': ' in the last 6 hours',
  '24h': ' in the last 24 hours',
  '7d': ' in the last 7 days',
  all: '',
};

/** How many tasks match, without pretending to have counted them all. */
export function totalText(
  page: Pick<TaskPage, 'total' | 'totalAtLeast'>,
  range: RangeName,
): string {
  const count = page.total ?? page.totalAtLeast;
  const about = page.total === null ? 'at least ' : '';
  return `${about}${formatCount(count)} ${count === 1 ? 'task' : 'tasks'}${IN_RANGE[range]}`;
}

/** What news there are; the button that lets them in. */
export function NewsButton({ news, onApply }: { news: TaskNews | null; onApply: () => void }) {
  const count = news?.newCount ?? 0;
  const changed = news?.changedCount ?? 0;
  const text =
    count > 0
      ? `${formatCount(count)} new`
      : changed > 0
        ? `${formatCount(changed)} changed`
        : null;
  return (
    <span aria-live="polite" className="contents">
      {text === null ? null : (
        <Button onClick={onApply}>
          {text} <ArrowUp aria-hidden />
        </Button>
      )}
    </span>
  );
}

export function ColumnsMenu({ columns }: { columns: ReturnType<typeof useColumns> }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button className="max-md:hidden">Columns</Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {COLUMN_IDS.filter((id) => id !== 'type').map((id) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={columns.visibility[id] === true}
            onCheckedChange={() => columns.toggle(id)}
            onSelect={(event) => event.preventDefault()}
          >
            {COLUMNS[id].title}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

export function ExportMenu({ cluster, tasks }: { cluster: string; tasks: readonly TaskSummary[] }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button className="max-md:hidden" disabled={tasks.length === 0}>
          Export <ChevronDown aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuItem
          onSelect={() => download(`${cluster}-tasks.csv`, 'text/csv', toCsv(tasks))}
        >
          {formatCount(tasks.length)} rows as CSV
        </DropdownMenuItem>
        <DropdownMenuItem
          onSelect={() => download(`${cluster}-tasks.json`, 'application/json', toJson(tasks))}
        >
          {formatCount(tasks.length)} rows as JSON
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
