// Queues as pages show them, and whether the broker itself could say which there are.
import type { QueueDetail, QueueList, RangeName } from '../../lib/contract/index.ts';
import type { WebCluster } from './deps.ts';
import { metricWindow } from './ranges.ts';

const MAX_SAMPLES = 240;

export async function loadQueues(cluster: WebCluster, now: number): Promise<QueueList> {
  const [items, discovery] = await Promise.all([
    cluster.reader.queues(),
    cluster.reader.fact('discovery'),
  ]);
  return {
    items,
    discovery: toDiscovery(discovery),
    version: cluster.collector.status().version,
    at: now,
  };
}

export function loadQueue(
  cluster: WebCluster,
  name: string,
  range: RangeName,
  now: number,
): Promise<QueueDetail | null> {
  const { from, to } = metricWindow(range, now, cluster.collector.status().firstEventAt);
  return cluster.reader.queue(name, { from, to, maxSamples: MAX_SAMPLES });
}

function toDiscovery(fact: unknown): QueueList['discovery'] {
  if (typeof fact === 'object' && fact !== null && 'complete' in fact) {
    const reason = 'reason' in fact && typeof fact.reason === 'string' ? fact.reason : null;
    return { complete: fact.complete === true, reason };
  }
  return { complete: false, reason: 'The broker has not been asked yet.' };
}
