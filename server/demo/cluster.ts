// The shape of the demo cluster: settings, and three workers with queues of their own.
import type { AppConfig } from '../client/config.ts';
import { SCHEDULE } from './schedule.ts';

/** One hour: the demo runs for days, its results need not. */
export const RESULT_EXPIRES_MS = 3_600_000;

export const CONFIG: Partial<AppConfig> = {
  taskDefaultQueue: 'default',
  taskSendSentEvent: true,
  taskTrackStarted: true,
  resultExtended: true,
  beatSchedule: SCHEDULE,
  taskRoutes: {
    'reports.nightly': { queue: 'slow' },
    'reports.export': { queue: 'slow' },
    'reports.*': { queue: 'reports' },
    'media.render.*': { queue: 'cpu' },
    'media.*': { queue: 'media' },
    'shop.legacy.sync': { queue: 'legacy-sync' },
  },
};

export const WORKERS = [
  { hostname: 'umbel@kitchen', queues: ['high_priority', 'default'], concurrency: 2 },
  { hostname: 'umbel@reports', queues: ['reports', 'slow'], concurrency: 2 },
  { hostname: 'umbel@media', queues: ['media', 'cpu'], concurrency: 2 },
] as const;
