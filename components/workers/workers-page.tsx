'use client';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useState } from 'react';
import { DataState } from '@/components/layout/data-state.tsx';
import { PageHeader } from '@/components/layout/page-header.tsx';
import { useSort } from '@/components/layout/use-sort.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Button } from '@/components/ui/button.tsx';
import { Card } from '@/components/ui/card.tsx';
import { Input } from '@/components/ui/input.tsx';
import { EmptyState, SkeletonRows } from '@/components/ui/states.tsx';
import { Switch } from '@/components/ui/toggle.tsx';
import { workerList } from '@/lib/contract/api.ts';
import { workerState, type WorkerSummary } from '@/lib/contract/worker.ts';
import { formatCount } from '@/lib/format/number.ts';
import { ForgetOffline } from '@/components/actions/forget-offline.tsx';
import { filterWorkers, sortWorkers, toRows, WORKER_SORTS } from './worker-rows.ts';
import { WorkerTable } from './worker-table.tsx';

const MANY = 40;
const STATES = workerState.options;

export function WorkersPage({ cluster }: { cluster: string }) {
  const query = useLiveQuery({
    cluster,
    key: ['workers', cluster],
    path: apiPath(cluster, 'workers'),
    schema: workerList,
    topic: 'workers',
  });
  const slots = query.data === undefined ? null : toSlots(query.data.items);
  return (
    <>
      <PageHeader cluster={cluster} title="Workers" sub={slots ?? '\u00a0'} />
      <DataState
        query={query}
        skeleton={
          <Card className="mt-[43px]">
            <SkeletonRows rows={8} label="Loading workers" />
          </Card>
        }
      >
        {({ items }) =>
          items.length === 0 ? <NoWorkers /> : <Workers cluster={cluster} workers={items} />
        }
      </DataState>
    </>
  );
}

function toSlots(workers: readonly WorkerSummary[]): string {
  const alive = workers.filter((worker) => worker.state !== 'offline');
  const busy = alive.reduce((sum, worker) => sum + (worker.active ?? 0), 0);
  const total = alive.reduce((sum, worker) => sum + (worker.concurrency ?? 0), 0);
  const silent = alive.filter((worker) => worker.active === null || worker.concurrency === null);
  if (silent.length > 0) {
    return `${formatCount(alive.length)} alive · ${formatCount(silent.length)} of them have not told their slots`;
  }
  return `${formatCount(alive.length)} alive · ${formatCount(busy)} of ${formatCount(total)} slots busy`;
}

function Workers({ cluster, workers }: { cluster: string; workers: WorkerSummary[] }) {
  const [view, setView] = useQueryStates({
    q: parseAsString.withDefault(''),
    state: parseAsStringLiteral(STATES),
    group: parseAsBoolean,
  });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const order = useSort(WORKER_SORTS);
  const isGrouped = view.group ?? workers.length >= MANY;
  const matching = filterWorkers(workers, { text: view.q, state: view.state });
  const rows = toRows(sortWorkers(matching, order.sort), isGrouped, open);
  const offline = workers.filter((worker) => worker.state === 'offline');
  const toggleGroup = (pattern: string) => {
    const next = new Set(open);
    if (!next.delete(pattern)) next.add(pattern);
    setOpen(next);
  };
  return (
    <>
      <div className="mb-3.5 flex flex-wrap items-center gap-2">
        <Input
          type="search"
          aria-label="Filter workers"
          placeholder="Name, queue or pool"
          data-filter-input
          value={view.q}
          onChange={(event) =>
            void setView({ q: event.target.value === '' ? null : event.target.value })
          }
          className="w-64 max-md:w-full"
        />
        <div role="group" aria-label="State" className="flex gap-1">
          {STATES.map((state) => (
            <Button
              key={state}
              variant={view.state === state ? 'plain' : 'quiet'}
              aria-pressed={view.state === state}
              onClick={() => void setView({ state: view.state === state ? null : state })}
            >
              {state}
              <span className="text-ink-3 tnum">
                {formatCount(workers.filter((worker) => worker.state === state).length)}
              </span>
            </Button>
          ))}
        </div>
        <label className="flex items-center gap-2 text-ink-2">
          <Switch
            checked={isGrouped}
            onCheckedChange={(group) => void setView({ group })}
            aria-label="Group by hostname pattern"
          />
          Group
        </label>
        <span className="ml-auto">
          <ForgetOffline cluster={cluster} hostnames={offline.map((worker) => worker.hostname)} />
        </span>
      </div>
      <Card>
        {matching.length === 0 ? (
          <EmptyState
            title="No worker matches"
            action={
              <Button onClick={() => void setView({ q: null, state: null })}>
                Reset the filter
              </Button>
            }
          >
            {formatCount(workers.length)} workers are known.
          </EmptyState>
        ) : (
          <WorkerTable cluster={cluster} rows={rows} order={order} onToggleGroup={toggleGroup} />
        )}
      </Card>
    </>
  );
}

function NoWorkers() {
  return (
    <Card>
      <EmptyState title="No worker has been seen yet">
        Start one on this broker with{' '}
        <code className="font-mono text-sm">celery -A yourapp worker -E</code>. It appears here with
        its first heartbeat, also when it runs without <code className="font-mono text-sm">-E</code>{' '}
        and answers remote control.
      </EmptyState>
    </Card>
  );
}
