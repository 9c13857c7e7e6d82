import { z } from 'zod';

const count = z.number().nullable().describe('Null when it could not be read; see `reason`');

export const queueSummary = z.object({
  name: z.string(),
  ready: count.describe('Messages waiting, over all priorities'),
  readyByPriority: z
    .array(z.object({ priority: z.number(), ready: z.number() }))
    .nullable()
    .describe('Null where the broker does not know'),
  inFlight: count.describe(
    'Delivered and not acknowledged: running, prefetched, or waiting for their eta',
  ),
  consumers: count,
  consumerNames: z.array(z.string()).describe('Workers that consume it, by inspect'),
  oldestAgeMs: z.number().nullable().describe('Age of the message that is next, where it tells'),
  inPerSecond: z.number().nullable(),
  outPerSecond: z.number().nullable(),
  emptyInMs: z.number().nullable().describe('At the present rates; null when growing or unknown'),
  sampledAt: z.number().nullable(),
  reason: z.string().nullable().describe('Why figures are unknown'),
  kind: z.enum(['task', 'unknown']).describe('Whether it is known to carry tasks'),
  durable: z.boolean().nullable(),
  queueType: z.string().nullable().describe('classic, quorum, list'),
  discoveredFrom: z.array(z.enum(['binding', 'worker', 'broker', 'event', 'config'])),
});
export type QueueSummary = z.infer<typeof queueSummary>;

export const queueSample = z.object({
  at: z.number(),
  ready: count,
  inFlight: count,
  consumers: count,
});
export type QueueSample = z.infer<typeof queueSample>;

export const queueDetail = queueSummary.extend({
  samples: z.array(queueSample),
  bindings: z.array(z.object({ exchange: z.string(), routingKey: z.string() })),
  arguments: z.record(z.string(), z.unknown()),
});
export type QueueDetail = z.infer<typeof queueDetail>;

/** One message as it waits in the broker. */
export const queueMessage = z.object({
  id: z.string().nullable(),
  type: z.string().nullable(),
  args: z.string().nullable(),
  kwargs: z.string().nullable(),
  priority: z.number().nullable(),
  etaAt: z.number().nullable(),
  expiresAt: z.number().nullable(),
  retries: z.number().nullable(),
  sizeBytes: z.number(),
  contentType: z.string().nullable(),
  issue: z.string().nullable().describe('Why it could not be read'),
});
export type QueueMessage = z.infer<typeof queueMessage>;

export const queuePeek = z.object({
  supported: z.boolean(),
  reason: z.string().nullable(),
  from: z.enum(['next', 'newest']),
  messages: z.array(queueMessage),
  truncated: z.boolean(),
});
export type QueuePeek = z.infer<typeof queuePeek>;
