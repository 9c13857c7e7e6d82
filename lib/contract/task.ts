import { z } from 'zod';

/** The states that Umbel stores and shows; each is also a filter word. Celery's own names: see `CELERY_STATE`. */
export const TASK_STATES = [
  'queued',
  'scheduled',
  'received',
  'started',
  'success',
  'retry',
  'failure',
  'revoked',
  'rejected',
  'lost',
  'unseen',
] as const;

export const taskState = z.enum(TASK_STATES);
export type TaskState = z.infer<typeof taskState>;

/** States in which nothing more is expected to happen. */
export const FINAL_STATES: ReadonlySet<TaskState> = new Set([
  'success',
  'failure',
  'revoked',
  'rejected',
  'lost',
  'unseen',
]);

/**
 * Ends that nobody announced and that any later fact corrects: `lost`, nobody holds it though it did not end; `unseen`, it
 * ended and how is not known.
 */
export const PRESUMED_STATES: ReadonlySet<TaskState> = new Set(['lost', 'unseen']);

/** Celery's name for each state; `lost` and `unseen` have none. */
export const CELERY_STATE: Readonly<Record<TaskState, string | null>> = {
  queued: 'PENDING',
  scheduled: 'RECEIVED',
  received: 'RECEIVED',
  started: 'STARTED',
  success: 'SUCCESS',
  retry: 'RETRY',
  failure: 'FAILURE',
  revoked: 'REVOKED',
  rejected: 'REJECTED',
  lost: null,
  unseen: null,
};

/** Where a fact was learnt. */
export const FACT_SOURCES = ['event', 'message', 'inspect', 'result', 'none'] as const;
export const factSource = z.enum(FACT_SOURCES);
export type FactSource = z.infer<typeof factSource>;

const at = z.number().nullable().describe('Epoch milliseconds, null when not known');
const durationMs = z.number().nullable().describe('Milliseconds, null when not known');

export const taskSummary = z.object({
  id: z.string(),
  type: z
    .string()
    .nullable()
    .describe('The registered task name; null until an event or message names it'),
  state: taskState,
  customState: z
    .string()
    .nullable()
    .describe('A state of the application, e.g. PROGRESS, while `state` is started'),
  revoking: z.boolean().describe('A revoke was sent and the task has not ended yet'),
  worker: z.string().nullable(),
  queue: z.string().nullable(),
  priority: z.number().nullable(),
  sentAt: at,
  receivedAt: at,
  startedAt: at,
  finishedAt: at,
  etaAt: at,
  expiresAt: at,
  updatedAt: z.number().describe('Epoch milliseconds of the last fact'),
  waitMs: durationMs,
  runtimeMs: durationMs,
  retries: z.number().int(),
  args: z
    .string()
    .nullable()
    .describe('Python text, possibly cut: a preview of at most 256 characters'),
  kwargs: z.string().nullable(),
  result: z.string().nullable(),
  exception: z.string().nullable(),
  rootId: z.string().nullable(),
  parentId: z.string().nullable(),
});
export type TaskSummary = z.infer<typeof taskSummary>;

/** One observed fact in the life of a task, oldest first. */
export const timelineEntry = z.object({
  at: z.number(),
  type: z
    .string()
    .describe(
      "Celery's event type, or umbel's own: seen-queued, seen-in-flight, revoke-sent, lost, found",
    ),
  hostname: z.string().nullable(),
  clock: z.number().nullable(),
  pid: z.number().nullable(),
  source: factSource,
  fields: z.record(z.string(), z.unknown()).describe('What else the event carried'),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const taskText = z.object({
  text: z.string().nullable(),
  /** exact: the value itself, as Python text. shortened: cut by the worker. unknown: nobody told. */
  fidelity: z.enum(['exact', 'shortened', 'text', 'redacted', 'unknown']),
  source: factSource,
  sizeBytes: z.number().nullable(),
});
export type TaskText = z.infer<typeof taskText>;

export const taskDetail = taskSummary.extend({
  argsText: taskText,
  kwargsText: taskText,
  resultText: taskText,
  traceback: z.string().nullable(),
  timeline: z.array(timelineEntry),
  timelineDropped: z.number().int().describe('Entries that did not fit'),
  routingKey: z.string().nullable(),
  exchange: z.string().nullable(),
  sentBy: z.string().nullable().describe('gen<pid>@host of the publisher'),
  workerPid: z.number().nullable(),
  groupId: z.string().nullable(),
  childIds: z.array(z.string()),
  childCount: z.number().int(),
  retryOfId: z
    .string()
    .nullable()
    .describe('The task that this one repeats, when it was sent by Retry'),
  retriedAsIds: z.array(z.string()),
  progress: z.unknown().describe('The meta of a custom state, from the result backend'),
  resultMeta: z
    .object({ status: z.string(), readAt: z.number(), extended: z.boolean() })
    .nullable()
    .describe('What the result backend says, when it was asked and knows the task'),
  notes: z.array(z.string()).describe('What is not known and why, in sentences'),
});
export type TaskDetail = z.infer<typeof taskDetail>;
