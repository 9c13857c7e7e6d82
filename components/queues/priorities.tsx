import { Bar } from '@/components/ui/bar.tsx';
import { Unknown } from '@/components/ui/tooltip.tsx';
import type { QueueSummary } from '@/lib/contract/queue.ts';
import { formatCount } from '@/lib/format/number.ts';

/** In a row: each priority that holds messages, with how many. */
export function PriorityList({ queue }: { queue: QueueSummary }) {
  if (queue.readyByPriority === null) {
    return <Unknown reason={queue.reason ?? 'This broker does not tell its depth by priority.'} />;
  }
  const filled = queue.readyByPriority.filter((one) => one.ready > 0);
  if (filled.length === 0) return <span className="text-ink-3">–</span>;
  return (
    <span className="inline-flex gap-2.5 tnum">
      {filled.map((one) => (
        <span key={one.priority} title={`${formatCount(one.ready)} of priority ${one.priority}`}>
          <span className="text-ink-3">p{one.priority}</span> {formatCount(one.ready)}
        </span>
      ))}
    </span>
  );
}

/** On the queue's page: one line a priority. */
export function PriorityBars({ queue }: { queue: QueueSummary }) {
  const steps = queue.readyByPriority;
  if (steps === null) {
    return (
      <p className="px-3.5 py-3 text-ink-3">
        {queue.reason ?? 'This broker does not tell its depth by priority.'}
      </p>
    );
  }
  const most = Math.max(0, ...steps.map((one) => one.ready));
  return (
    <ul className="grid gap-1.5 px-3.5 py-3">
      {steps.map((one) => (
        <li key={one.priority} className="grid grid-cols-[72px_1fr_64px] items-center gap-3">
          <span className="text-ink-3">priority {one.priority}</span>
          <Bar share={most === 0 ? 0 : one.ready / most} />
          <span className="text-right tnum">{formatCount(one.ready)}</span>
        </li>
      ))}
    </ul>
  );
}
