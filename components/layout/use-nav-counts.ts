'use client';
import { useQuery } from '@tanstack/react-query';
import { apiGet } from '@/components/live/api.ts';
import { useHoldReason } from '@/components/live/hold.ts';
import { apiPath } from '@/components/live/paths.ts';
import { overview } from '@/lib/contract/overview.ts';
import { useRange } from './use-range.ts';

const EVERY_MS = 30_000;

/**
 * The figures beside the entries of the side bar, from the overview: it stays small however many workers and queues
 * there are, and where the overview is open it keeps them fresh.
 */
export function useNavCounts(cluster: string) {
  const [range] = useRange();
  const hold = useHoldReason();
  const counts = useQuery({
    queryKey: ['overview', cluster, range],
    queryFn: ({ signal }) => apiGet(apiPath(cluster, `overview?range=${range}`), overview, signal),
    refetchInterval: hold === null ? EVERY_MS : false,
    refetchOnWindowFocus: hold === null || hold === 'hidden',
    staleTime: EVERY_MS,
    select: ({ queueCount, workerCounts }) => ({
      queues: queueCount,
      workers: workerCounts.online + workerCounts.late,
    }),
  });
  return counts.data ?? { queues: null, workers: null };
}
