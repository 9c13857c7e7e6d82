// Sending and aborting tasks by Flower's paths.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../core/errors.ts';
import { defaultCluster, type WebContext } from '../context.ts';
import type { WebCluster } from '../deps.ts';
import { actorOf, mutationLimit } from '../routes/shared.ts';
import { rawBodyOf, restOf } from './arguments.ts';
import { MAX_WAIT_MS, waitForResult } from './wait-for-result.ts';

const limited = { config: mutationLimit };

export function flowerSendRoutes(app: FastifyInstance, context: WebContext): void {
  const cluster = defaultCluster(context);
  const { control } = cluster;
  const send = (request: FastifyRequest, type: string) =>
    control.sendTask(actorOf(request), type, rawBodyOf(request));

  app.post('/api/task/send-task/*', limited, async (request) => {
    const { id } = await send(request, restOf(request));
    return { 'task-id': id, state: 'PENDING' };
  });

  app.post('/api/task/async-apply/*', limited, async (request) => {
    const type = restOf(request);
    await requireKnown(cluster, type);
    const { id } = await send(request, type);
    return { 'task-id': id, state: 'PENDING' };
  });

  app.post('/api/task/apply/*', limited, async (request, reply) => {
    const type = restOf(request);
    await requireKnown(cluster, type);
    const { id } = await send(request, type);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return waitForResult(cluster, id, MAX_WAIT_MS, gone.signal);
  });

  app.post('/api/task/abort/*', limited, async (request) => {
    const id = restOf(request);
    await control.abort(actorOf(request), id);
    return { message: `Aborted '${id}'` };
  });
}

/** Seen, or registered by any worker; Flower knew the names of its own app only. */
async function requireKnown({ reader }: WebCluster, type: string): Promise<void> {
  if ((await reader.taskTypes()).includes(type)) return;
  for (const { hostname } of await reader.workers()) {
    const worker = await reader.worker(hostname);
    if (worker?.registered.value?.some(({ name }) => name === type) === true) return;
  }
  throw new AppError('not_found', `Unknown task '${type}'`);
}
