import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import type { WorkerDetail } from '@/lib/contract/worker.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { at } from './facts.ts';
import { SectionView } from './section-view.tsx';

function toLimit(value: unknown): string {
  return typeof value === 'number' && value > 0 ? formatDuration(value * 1000) : 'none';
}

/** `pool.timeouts` is (hard, soft) in prefork; the settings say what counts elsewhere. */
function poolLimits(worker: WorkerDetail): { soft: string; hard: string } | null {
  const timeouts = at(worker.stats.value, 'pool', 'timeouts');
  if (Array.isArray(timeouts)) return { hard: toLimit(timeouts[0]), soft: toLimit(timeouts[1]) };
  const conf = worker.conf.value;
  if (conf === null) return null;
  return {
    soft: toLimit(at(conf, 'task_soft_time_limit')),
    hard: toLimit(at(conf, 'task_time_limit')),
  };
}

/** Rate limits a type, and the time limits that hold where a type sets none of its own. */
export function LimitsTab({ worker }: { worker: WorkerDetail }) {
  const limits = poolLimits(worker);
  return (
    <>
      <p className="border-b border-line px-3.5 py-2.5">
        <span className="text-ink-3">Time limits of the worker: </span>
        {limits === null ? (
          'unknown'
        ) : (
          <span className="tnum">
            {limits.soft} soft · {limits.hard} hard
          </span>
        )}
        <span className="text-ink-3">
          {' '}
          · a worker does not tell the limits of single task types
        </span>
      </p>
      <SectionView section={worker.registered} empty="It has registered no task">
        {(types) => {
          const limited = types.filter((type) => type.rateLimit !== null);
          const free = types.length - limited.length;
          return (
            <Table caption="Rate limits by task type">
              <thead>
                <tr>
                  <Th>Task type</Th>
                  <Th>Rate limit</Th>
                </tr>
              </thead>
              <tbody>
                {limited.map((type) => (
                  <Tr key={type.name}>
                    <Td className="font-medium">{type.name}</Td>
                    <Td className="w-full tnum">{type.rateLimit}</Td>
                  </Tr>
                ))}
                <tr>
                  <Td colSpan={2} className="text-ink-3">
                    {free === types.length ? `All ${free}` : `${free} other`} types run without a
                    rate limit
                  </Td>
                </tr>
              </tbody>
            </Table>
          );
        }}
      </SectionView>
    </>
  );
}
