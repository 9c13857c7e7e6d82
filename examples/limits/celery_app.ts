// How long tasks may run, how often, and when they are acknowledged. Its worker runs each task in a process: `--pool=processes`.
import { Celery, SoftTimeLimitExceeded } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('limits', {
  broker,
  backend: process.env['BACKEND'] ?? broker,
  task_time_limit: 60,
  workerPrefetchMultiplier: 1,
});

/** Sees its soft limit in time to put things in order. */
export const patient = app.task(
  'limits.patient',
  async (context, ms: number) => {
    try {
      await context.sleep(ms);
      return 'nobody stopped it';
    } catch (error) {
      if (error instanceof SoftTimeLimitExceeded) return 'cleaned up in time';
      throw error;
    }
  },
  { bind: true, softTimeLimitMs: 100 },
);

/** Nothing can be told to it: its process is ended. */
export const busy = app.task(
  'limits.busy',
  (): number => {
    for (;;);
  },
  { timeLimitMs: 200 },
);

export const seldom = app.task('limits.seldom', () => 'my turn', { rateLimit: '1/h' });

/** Delivered again if its process dies, until it has succeeded. */
export const stubborn = app.task(
  'limits.stubborn',
  (context) => {
    if (context.request.deliveryInfo.redelivered !== true) process.exit(1);
    return 'done in the second run';
  },
  { bind: true, acksLate: true, rejectOnWorkerLost: true },
);
