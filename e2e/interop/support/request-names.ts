// A task's request in Celery's own names, to be held against what Python's worker sees of the same message.
import { encodeSignature, type Signature } from '../../../server/celery/signature.ts';
import { msToIso } from '../../../server/celery/fields.ts';
import type { TaskContext, TaskRequest } from '../../../server/client/task-types.ts';

const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);
const time = (at: number | null) => (at === null ? null : msToIso(at));
const signatures = (list: readonly Signature[]) => list.map(encodeSignature);

const FIELDS: Record<string, (request: TaskRequest) => unknown> = {
  id: ({ id }) => id,
  args: ({ args }) => args,
  kwargs: ({ kwargs }) => kwargs,
  retries: ({ retries }) => retries,
  root_id: ({ rootId }) => rootId,
  parent_id: ({ parentId }) => parentId,
  group: ({ groupId }) => groupId,
  group_index: ({ groupIndex }) => groupIndex,
  hostname: ({ hostname }) => hostname,
  eta: ({ etaAt }) => time(etaAt),
  expires: ({ expiresAt }) => time(expiresAt),
  headers: ({ headers }) => headers,
  delivery_info: ({ deliveryInfo: { exchange, routingKey, priority, redelivered } }) => ({
    ...{ exchange, priority, redelivered },
    routing_key: routingKey,
  }),
  correlation_id: ({ correlationId }) => correlationId,
  reply_to: ({ replyTo }) => replyTo,
  origin: ({ origin }) => origin,
  shadow: ({ shadow }) => shadow,
  ignore_result: ({ ignoreResult }) => ignoreResult,
  time_limit: ({ timeLimitMs }) => seconds(timeLimitMs),
  soft_time_limit: ({ softTimeLimitMs }) => seconds(softTimeLimitMs),
  callbacks: ({ callbacks }) => signatures(callbacks),
  errbacks: ({ errbacks }) => signatures(errbacks),
  chain: ({ chain }) => signatures(chain),
  chord: ({ chord }) => (chord === null ? null : encodeSignature(chord)),
  replaced_task_nesting: ({ replacedTaskNesting }) => replacedTaskNesting,
  stamped_headers: ({ stampedHeaders }) => stampedHeaders,
  stamps: ({ stamps }) => stamps,
  children: ({ children }) => children,
};

/** What Celery's request has and ours says in another place, or never has. */
export const ELSEWHERE = [
  'timelimit', // [time_limit, soft_time_limit]
  'taskset', // the old name of `group`
  'properties', // correlation_id, reply_to and delivery_info once more
  'utc', // times are epoch milliseconds
  'called_directly', // a request is that of a message
  'is_eager',
  'logfile', // the worker's
  'loglevel',
];

export function describeRequest({ request }: TaskContext): Record<string, unknown> {
  const fields = Object.entries(FIELDS).map(([name, read]) => [name, read(request)]);
  return { ...Object.fromEntries(fields), task: request.name };
}
