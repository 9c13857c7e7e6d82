import { ChevronDown, ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { queuePath, workerPath } from '@/components/live/paths.ts';
import { Slots } from '@/components/ui/bar.tsx';
import { WorkerStateLabel } from '@/components/ui/state-label.tsx';
import { Td, Tr } from '@/components/ui/table.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';
import { Unknown } from '@/components/ui/tooltip.tsx';
import type { WorkerSummary } from '@/lib/contract/worker.ts';
import { formatBytes } from '@/lib/format/bytes.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { formatCompact, formatCount, formatPerSecond } from '@/lib/format/number.ts';
import type { WorkerGroup } from './worker-rows.ts';
import { WorkerStateCell } from './worker-state-cell.tsx';

const SHOWN_QUEUES = 2;
const NOT_TOLD = 'The worker has not told; it may not answer inspect.';

function Queues({ cluster, queues }: { cluster: string; queues: string[] | null }) {
  if (queues === null) return <Unknown reason={NOT_TOLD} />;
  if (queues.length === 0) return <span className="text-ink-3">none</span>;
  return (
    <span title={queues.join(', ')} className="block truncate font-mono text-sm text-ink-3">
      {queues.slice(0, SHOWN_QUEUES).map((name, index) => (
        <span key={name}>
          {index > 0 ? ', ' : ''}
          <Link href={queuePath(cluster, name)} className="hover:underline">
            {name}
          </Link>
        </span>
      ))}
      {queues.length > SHOWN_QUEUES ? ` +${queues.length - SHOWN_QUEUES}` : null}
    </span>
  );
}

function Known({
  value,
  write,
  dash = false,
}: {
  value: number | null;
  write: (value: number) => string;
  dash?: boolean;
}) {
  if (value !== null) return write(value);
  return dash ? <span className="text-ink-3">–</span> : <Unknown reason={NOT_TOLD} />;
}

export function WorkerRowView({
  cluster,
  worker,
  isMember,
}: {
  cluster: string;
  worker: WorkerSummary;
  isMember: boolean;
}) {
  const isGone = worker.state === 'offline';
  return (
    <Tr className={isGone ? 'text-ink-3' : undefined}>
      <Td className={`w-full max-w-0 min-w-28 ${isMember ? 'pl-8! md:pl-9!' : ''}`}>
        <Link
          data-row-link
          href={workerPath(cluster, worker.hostname)}
          title={worker.hostname}
          className="block truncate font-mono text-sm hover:underline"
        >
          {worker.hostname}
        </Link>
        <PhoneFacts worker={worker} />
      </Td>
      <Td>
        <WorkerStateCell worker={worker} />
      </Td>
      <Td desk className="max-w-40">
        <Queues cluster={cluster} queues={worker.queues} />
      </Td>
      <Td className="max-sm:hidden">
        {isGone ? (
          <span className="text-ink-3">–</span>
        ) : (
          <span className="inline-flex items-center gap-2">
            <Slots busy={worker.active} total={worker.concurrency} />
            {worker.active !== null && worker.concurrency !== null && worker.concurrency <= 16 ? (
              <span aria-hidden className="text-ink-3 tnum max-md:hidden">
                {worker.active}/{worker.concurrency}
              </span>
            ) : null}
          </span>
        )}
      </Td>
      <Td right desk>
        <Known value={worker.processed} write={formatCompact} dash={isGone} />
      </Td>
      <Td right desk>
        <Known value={worker.executedPerSecond} write={formatPerSecond} dash />
      </Td>
      <Td right desk className={(worker.failedPerSecond ?? 0) > 0 ? 'text-failure' : undefined}>
        <Known value={worker.failedPerSecond} write={formatPerSecond} dash />
      </Td>
      <Td right desk>
        <Known value={worker.memoryBytes} write={formatBytes} dash={isGone} />
      </Td>
      <Td desk className="max-xl:hidden">
        {worker.software ?? <Unknown reason={NOT_TOLD} />}
      </Td>
      <Td right desk>
        <Known value={worker.uptimeMs} write={formatDuration} dash={isGone} />
      </Td>
      <Td right desk>
        <RelativeTime at={worker.lastSeenAt} unknown="never" />
      </Td>
    </Tr>
  );
}

/** What a phone has no columns for. */
function PhoneFacts({ worker }: { worker: WorkerSummary }) {
  const { active, concurrency, executedPerSecond, queues } = worker;
  if (worker.state === 'offline') return null;
  const facts = [
    active === null || concurrency === null ? null : `${active}/${concurrency} busy`,
    executedPerSecond === null ? null : `${formatPerSecond(executedPerSecond)} /s`,
    queues === null || queues.length === 0 ? null : queues.join(', '),
  ].filter((fact) => fact !== null);
  if (facts.length === 0) return null;
  return (
    <span className="pointer-events-none block truncate text-xs text-ink-3 tnum md:hidden">
      {facts.join(' · ')}
    </span>
  );
}

export function GroupRowView({
  group,
  isOpen,
  onToggle,
}: {
  group: WorkerGroup;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const { counts } = group;
  return (
    <Tr className="bg-raised/40">
      <Td className="w-full max-w-0 min-w-28">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          title={group.pattern}
          className="flex h-[33px] w-full items-center gap-1.5 text-left touch:h-10"
        >
          <Chevron aria-hidden className="size-3.5 shrink-0 stroke-[1.5] text-ink-3" />
          <span className="truncate font-mono text-sm font-medium">{group.pattern}</span>
          <span className="shrink-0 text-ink-3 tnum">
            {formatCount(group.workers.length)}
            <span className="sr-only"> workers</span>
          </span>
        </button>
      </Td>
      <Td>
        <GroupState counts={counts} />
      </Td>
      <Td desk />
      <Td className="max-sm:hidden">
        {group.active === null || group.concurrency === null ? (
          <Unknown reason="Some of these workers have not told." />
        ) : (
          <span className="text-ink-2 tnum">
            {formatCount(group.active)}/{formatCount(group.concurrency)}
          </span>
        )}
      </Td>
      <Td desk />
      <Td right desk>
        <Known value={group.executedPerSecond} write={formatPerSecond} dash />
      </Td>
      <Td right desk className={(group.failedPerSecond ?? 0) > 0 ? 'text-failure' : undefined}>
        <Known value={group.failedPerSecond} write={formatPerSecond} dash />
      </Td>
      <Td desk />
      <Td desk className="max-xl:hidden" />
      <Td desk />
      <Td desk />
    </Tr>
  );
}

/** Nothing but what is late or gone needs a number; the rest is online. */
function GroupState({ counts }: { counts: WorkerGroup['counts'] }) {
  if (counts.late === 0 && counts.offline === 0) return <WorkerStateLabel state="online" />;
  return (
    <span className="flex gap-2 font-medium tnum">
      {counts.late > 0 ? <span className="text-retry">{counts.late} late</span> : null}
      {counts.offline > 0 ? <span className="text-failure">{counts.offline} offline</span> : null}
    </span>
  );
}
