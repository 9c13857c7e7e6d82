// Publishes again when the broker was away, as task_publish_retry_policy says. Mirrors kombu's ensure: each retry tries to connect anew.
import { setTimeout as wait } from 'node:timers/promises';
import { isPassing } from '../core/passing-trouble.ts';

/** In Celery's words and units: seconds. */
export type PublishRetryPolicy = Readonly<{
  /** Null: for ever. Default 3. */
  max_retries?: number | null;
  /** Before the first retry. Default 0. */
  interval_start?: number;
  /** How much longer each pause is than the one before. Default 0.2. */
  interval_step?: number;
  /** The longest pause. Default 1. */
  interval_max?: number;
}>;

export type PublishRetryOptions = {
  retry: boolean;
  policy: PublishRetryPolicy;
  /** Goes on for so long whatever the policy says: what a worker has to send, nobody else will. */
  patienceMs: number;
  connect: () => Promise<unknown>;
};

/** Of workers and beats: as long as Celery's attempts to publish a callback take when each of them waits for a connection. */
export const PATIENCE_MS = 16_000;

const LEAST_PAUSE_MS = 20;

/** After `publish` has failed with `cause`. Throws what it failed with last. */
export async function publishAgain(
  cause: unknown,
  publish: () => Promise<void>,
  { retry, policy, patienceMs, connect }: PublishRetryOptions,
): Promise<void> {
  const { max_retries: most = 3 } = policy;
  const until = Date.now() + patienceMs;
  let error = cause;
  for (let retries = 0; retry && isPassing(error); retries += 1) {
    if (most !== null && retries >= most && Date.now() >= until) break;
    const pauseMs = pauseBefore(retries, policy);
    await wait(patienceMs > 0 ? Math.max(LEAST_PAUSE_MS, pauseMs) : pauseMs);
    await connect().catch(() => undefined);
    try {
      await publish();
      return;
    } catch (next) {
      error = next;
    }
  }
  throw error;
}

function pauseBefore(retries: number, policy: PublishRetryPolicy): number {
  const { interval_start: start = 0, interval_step: step = 0.2, interval_max: most = 1 } = policy;
  return Math.min(start + step * retries, most) * 1000;
}
