import Link from 'next/link';
import { clusterPath, workerPath } from '@/components/live/paths.ts';
import { Slots } from '@/components/ui/bar.tsx';
import { Section } from '@/components/ui/card.tsx';
import { RowNote, Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { Unknown } from '@/components/ui/tooltip.tsx';
import { WorkerStateCell } from '@/components/workers/worker-state-cell.tsx';
import type { Overview } from '@/lib/contract/overview.ts';
import { formatBytes } from '@/lib/format/bytes.ts';
import { formatCount } from '@/lib/format/number.ts';

const SHOWN = 10;

export function WorkerCard({
  cluster,
  workers,
  counts,
}: {
  cluster: string;
  workers: Overview['workers'];
  counts: Overview['workerCounts'];
}) {
  const words = [
    `${formatCount(counts.online)} online`,
    counts.late > 0 ? `${formatCount(counts.late)} late` : null,
    counts.offline > 0 ? `${formatCount(counts.offline)} offline` : null,
  ].filter((word) => word !== null);
  const shown = workers.slice(0, SHOWN);
  return (
    <Section
      title="Workers"
      actions={
        <Link href={clusterPath(cluster, 'workers')} className="text-ink-3 tnum hover:underline">
          {words.join(' · ')}
        </Link>
      }
    >
      <Table caption="Workers, those that need attention first">
        <thead>
          <tr>
            <Th>Worker</Th>
            <Th className="max-sm:hidden">Slots</Th>
            <Th right desk>
              Memory
            </Th>
            <Th>State</Th>
          </tr>
        </thead>
        <tbody>
          {shown.length === 0 ? <RowNote span={4}>No worker has been seen yet.</RowNote> : null}
          {shown.map((worker) => (
            <Tr key={worker.hostname}>
              <Td className="w-full max-w-0 min-w-28">
                <Link
                  href={workerPath(cluster, worker.hostname)}
                  className="block truncate font-mono text-sm hover:underline"
                  title={worker.hostname}
                >
                  {worker.hostname}
                </Link>
              </Td>
              <Td className="max-sm:hidden">
                {worker.state === 'offline' ? (
                  <span className="text-ink-3">–</span>
                ) : (
                  <Slots busy={worker.active} total={worker.concurrency} />
                )}
              </Td>
              <Td right desk className="text-ink-3">
                {worker.memoryBytes === null ? (
                  <Unknown reason="The worker has not told its memory." />
                ) : (
                  formatBytes(worker.memoryBytes)
                )}
              </Td>
              <Td>
                <WorkerStateCell worker={worker} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
