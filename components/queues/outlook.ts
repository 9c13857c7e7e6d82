import type { QueueSummary } from '@/lib/contract/queue.ts';
import { formatDuration } from '@/lib/format/duration.ts';

export type Outlook = {
  type: 'unknown' | 'no-consumer' | 'empty' | 'drains' | 'grows' | 'still' | 'steady';
  text: string;
  /** Why it is so, where the text alone would leave a question. */
  reason: string | null;
};

type Facts = Pick<
  QueueSummary,
  'ready' | 'consumers' | 'inPerSecond' | 'outPerSecond' | 'emptyInMs' | 'reason'
>;

/** `9 s`: an age or an estimate, which tenths of a second would only pretend to know. */
export function formatWholeSeconds(ms: number): string {
  return formatDuration(Math.max(1, Math.round(ms / 1000)) * 1000).replace(/\.0+(?= )/, '');
}

/** When a queue will be empty, as far as it can be told. */
export function toOutlook(queue: Facts): Outlook {
  const { ready, consumers, inPerSecond, outPerSecond, emptyInMs } = queue;
  if (ready === null) {
    return { type: 'unknown', text: 'unknown', reason: queue.reason ?? 'Its length is not known.' };
  }
  if (consumers === 0) {
    return {
      type: 'no-consumer',
      text: 'no consumer',
      reason: ready === 0 ? 'No worker consumes it.' : 'No worker takes these messages.',
    };
  }
  if (ready === 0) return { type: 'empty', text: '–', reason: null };
  if (emptyInMs !== null) {
    return { type: 'drains', text: `in ${formatWholeSeconds(emptyInMs)}`, reason: null };
  }
  if (inPerSecond === null || outPerSecond === null) {
    return { type: 'unknown', text: 'unknown', reason: 'Its rates are not known yet.' };
  }
  if (inPerSecond > outPerSecond) {
    return {
      type: 'grows',
      text: 'never at this rate',
      reason: 'More messages come in than go out.',
    };
  }
  if (outPerSecond === 0) {
    return { type: 'still', text: 'not moving', reason: 'Nothing comes in and nothing goes out.' };
  }
  return { type: 'steady', text: 'steady', reason: 'As many messages come in as go out.' };
}

/** Queues in the order in which they need eyes: unconsumed backlog, growing, full; then by name. */
export function byConcern(a: QueueSummary, b: QueueSummary): number {
  const rank = (queue: QueueSummary) => {
    const { type } = toOutlook(queue);
    if (type === 'no-consumer' && queue.ready !== 0) return 0;
    return type === 'grows' ? 1 : 2;
  };
  return rank(a) - rank(b) || (b.ready ?? -1) - (a.ready ?? -1) || a.name.localeCompare(b.name);
}
