// Waits for a result without holding anything but a timer: at most half a minute, and not longer than the asker listens.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultReading } from '../../control/control.ts';
import { AppError } from '../../core/errors.ts';
import type { WebCluster } from '../deps.ts';

/** However long the asker is willing to wait. */
export const MAX_WAIT_MS = 30_000;
const MAX_WAITS = 200;
const READY: ReadonlySet<string> = new Set([
  'SUCCESS',
  'FAILURE',
  'REVOKED',
  'REJECTED',
  'IGNORED',
]);

let waits = 0;

export async function waitForResult(
  cluster: WebCluster,
  id: string,
  timeoutMs: number,
  signal: AbortSignal,
  { maxWaitMs = MAX_WAIT_MS }: { maxWaitMs?: number } = {},
): Promise<Record<string, unknown>> {
  const deadline = performance.now() + Math.min(timeoutMs, maxWaitMs);
  let pauseMs = 100;
  for (;;) {
    const reading = await cluster.control.readResult(id);
    const leftMs = deadline - performance.now();
    if (isReady(reading) || leftMs <= 0 || signal.aborted) return toAnswer(cluster, id, reading);
    await pause(Math.min(pauseMs, leftMs), signal);
    pauseMs = Math.min(1000, pauseMs * 2);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (waits >= MAX_WAITS) throw new AppError('conflict', 'Too many others wait for results');
  waits += 1;
  await sleep(ms, undefined, { signal })
    .catch(() => undefined)
    .finally(() => (waits -= 1));
}

function isReady(reading: ResultReading): boolean {
  return reading.type === 'found' && READY.has(reading.status);
}

async function toAnswer(
  { reader }: WebCluster,
  id: string,
  reading: ResultReading,
): Promise<Record<string, unknown>> {
  if (reading.type === 'unavailable') throw new AppError('backend_unreachable', reading.reason);
  if (reading.type === 'absent') return { 'task-id': id, state: 'PENDING' };
  const { status: state, resultText, value, traceback } = reading;
  if (!READY.has(state)) return { 'task-id': id, state };
  if (state === 'SUCCESS') return { 'task-id': id, state, result: value };
  const [record] = await reader.getTaskRecords([id]);
  const result = record?.exception ?? resultText ?? value;
  return { 'task-id': id, state, result, ...(state === 'FAILURE' ? { traceback } : {}) };
}
