import { z } from 'zod';
import { workerSummary } from './worker.ts';
import { queueSummary } from './queue.ts';

export const connectionStatus = z.object({
  state: z.enum(['connecting', 'connected', 'reconnecting', 'failed', 'closed']),
  since: z.number(),
  reason: z.string().nullable(),
  attempt: z.number().int(),
  nextAttemptAt: z.number().nullable(),
});
export type ConnectionStatus = z.infer<typeof connectionStatus>;

export const gapCause = z.enum([
  'stopped',
  'disconnected',
  'dropped',
  'worker-silent',
  'buffer-overrun',
]);
export type GapCause = z.infer<typeof gapCause>;

/** A stretch in which events may have been missed. `endedAt` null: it lasts. */
export const gap = z.object({
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  cause: gapCause,
  detail: z.string(),
  lostCount: z
    .number()
    .nullable()
    .describe('At least so many events were lost; null when it cannot be known'),
});
export type Gap = z.infer<typeof gap>;

export const ingestStatus = z.object({
  eventsPerSecond: z.number(),
  eventsTotal: z.number(),
  lagMs: z.number().nullable().describe('Age of the newest stored event when it was stored'),
  bufferedBytes: z.number(),
  droppedCount: z.number().describe('Events known to be lost: there may have been more in gaps'),
  gapCounts: z
    .record(gapCause, z.number())
    .describe('Stretches in which events were or may have been missed, by cause'),
  malformedCount: z.number(),
  lastMalformed: z.string().nullable(),
  lastMalformedAt: z.number().nullable(),
});
export type IngestStatus = z.infer<typeof ingestStatus>;

export const clusterStatus = z.object({
  name: z.string(),
  brokerKind: z.enum(['redis', 'amqp', 'memory']),
  brokerUrl: z.string().describe('Without credentials'),
  backendUrl: z.string().nullable(),
  demo: z.boolean(),
  broker: connectionStatus,
  backend: connectionStatus.nullable().describe('Null when no result backend is configured'),
  ingest: ingestStatus,
  tasksStored: z.number(),
  storeBytes: z.number(),
  storeProblem: z
    .object({
      reason: z.string(),
      since: z.number(),
      lostCount: z.number().describe('Events given up since, because memory is bounded'),
    })
    .nullable()
    .describe('Why nothing can be stored, and since when; null while history is written'),
  brokerNotice: z
    .string()
    .nullable()
    .describe(
      'What of the broker is not read, and what to do; null: nothing is known to be missing',
    ),
  celeryVersions: z.array(z.string()),
  firstEventAt: z.number().nullable(),
  version: z.number().describe('Grows with every store commit'),
  at: z.number(),
});
export type ClusterStatus = z.infer<typeof clusterStatus>;

/** Something is wrong: what, how bad, since when, and the one link or action that helps. */
export const attention = z.object({
  key: z.string(),
  severity: z.enum(['critical', 'warning', 'unknown']),
  title: z.string(),
  detail: z.string(),
  since: z.number().nullable(),
  until: z.number().optional().describe('Its end; absent while it lasts'),
  link: z.object({
    label: z.string(),
    path: z.string().describe('Relative to the cluster, e.g. queues/emails'),
  }),
  action: z
    .object({ label: z.string(), command: z.enum(['enable_events']), workers: z.array(z.string()) })
    .nullable(),
});
export type Attention = z.infer<typeof attention>;

export const metricBucket = z.object({
  at: z.number().describe('Start of the bucket'),
  success: z.number(),
  failure: z.number(),
  retry: z.number(),
  revoked: z.number(),
  rejected: z.number(),
  waitP50Ms: z.number().nullable(),
  waitP95Ms: z.number().nullable(),
  waitP99Ms: z.number().nullable(),
  runtimeP50Ms: z.number().nullable(),
  runtimeP95Ms: z.number().nullable(),
  runtimeP99Ms: z.number().nullable(),
  observed: z.boolean().describe('False where a gap covers it: drawn hatched'),
  unfinished: z.boolean(),
});
export type MetricBucket = z.infer<typeof metricBucket>;

export const metricSeries = z.object({
  from: z.number(),
  to: z.number(),
  bucketMs: z.number(),
  buckets: z.array(metricBucket),
  gaps: z.array(gap),
  totals: z.object({
    executed: z.number().describe('Tasks that ran to their end: succeeded or failed'),
    success: z.number(),
    failure: z.number(),
    retry: z.number(),
    revoked: z.number(),
    rejected: z.number(),
    executedPerSecond: z
      .number()
      .nullable()
      .describe('Over the part of the range in which something was seen'),
    failedShare: z.number().nullable().describe('0..1; null when nothing ended'),
    waitP50Ms: z.number().nullable(),
    waitP95Ms: z.number().nullable(),
    runtimeP50Ms: z.number().nullable(),
    runtimeP95Ms: z.number().nullable(),
  }),
});
export type MetricSeries = z.infer<typeof metricSeries>;

export const overview = z.object({
  status: clusterStatus,
  attention: z.array(attention),
  series: metricSeries,
  backlog: z
    .number()
    .nullable()
    .describe('Ready messages over all queues; null when one could not be read'),
  backlogSeries: z.array(z.object({ at: z.number(), ready: z.number().nullable() })),
  busySlots: z.number().nullable(),
  totalSlots: z.number().nullable(),
  busySeries: z.array(z.object({ at: z.number(), busy: z.number().nullable() })),
  workers: z.array(workerSummary).describe('At most 50, those that need attention first'),
  workerCounts: z.object({ online: z.number(), late: z.number(), offline: z.number() }),
  queues: z.array(queueSummary).describe('At most 50, the fullest first'),
  queueCount: z.number(),
});
export type Overview = z.infer<typeof overview>;
