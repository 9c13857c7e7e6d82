'use client';
import { useEffect, useState } from 'react';
import type { SparkPoint } from '@/components/charts/sparkline.tsx';
import type { QueueSummary } from '@/lib/contract/queue.ts';

const KEPT = 60;

type Trend = ReadonlyMap<string, { at: number | null; points: SparkPoint[] }>;

function extend(trend: Trend, queues: readonly QueueSummary[]): Trend {
  const next = new Map(trend);
  let changed = false;
  for (const queue of queues) {
    const known = next.get(queue.name);
    if (known !== undefined && known.at === queue.sampledAt) continue;
    changed = true;
    const points = [...(known?.points ?? []), { value: queue.ready }].slice(-KEPT);
    next.set(queue.name, { at: queue.sampledAt, points });
  }
  return changed ? next : trend;
}

/** How full each queue was in the samples that arrived while the page is open. */
export function useTrend(queues: readonly QueueSummary[]): (name: string) => SparkPoint[] {
  const [trend, setTrend] = useState<Trend>(new Map());
  useEffect(() => {
    const timer = setTimeout(() => setTrend((was) => extend(was, queues)), 0);
    return () => clearTimeout(timer);
  }, [queues]);
  return (name) => trend.get(name)?.points ?? [];
}
