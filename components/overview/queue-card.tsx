import Link from 'next/link';
import { clusterPath, queuePath } from '@/components/live/paths.ts';
import { CountCell, OutlookCell, RateCell, ReadyBar } from '@/components/queues/queue-cells.tsx';
import { Section } from '@/components/ui/card.tsx';
import { RowNote, Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import type { QueueSummary } from '@/lib/contract/queue.ts';
import { formatCount } from '@/lib/format/number.ts';

const SHOWN = 10;

export function QueueCard({
  cluster,
  queues,
  total,
}: {
  cluster: string;
  queues: readonly QueueSummary[];
  total: number;
}) {
  const fullest = Math.max(0, ...queues.map((queue) => queue.ready ?? 0));
  const shown = queues.slice(0, SHOWN);
  return (
    <Section
      title="Queues"
      actions={
        <Link href={clusterPath(cluster, 'queues')} className="text-ink-3 tnum hover:underline">
          {total > shown.length ? `all ${formatCount(total)}` : formatCount(total)}
          <span className="sr-only"> queues</span>
        </Link>
      }
    >
      <Table caption="Queues, the fullest first">
        <thead>
          <tr>
            <Th>Queue</Th>
            <Th right>Ready</Th>
            <Th className="w-24 max-sm:hidden">
              <span className="sr-only">Share of the fullest</span>
            </Th>
            <Th right desk>
              In
            </Th>
            <Th right desk>
              Out
            </Th>
            <Th>Empty</Th>
          </tr>
        </thead>
        <tbody>
          {shown.length === 0 ? <RowNote span={6}>No queue is known yet.</RowNote> : null}
          {shown.map((queue) => (
            <Tr key={queue.name}>
              <Td className="w-full max-w-0">
                <Link
                  href={queuePath(cluster, queue.name)}
                  className="block truncate font-mono text-sm hover:underline"
                  title={queue.name}
                >
                  {queue.name}
                </Link>
              </Td>
              <Td right>
                <CountCell value={queue.ready} reason={queue.reason} />
              </Td>
              <Td className="max-sm:hidden">
                <ReadyBar queue={queue} fullest={fullest} />
              </Td>
              <Td right desk>
                <RateCell value={queue.inPerSecond} reason={queue.reason} />
              </Td>
              <Td right desk>
                <RateCell value={queue.outPerSecond} reason={queue.reason} />
              </Td>
              <Td>
                <OutlookCell queue={queue} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
