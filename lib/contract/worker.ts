import { z } from 'zod';

export const workerState = z.enum(['online', 'late', 'offline']);
export type WorkerState = z.infer<typeof workerState>;

/** One part of an inspection with its own age: `readAt` null means that it was never answered, `reason` says why. */
export function section<T extends z.ZodType>(value: T) {
  return z.object({
    value: value.nullable(),
    readAt: z.number().nullable(),
    reason: z.string().nullable(),
  });
}
export type Section<T> = { value: T | null; readAt: number | null; reason: string | null };

export const workerTask = z.object({
  id: z.string(),
  type: z.string().nullable(),
  args: z.string().nullable(),
  kwargs: z.string().nullable(),
  startedAt: z.number().nullable(),
  etaAt: z.number().nullable(),
  queue: z.string().nullable(),
  priority: z.number().nullable(),
  acknowledged: z.boolean().nullable(),
  pid: z.number().nullable(),
});
export type WorkerTask = z.infer<typeof workerTask>;

export const workerQueue = z.object({
  name: z.string(),
  exchange: z.string().nullable(),
  exchangeType: z.string().nullable(),
  routingKey: z.string().nullable(),
  durable: z.boolean().nullable(),
});
export type WorkerQueue = z.infer<typeof workerQueue>;

export const registeredTask = z.object({
  name: z.string(),
  rateLimit: z.string().nullable(),
  info: z.string().nullable(),
});
export type RegisteredTask = z.infer<typeof registeredTask>;

export const workerSummary = z.object({
  hostname: z.string(),
  state: workerState,
  stateReason: z.string().nullable().describe('Why late or offline, in words'),
  lastSeenAt: z.number().nullable(),
  firstSeenAt: z.number(),
  heartbeatMs: z.number().nullable(),
  active: z
    .number()
    .nullable()
    .describe('Tasks running now: from inspect where fresh, else the heartbeat'),
  concurrency: z.number().nullable(),
  processed: z.number().nullable().describe('Tasks accepted since the worker process started'),
  prefetched: z.number().nullable(),
  pool: z.string().nullable().describe('prefork, threads, solo, eventlet, gevent …'),
  queues: z.array(z.string()).nullable(),
  loadAverage: z.array(z.number()).nullable(),
  memoryBytes: z
    .number()
    .nullable()
    .describe('Peak resident memory (rusage.maxrss) of the main process'),
  uptimeMs: z.number().nullable(),
  pid: z.number().nullable(),
  software: z.string().nullable().describe('e.g. py-celery 5.7.0'),
  eventsEnabled: z
    .boolean()
    .nullable()
    .describe('Whether it sends task events; null when not known'),
  duplicateHostname: z.boolean().describe('Two live processes announce this hostname'),
  clockSkewMs: z.number().nullable(),
  executedPerSecond: z.number().nullable(),
  failedPerSecond: z.number().nullable(),
});
export type WorkerSummary = z.infer<typeof workerSummary>;

export const workerDetail = workerSummary.extend({
  running: section(z.array(workerTask)),
  reserved: section(z.array(workerTask)),
  scheduled: section(z.array(workerTask)),
  revoked: section(z.array(z.string())),
  registered: section(z.array(registeredTask)),
  activeQueues: section(z.array(workerQueue)),
  stats: section(z.record(z.string(), z.unknown())).describe(
    "Celery's stats reply, secrets masked",
  ),
  conf: section(z.record(z.string(), z.unknown())),
  supports: z
    .record(z.string(), z.object({ ok: z.boolean(), reason: z.string().nullable() }))
    .describe(
      'Commands by name (terminate, pool_grow, autoscale, pool_restart …) and why one would not work',
    ),
});
export type WorkerDetail = z.infer<typeof workerDetail>;
