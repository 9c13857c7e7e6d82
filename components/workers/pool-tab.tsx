import { Slots } from '@/components/ui/bar.tsx';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import type { WorkerDetail } from '@/lib/contract/worker.ts';
import { formatCount } from '@/lib/format/number.ts';
import { FactList } from './fact-list.tsx';
import { at, numbersAt, toFacts } from './facts.ts';
import { SectionView } from './section-view.tsx';

/** The pool: its slots, its settings, and what it has run since it started. */
export function PoolTab({ worker }: { worker: WorkerDetail }) {
  return (
    <SectionView section={worker.stats}>
      {(stats) => {
        const totals = numbersAt(stats, 'total').sort((a, b) => b[1] - a[1]);
        const pool = at(stats, 'pool');
        const facts = toFacts({
          pool: worker.pool,
          prefetch_count: stats['prefetch_count'] ?? worker.prefetched,
          ...(typeof pool === 'object' && pool !== null ? pool : {}),
        });
        return (
          <div className="grid lg:grid-cols-2">
            <div className="min-w-0 lg:border-r lg:border-line">
              <div className="flex items-center gap-3 border-b border-line px-3.5 py-3">
                <Slots busy={worker.active} total={worker.concurrency} />
                <span className="text-ink-2 tnum">
                  {formatCount(worker.active, 'unknown')} of{' '}
                  {formatCount(worker.concurrency, 'unknown')} slots busy
                </span>
              </div>
              <FactList facts={facts} label="pool facts" />
            </div>
            <Table caption="Tasks accepted since the worker started, by type">
              <thead>
                <tr>
                  <Th>Accepted since it started</Th>
                  <Th right>Tasks</Th>
                </tr>
              </thead>
              <tbody>
                {totals.map(([type, count]) => (
                  <Tr key={type}>
                    <Td className="w-full max-w-0 truncate font-medium">{type}</Td>
                    <Td right>{formatCount(count)}</Td>
                  </Tr>
                ))}
                {totals.length === 0 ? (
                  <tr>
                    <Td colSpan={2} className="text-ink-3">
                      None yet
                    </Td>
                  </tr>
                ) : null}
              </tbody>
            </Table>
          </div>
        );
      }}
    </SectionView>
  );
}
