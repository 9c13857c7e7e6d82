// Keeps the history within its limits however fast it grows: many small removals a round, with events let in between them.
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { StoreWriter } from '../store/store.ts';

/** Of every second. What is not removed in it is removed in the next. */
const BUDGET_MS = 400;

export async function retain(
  writer: Pick<StoreWriter, 'retentionStep'>,
  now: number,
): Promise<void> {
  const until = performance.now() + BUDGET_MS;
  while (writer.retentionStep(now) > 0 && performance.now() < until) await letOthersRun();
}
