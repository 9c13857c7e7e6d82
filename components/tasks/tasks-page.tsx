'use client';

import type { RowSelectionState } from '@tanstack/react-table';
import { useState } from 'react';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { useHold } from '@/components/live/hold.ts';
import { Time } from '@/components/live/time.tsx';
import { useSession } from '@/components/live/use-session.ts';
import { useClusterStatus } from '@/components/live/use-status.ts';
import { Button } from '@/components/ui/button.tsx';
import { Select } from '@/components/ui/select.tsx';
import { ErrorState, SkeletonRows, StaleBanner } from '@/components/ui/states.tsx';
import type { RangeName } from '@/lib/contract/api.ts';
import { BulkActions } from './bulk-actions.tsx';
import { NothingMatches, NothingYet } from './empties.tsx';
import { Facets } from './facets.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ColumnsMenu, ExportMenu, NewsButton, totalText } from './table-header.tsx';
import { TasksTable } from './tasks-table.tsx';
import { useColumns } from './use-columns.ts';
import { PAGE_SIZES, TASK_RANGES, useTasksUrl } from './use-tasks-url.ts';
import { useTasks } from './use-tasks.ts';

const RANGE_WORDS: Readonly<Record<RangeName, string>> = {
  all: 'All time',
  '15m': 'Last 15 min',
  '1h': 'Last 1 h',
  '6h': 'Last 6 h',
  '24h': 'Last 24 h',
  '7d': 'Last 7 days',
};

export function TasksPage({ cluster }: { cluster: string }) {
  const url = useTasksUrl();
  const columns = useColumns();
  const { readOnly } = useSession();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const [isReading, setReading] = useState(false);
  const tasks = useTasks(cluster, url, isReading);
  const { page, error } = tasks;
  const items = page?.items ?? [];
  const selected = items.filter((task) => selection[task.id] === true);
  useHold(selected.length > 0);
  const clear = () => setSelection({});
  const { data: status } = useClusterStatus(cluster);
  const isFiltered = url.q !== '' || url.range !== 'all' || url.cursor !== null;
  const isNew = !isFiltered && status?.tasksStored === 0;

  return (
    <>
      <PageHeader
        cluster={cluster}
        title="Tasks"
        actions={
          <Select
            label="Time range"
            value={url.range}
            onValueChange={(next) => {
              const range = TASK_RANGES.find((one) => one === next);
              if (range !== undefined) url.setRange(range);
            }}
            options={TASK_RANGES.map((value) => ({ value, label: RANGE_WORDS[value] }))}
          />
        }
      />
      <FilterBar
        cluster={cluster}
        q={url.q}
        onChange={(q) => {
          clear();
          url.setQ(q);
        }}
      />
      <div className="mt-3.5 grid items-start gap-3.5 lg:grid-cols-[168px_minmax(0,1fr)]">
        <Facets
          facets={tasks.facets}
          isMissing={error !== null && page === undefined}
          q={url.q}
          onChange={url.setQ}
        />
        <section aria-label="Tasks" className="min-w-0 rounded-lg border border-line bg-panel">
          <header className="flex min-h-[49px] flex-wrap items-center gap-2 border-b border-line px-3.5 py-2">
            <NewsButton
              news={tasks.news}
              onApply={() => {
                clear();
                if (url.cursor !== null) url.setCursor(null);
                tasks.refetch();
              }}
            />
            <span className="text-ink-3 tnum">
              {page !== undefined
                ? totalText(page, url.range)
                : error === null
                  ? 'Counting…'
                  : 'Not counted'}
              {url.sort === '-updated' && page !== undefined ? ' · latest change first' : ''}
            </span>
            <span className="ml-auto flex flex-wrap items-center gap-2">
              {readOnly ? null : (
                <BulkActions cluster={cluster} selected={selected} onClear={clear} />
              )}
              <ExportMenu cluster={cluster} tasks={selected.length > 0 ? selected : items} />
              <ColumnsMenu columns={columns} />
            </span>
          </header>
          {tasks.isStale ? (
            <StaleBanner
              className="rounded-none border-0 border-b"
              action={
                <Button size="sm" onClick={tasks.refetch}>
                  Try again
                </Button>
              }
            >
              Shown as it was at <Time at={tasks.updatedAt} />
              {error === null ? '.' : `: ${error.message}`}
            </StaleBanner>
          ) : null}
          {page !== undefined ? (
            items.length > 0 ? (
              <TasksTable
                cluster={cluster}
                tasks={items}
                sort={url.sort}
                onSort={url.setSort}
                visibility={columns.visibility}
                canSelect={!readOnly}
                selection={selection}
                onSelect={setSelection}
                onReading={setReading}
                isChanging={tasks.isChanging}
              />
            ) : isNew ? (
              <NothingYet cluster={cluster} />
            ) : (
              <NothingMatches onReset={url.reset} />
            )
          ) : error?.status === 400 ? (
            <ErrorState
              title="This filter cannot be read"
              detail="What is wrong with it is said above, where it can be mended."
              action={<Button onClick={url.reset}>Show all tasks</Button>}
            />
          ) : error !== null ? (
            <ErrorState
              title={error.title}
              detail={error.detail}
              action={<Button onClick={tasks.refetch}>Try again</Button>}
            />
          ) : (
            <SkeletonRows rows={12} label="Loading tasks" />
          )}
          {page === undefined || items.length === 0 ? null : (
            <footer className="flex flex-wrap items-center gap-2 border-t border-line px-3.5 py-2">
              {page.searchedBackTo === null ? null : (
                <span className="text-ink-2">
                  The search took too long and stopped at <Time at={page.searchedBackTo} />: older
                  tasks were not looked at.
                </span>
              )}
              <span className="ml-auto flex items-center gap-2">
                <Select
                  label="Rows per page"
                  value={String(url.limit)}
                  onValueChange={(next) => url.setLimit(Number(next))}
                  options={PAGE_SIZES.map((size) => ({
                    value: String(size),
                    label: `${size} rows`,
                  }))}
                />
                {url.cursor === null ? null : (
                  <Button onClick={() => url.setCursor(null)}>First page</Button>
                )}
                <Button
                  disabled={page.nextCursor === null || tasks.isChanging}
                  onClick={() => {
                    clear();
                    url.setCursor(page.nextCursor);
                  }}
                >
                  Next page
                </Button>
              </span>
            </footer>
          )}
        </section>
      </div>
    </>
  );
}
