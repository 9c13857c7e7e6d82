import type { QueueSample } from '@/lib/contract/queue.ts';

export type QueueRow = { at: number; ready: number | null; inFlight: number | null };
export type Unsampled = { from: number; to: number };

/** Shorter pauses are the sampler's own. */
const LEAST_PAUSE_MS = 10_000;
const NEIGHBOURS = 5;

/**
 * What the chart draws up to `to`, and where nothing is known: no sample was taken, or the length could not be read. A line
 * is broken there. Samples thin out with age, so a pause is one that is long beside its neighbours.
 */
export function toQueueRows(
  samples: readonly QueueSample[],
  to: number,
): { rows: QueueRow[]; unsampled: Unsampled[] } {
  const steps = samples.slice(1).map((one, index) => one.at - (samples[index]?.at ?? one.at));
  const rows: QueueRow[] = [];
  const unsampled: Unsampled[] = [];
  const tell = (from: number, until: number) => {
    const last = unsampled.at(-1);
    if (last !== undefined && last.to >= from) last.to = until;
    else unsampled.push({ from, to: until });
  };
  samples.forEach(({ at, ready, inFlight }, index) => {
    const before = samples[index - 1];
    const step = steps[index - 1];
    if (before !== undefined && step !== undefined) {
      const isPause = step > Math.max(LEAST_PAUSE_MS, 3 * usualStep(steps, index - 1));
      if (isPause) rows.push({ at: before.at + 1, ready: null, inFlight: null });
      if (isPause || ready === null || before.ready === null) tell(before.at, at);
    }
    rows.push({ at, ready, inFlight });
  });
  const last = samples.at(-1);
  if (last !== undefined && to - last.at > LEAST_PAUSE_MS) tell(last.at, to);
  return { rows, unsampled };
}

/** The upper median of the steps around it. */
function usualStep(steps: readonly number[], index: number): number {
  const around = [
    ...steps.slice(Math.max(0, index - NEIGHBOURS), index),
    ...steps.slice(index + 1, index + 1 + NEIGHBOURS),
  ].sort((a, b) => a - b);
  return around[Math.floor(around.length / 2)] ?? Number.POSITIVE_INFINITY;
}
