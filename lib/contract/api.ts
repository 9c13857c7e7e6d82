import { z } from 'zod';
import { auditEntry } from './control.ts';
import { clusterStatus } from './overview.ts';
import { queueSummary } from './queue.ts';
import { taskState, taskSummary } from './task.ts';
import { workerSummary } from './worker.ts';

// Paths, all under <base>/api/v1:
//   GET  /session                                     who am I, what may I do
//   GET  /clusters                                    ClusterStatus[]
//   GET  /clusters/:cluster                           ClusterStatus
//   GET  /clusters/:cluster/overview?range=           Overview
//   GET  /clusters/:cluster/metrics?range=&by=&key=   MetricSeries (by: all | type | worker | queue)
//   GET  /clusters/:cluster/tasks?q=&sort=&limit=&cursor=&range=   TaskPage
//   GET  /clusters/:cluster/tasks/facets?q=&range=    TaskFacets
//   GET  /clusters/:cluster/tasks/news?q=&range=&since=  TaskNews
//   GET  /clusters/:cluster/tasks/suggest?field=&prefix= Suggestions
//   GET  /clusters/:cluster/tasks/:id                 TaskDetail
//   GET  /clusters/:cluster/tasks/:id/retry           RetryForm
//   POST /clusters/:cluster/tasks/:id/retry           RetryRequest -> RetryOutcome
//   POST /clusters/:cluster/tasks/revoke              RevokeRequest -> CommandOutcome
//   GET  /clusters/:cluster/workers                   WorkerList
//   GET  /clusters/:cluster/workers/:hostname         WorkerDetail
//   POST /clusters/:cluster/workers/command           WorkerCommandRequest -> CommandOutcome
//   POST /clusters/:cluster/workers/:hostname/inspect -> WorkerDetail (asks the worker now)
//   POST /clusters/:cluster/workers/:hostname/forget  -> {}
//   GET  /clusters/:cluster/queues                    QueueList
//   GET  /clusters/:cluster/queues/:name?range=       QueueDetail
//   GET  /clusters/:cluster/queues/:name/messages?from=next|newest&limit=  QueuePeek
//   GET  /clusters/:cluster/schedule                  ScheduleList
//   GET  /audit?limit=                                AuditPage
//   GET  /openapi.json

export const RANGES = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
} as const;
export const rangeName = z.enum(['15m', '1h', '6h', '24h', '7d', 'all']);
export type RangeName = z.infer<typeof rangeName>;

export const TASK_SORTS = [
  'updated',
  'received',
  'started',
  'finished',
  'runtime',
  'wait',
  'type',
  'state',
  'worker',
  'retries',
] as const;
/** `-updated` (newest first) is the default; a leading minus means descending. */
export const taskSort = z
  .string()
  .regex(new RegExp(`^-?(${TASK_SORTS.join('|')})$`))
  .default('-updated');

export const taskPageQuery = z.object({
  q: z.string().max(2000).default(''),
  range: rangeName.default('all'),
  sort: taskSort,
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(2000).optional(),
});
export type TaskPageQuery = z.infer<typeof taskPageQuery>;

export const taskPage = z.object({
  items: z.array(taskSummary),
  nextCursor: z.string().nullable(),
  total: z
    .number()
    .nullable()
    .describe('Rows that match; null when counting was given up, then `totalAtLeast` holds'),
  totalAtLeast: z.number(),
  version: z.number(),
  at: z.number(),
  /** Where a search stopped before the end of the history because it took too long: older rows were not looked at. */
  searchedBackTo: z.number().nullable(),
});
export type TaskPage = z.infer<typeof taskPage>;

const facetCount = z.object({ value: z.string(), count: z.number() });
export const taskFacets = z.object({
  states: z.array(z.object({ value: taskState, count: z.number() })),
  types: z.array(facetCount),
  queues: z.array(facetCount),
  workers: z.array(facetCount),
  exact: z.boolean().describe('False: counted over the newest part only'),
  version: z.number(),
});
export type TaskFacets = z.infer<typeof taskFacets>;

export const taskNews = z.object({
  newCount: z.number(),
  changedCount: z.number(),
  version: z.number(),
});
export type TaskNews = z.infer<typeof taskNews>;

export const suggestions = z.object({ values: z.array(z.string()) });
export type Suggestions = z.infer<typeof suggestions>;

export const workerList = z.object({
  items: z.array(workerSummary),
  version: z.number(),
  at: z.number(),
});
export type WorkerList = z.infer<typeof workerList>;

export const queueList = z.object({
  items: z.array(queueSummary),
  /** Whether the broker itself could be asked which queues exist, and why not. */
  discovery: z.object({ complete: z.boolean(), reason: z.string().nullable() }),
  version: z.number(),
  at: z.number(),
});
export type QueueList = z.infer<typeof queueList>;

export const session = z.object({
  user: z.string().nullable(),
  readOnly: z.boolean(),
  version: z.string(),
  defaultCluster: z.string(),
  clusters: z.array(z.string()),
});
export type Session = z.infer<typeof session>;

export const clusterList = z.object({ items: z.array(clusterStatus) });
export const auditPage = z.object({ items: z.array(auditEntry) });
