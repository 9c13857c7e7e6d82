import { Bar } from '@/components/ui/bar.tsx';
import { Explained, Unknown } from '@/components/ui/tooltip.tsx';
import type { QueueSummary } from '@/lib/contract/queue.ts';
import { formatCount, formatRate } from '@/lib/format/number.ts';
import { toOutlook } from './outlook.ts';

export function CountCell({ value, reason }: { value: number | null; reason: string | null }) {
  return value === null ? <Unknown reason={reason} /> : formatCount(value);
}

export function RateCell({ value, reason }: { value: number | null; reason: string | null }) {
  if (value === null) return <Unknown reason={reason ?? 'It takes two samples to tell a rate.'} />;
  return <span className="text-ink-3">{formatRate(value)}</span>;
}

/** How full a queue is beside the fullest one. */
export function ReadyBar({ queue, fullest }: { queue: QueueSummary; fullest: number }) {
  const { type } = toOutlook(queue);
  const tone = type === 'no-consumer' ? 'failure' : type === 'grows' ? 'retry' : 'ink';
  return (
    <Bar
      share={queue.ready === null ? null : fullest === 0 ? 0 : queue.ready / fullest}
      tone={tone}
    />
  );
}

export function OutlookCell({ queue }: { queue: QueueSummary }) {
  const outlook = toOutlook(queue);
  const color =
    outlook.type === 'no-consumer'
      ? queue.ready === 0
        ? 'text-ink-2'
        : 'text-failure'
      : outlook.type === 'grows'
        ? 'text-retry'
        : 'text-ink-3';
  if (outlook.reason === null) return <span className={`${color} tnum`}>{outlook.text}</span>;
  return (
    <Explained reason={outlook.reason} className={color}>
      {outlook.text}
    </Explained>
  );
}
