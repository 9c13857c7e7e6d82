// Sends a task by its name, as a client of the application would, and asks abortable tasks to stop.
import { randomUUID } from 'node:crypto';
import { stringifyFilter } from '../../lib/filter/stringify.ts';
import { emptyResultMeta } from '../celery/result-meta.ts';
import { AppError } from '../core/errors.ts';
import { audited } from './audit.ts';
import type { Actor, SentTask } from './control.ts';
import type { ControlDeps } from './deps.ts';
import { publishNew } from './publish-new.ts';
import { readSendOptions } from './send-options.ts';

const DEFAULT_QUEUE = 'celery';

/** `body` is JSON as Flower takes it: args, kwargs, and the options of `apply_async`. */
export async function sendTask(
  deps: ControlDeps,
  actor: Actor,
  type: string,
  body: string,
): Promise<SentTask> {
  const options = readSendOptions(body);
  const queue = options.queue ?? options.routing_key ?? (await usualQueue(deps, type));
  const exchange = options.exchange ?? '';
  const now = deps.clock.now();
  const { countdown, eta, expires } = options;
  const priority = options.priority ?? null;
  return audited(
    deps,
    { actor, action: 'send task', target: type, parameters: { queue, exchange, priority } },
    async () => {
      const id = options.task_id ?? randomUUID();
      const task = {
        ...{ id, name: type, args: options.args, kwargs: options.kwargs },
        ...{ customHeaders: options.headers, priority, queue, exchange },
        routingKey: exchange === '' ? queue : (options.routing_key ?? queue),
        etaAt: eta ?? (countdown == null ? null : now + countdown * 1000),
        // As a number it is seconds from now, as Celery has it; moments were read as epoch milliseconds.
        expiresAt: expires == null ? null : expires > 1e10 ? expires : now + expires * 1000,
        timeLimit: toLimit(options.time_limit, options.soft_time_limit),
        shadow: options.shadow ?? null,
        ignoreResult: options.ignore_result ?? null,
      };
      return { id, notes: await publishNew(deps, task, options.serializer ?? 'json') };
    },
    ({ id }) => ({ outcome: 'ok', detail: `sent as ${id}` }),
  );
}

function toLimit(
  hard: number | null | undefined,
  soft: number | null | undefined,
): [number | null, number | null] | null {
  return hard == null && soft == null ? null : [hard ?? null, soft ?? null];
}

/** The application's own routes are not known here: where the type was seen last is the best guess at them. */
async function usualQueue(deps: ControlDeps, type: string): Promise<string> {
  const q = stringifyFilter({
    type: 'match',
    field: 'name',
    patterns: [{ text: type, wildcard: false }],
  });
  const page = await deps.reader.listTasks({
    ...{ q, range: 'all', sort: '-updated', limit: 20, now: deps.clock.now() },
  });
  return page.items.find((task) => task.queue !== null)?.queue ?? DEFAULT_QUEUE;
}

/** Tasks of AbortableTask look for the state ABORTED in the result backend; others do not notice. */
export function abortTask(deps: ControlDeps, actor: Actor, id: string): Promise<void> {
  return audited(
    deps,
    { actor, action: 'abort', target: id, parameters: {} },
    async () => {
      if (deps.backend === null) {
        const why = 'No result backend is configured: start Umbel with --backend.';
        throw new AppError('backend_unreachable', why);
      }
      await deps.backend.store(emptyResultMeta({ taskId: id, status: 'ABORTED' }));
    },
    () => ({ outcome: 'ok', detail: 'stored as ABORTED' }),
  );
}
