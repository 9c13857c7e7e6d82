// Queues that nobody empties, or not fast enough.
import type { Attention, QueueSummary } from '../../../lib/contract/index.ts';
import type { AttentionFacts } from './facts.ts';
import { plural, rate } from './words.ts';

export function queueLines({ queues }: AttentionFacts): Attention[] {
  const lines: Attention[] = [];
  for (const queue of queues) {
    if (queue.ready === null || queue.ready === 0) continue;
    const link = { label: 'Open queue', path: `queues/${encodeURIComponent(queue.name)}` };
    const oldest =
      queue.oldestAgeMs === null || queue.sampledAt === null
        ? null
        : queue.sampledAt - queue.oldestAgeMs;
    if (queue.consumers === 0) {
      lines.push({
        key: `no-consumer:${queue.name}`,
        severity: 'critical',
        title: `Nobody consumes ${queue.name}`,
        detail: `${plural(queue.ready, 'message')} waiting. Start a worker with -Q ${queue.name}, or add a consumer.`,
        since: oldest,
        link,
        action: null,
      });
    } else if (isGrowing(queue)) {
      lines.push({
        key: `growing:${queue.name}`,
        severity: 'warning',
        title: `${queue.name} grows and never empties at this rate`,
        detail: `${plural(queue.ready, 'message')} waiting, ${rate(queue.inPerSecond)} in, ${rate(queue.outPerSecond)} out.`,
        since: oldest,
        link,
        action: null,
      });
    }
  }
  return lines;
}

/** Worth a line when the backlog is more than a minute's work and grows by more than a tenth. */
function isGrowing(queue: QueueSummary): boolean {
  const { ready, inPerSecond, outPerSecond } = queue;
  if (ready === null || inPerSecond === null || outPerSecond === null) return false;
  return (
    inPerSecond > 0 && inPerSecond > outPerSecond * 1.1 && ready >= 10 && ready > outPerSecond * 60
  );
}
