import { z } from 'zod';

const hostname = z.string().min(1).max(255);
const name = z.string().min(1).max(255);

/** What one worker said to a command. */
export const workerAck = z.object({
  hostname: z.string(),
  outcome: z
    .enum(['ok', 'error', 'timeout', 'offline'])
    .describe('offline: it went offline, as asked'),
  text: z.string().nullable().describe("The worker's own words"),
});
export type WorkerAck = z.infer<typeof workerAck>;

export const SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGHUP'] as const;

export const revokeRequest = z.object({
  ids: z.array(z.string().min(1).max(512)).min(1).max(1000),
  terminate: z.boolean().default(false),
  signal: z.enum(SIGNALS).default('SIGTERM'),
});
export type RevokeRequest = z.infer<typeof revokeRequest>;

export const commandOutcome = z.object({
  acks: z.array(workerAck),
  warnings: z
    .array(z.string())
    .describe('e.g. which pools cannot terminate; that revokes live in memory'),
});
export type CommandOutcome = z.infer<typeof commandOutcome>;

/** One command to one worker; the server validates every field before anything is broadcast. */
export const workerCommand = z.discriminatedUnion('command', [
  z.object({ command: z.literal('shutdown') }),
  z.object({ command: z.literal('pool_grow'), n: z.number().int().min(1).max(1000) }),
  z.object({ command: z.literal('pool_shrink'), n: z.number().int().min(1).max(1000) }),
  z.object({ command: z.literal('pool_restart') }),
  z.object({
    command: z.literal('autoscale'),
    min: z.number().int().min(0).max(10000),
    max: z.number().int().min(1).max(10000),
  }),
  z.object({ command: z.literal('add_consumer'), queue: name }),
  z.object({ command: z.literal('cancel_consumer'), queue: name }),
  z.object({
    command: z.literal('rate_limit'),
    type: name,
    rateLimit: z
      .string()
      .regex(
        /^(0|\d+(\.\d+)?(\/[smh])?)$/,
        'a number, or like 10/s, 100/m, 5/h; 0 removes the limit',
      ),
  }),
  z.object({
    command: z.literal('time_limit'),
    type: name,
    softMs: z.number().positive().nullable(),
    hardMs: z.number().positive().nullable(),
  }),
  z.object({ command: z.literal('enable_events') }),
  z.object({ command: z.literal('disable_events') }),
]);
export type WorkerCommand = z.infer<typeof workerCommand>;

export const workerCommandRequest = z.object({
  workers: z.array(hostname).min(1).max(1000),
  command: workerCommand,
});
export type WorkerCommandRequest = z.infer<typeof workerCommandRequest>;

/** One part of a task that is about to be sent again, and where it came from. */
export const retryPart = z.object({
  /** Python literal text (args, kwargs), plain text (queue), a number, or JSON text (headers, links). Null: not known. */
  text: z.string().nullable(),
  source: z.enum([
    'waiting message',
    'in-flight message',
    'extended result',
    'inspect',
    'event',
    'unknown',
  ]),
  /** cut: shortened by the worker, so the field starts empty. opaque: a pickle. */
  condition: z.enum(['exact', 'parsed', 'cut', 'redacted', 'opaque', 'unknown', 'none']),
  hint: z
    .string()
    .nullable()
    .describe('For what is not exact: the text that is known, or what to configure'),
});
export type RetryPart = z.infer<typeof retryPart>;

export const retryForm = z.object({
  id: z.string(),
  type: retryPart,
  args: retryPart,
  kwargs: retryPart,
  queue: retryPart,
  exchange: retryPart,
  routingKey: retryPart,
  priority: retryPart,
  headers: retryPart,
  links: retryPart.describe('callbacks and errbacks as JSON signatures'),
  chain: retryPart.describe('The remaining steps; offered as a choice'),
  timeLimit: retryPart,
  serializer: z.string().nullable(),
  chord: z.object({ member: z.boolean(), note: z.string().nullable() }),
  queues: z.array(z.string()).describe('Known queues to choose from'),
  notes: z.array(z.string()),
});
export type RetryForm = z.infer<typeof retryForm>;

export const retryRequest = z.object({
  type: name,
  args: z.string().max(4_000_000).describe('Python literal of a list or tuple'),
  kwargs: z.string().max(4_000_000).describe('Python literal of a dict'),
  queue: name,
  exchange: z.string().max(255).nullable().default(null),
  routingKey: z.string().max(255).nullable().default(null),
  priority: z
    .number()
    .int()
    .min(0)
    .max(255)
    .nullish()
    .describe('Left out: as the original, where that is known. Null: none'),
  headers: z
    .string()
    .max(1_000_000)
    .nullish()
    .describe(
      'JSON object of custom headers. Left out: as the original, where that is known. Null: none',
    ),
  includeLinks: z.boolean().default(true),
  includeChain: z.boolean().default(false),
  /** Kept only so that the server can say that the person knew: the fields that were unknown and are now filled. */
  filled: z.array(z.string()).default([]),
});
export type RetryRequest = z.infer<typeof retryRequest>;

export const retryOutcome = z.object({
  id: z.string().describe('The new task'),
  originalId: z.string(),
  queue: z.string(),
  notes: z.array(z.string()),
});
export type RetryOutcome = z.infer<typeof retryOutcome>;

export const auditEntry = z.object({
  at: z.number(),
  actor: z.string(),
  cluster: z.string(),
  action: z.string(),
  target: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  outcome: z.enum(['ok', 'partial', 'failed', 'refused']),
  detail: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
