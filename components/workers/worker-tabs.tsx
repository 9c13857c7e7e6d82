'use client';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';
import { queuePath, taskPath, tasksPath } from '@/components/live/paths.ts';
import { Card } from '@/components/ui/card.tsx';
import { RowNote, Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs.tsx';
import type { WorkerDetail } from '@/lib/contract/worker.ts';
import { filterFor } from '@/lib/filter/stringify.ts';
import { FactList } from './fact-list.tsx';
import { toFacts } from './facts.ts';
import { LimitsTab } from './limits-tab.tsx';
import { PoolTab } from './pool-tab.tsx';
import { SectionView } from './section-view.tsx';
import { WorkerTaskTable } from './worker-task-table.tsx';

const TABS = [
  'pool',
  'queues',
  'running',
  'reserved',
  'scheduled',
  'revoked',
  'registered',
  'limits',
  'config',
  'system',
] as const;
type Tab = (typeof TABS)[number];

const isTab = (value: string): value is Tab => (TABS as readonly string[]).includes(value);

function countsOf(worker: WorkerDetail): Partial<Record<Tab, number | null>> {
  return {
    queues: worker.activeQueues.value?.length ?? null,
    running: worker.running.value?.length ?? null,
    reserved: worker.reserved.value?.length ?? null,
    scheduled: worker.scheduled.value?.length ?? null,
    revoked: worker.revoked.value?.length ?? null,
    registered: worker.registered.value?.length ?? null,
  };
}

const SYSTEM_KEYS = ['pid', 'clock', 'uptime', 'broker', 'rusage'];

/** Everything that a worker tells about itself, one part a tab. */
export function WorkerTabs({ cluster, worker }: { cluster: string; worker: WorkerDetail }) {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('pool'));
  const counts = countsOf(worker);
  const panes: Record<Tab, ReactNode> = {
    pool: <PoolTab worker={worker} />,
    queues: <QueuesTab cluster={cluster} worker={worker} />,
    running: (
      <SectionView section={worker.running} empty="No task is running">
        {(tasks) => <WorkerTaskTable cluster={cluster} tasks={tasks} kind="running" />}
      </SectionView>
    ),
    reserved: (
      <SectionView section={worker.reserved} empty="No task is prefetched">
        {(tasks) => <WorkerTaskTable cluster={cluster} tasks={tasks} kind="reserved" />}
      </SectionView>
    ),
    scheduled: (
      <SectionView section={worker.scheduled} empty="No task waits here for its ETA">
        {(tasks) => <WorkerTaskTable cluster={cluster} tasks={tasks} kind="scheduled" />}
      </SectionView>
    ),
    revoked: (
      <SectionView
        section={worker.revoked}
        empty="This worker holds no revokes"
        note="kept in the worker's memory"
      >
        {(ids) => <Ids cluster={cluster} ids={ids} />}
      </SectionView>
    ),
    registered: <RegisteredTab cluster={cluster} worker={worker} />,
    limits: <LimitsTab worker={worker} />,
    config: (
      <SectionView section={worker.conf} note="secrets are masked">
        {(conf) => <FactList facts={toFacts(conf)} label="settings" />}
      </SectionView>
    ),
    system: (
      <SectionView section={worker.stats}>
        {(stats) => (
          <FactList
            label="facts"
            facts={[
              ...toFacts({
                software: worker.software,
                load_average: worker.loadAverage,
                clock_skew_ms: worker.clockSkewMs,
              }),
              ...toFacts(Object.fromEntries(SYSTEM_KEYS.map((key) => [key, stats[key]]))),
            ]}
          />
        )}
      </SectionView>
    ),
  };
  return (
    <Card>
      <Tabs
        value={tab}
        onValueChange={(next) => {
          if (isTab(next)) void setTab(next);
        }}
      >
        <TabsList of={tab} aria-label="Parts of the worker">
          {TABS.map((name) => (
            <TabsTrigger key={name} value={name} count={counts[name]} className="capitalize">
              {name}
            </TabsTrigger>
          ))}
        </TabsList>
        {TABS.map((name) => (
          <TabsContent key={name} value={name}>
            {panes[name]}
          </TabsContent>
        ))}
      </Tabs>
    </Card>
  );
}

function QueuesTab({ cluster, worker }: { cluster: string; worker: WorkerDetail }) {
  return (
    <SectionView section={worker.activeQueues} empty="It consumes no queue">
      {(queues) => (
        <Table caption="Queues that this worker consumes">
          <thead>
            <tr>
              <Th>Queue</Th>
              <Th>Exchange</Th>
              <Th desk>Type</Th>
              <Th desk>Routing key</Th>
              <Th desk>Durable</Th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <Tr key={queue.name} className="font-mono text-sm">
                <Td>
                  <Link href={queuePath(cluster, queue.name)} className="hover:underline">
                    {queue.name}
                  </Link>
                </Td>
                <Td className="text-ink-3">
                  {queue.exchange === '' ? '(default)' : (queue.exchange ?? '–')}
                </Td>
                <Td desk className="text-ink-3">
                  {queue.exchangeType ?? '–'}
                </Td>
                <Td desk className="text-ink-3">
                  {queue.routingKey ?? '–'}
                </Td>
                <Td desk className="text-ink-3">
                  {queue.durable === null ? '–' : queue.durable ? 'yes' : 'no'}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </SectionView>
  );
}

function RegisteredTab({ cluster, worker }: { cluster: string; worker: WorkerDetail }) {
  return (
    <SectionView section={worker.registered} empty="It has registered no task">
      {(types) => (
        <Table caption="Task types that this worker knows">
          <thead>
            <tr>
              <Th>Task type</Th>
              <Th>Rate limit</Th>
              <Th desk>Told with it</Th>
            </tr>
          </thead>
          <tbody>
            {types.map((type) => (
              <Tr key={type.name}>
                <Td className="font-medium">
                  <Link
                    href={tasksPath(
                      cluster,
                      `${filterFor('name', type.name)} ${filterFor('worker', worker.hostname)}`,
                    )}
                    className="hover:underline"
                  >
                    {type.name}
                  </Link>
                </Td>
                <Td className="tnum">
                  {type.rateLimit ?? <span className="text-ink-3">none</span>}
                </Td>
                <Td desk className="w-full max-w-0 truncate font-mono text-sm text-ink-3">
                  {type.info ?? ''}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </SectionView>
  );
}

function Ids({ cluster, ids }: { cluster: string; ids: readonly string[] }) {
  return (
    <Table caption="Ids that this worker would not run">
      <thead>
        <tr>
          <Th>Task</Th>
        </tr>
      </thead>
      <tbody>
        {ids.length === 0 ? <RowNote span={1}>None</RowNote> : null}
        {ids.slice(0, 1000).map((id) => (
          <Tr key={id}>
            <Td>
              <Link href={taskPath(cluster, id)} className="font-mono text-sm hover:underline">
                {id}
              </Link>
            </Td>
          </Tr>
        ))}
        {ids.length > 1000 ? <RowNote span={1}>and {ids.length - 1000} more</RowNote> : null}
      </tbody>
    </Table>
  );
}
