// Queues: the list, one queue over time, and a look at its messages.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { queueDetail, queueList, queuePeek } from '../../../lib/contract/index.ts';
import { AppError } from '../../core/errors.ts';
import { requireCluster, type WebContext } from '../context.ts';
import { loadQueue, loadQueues } from '../queue-list.ts';
import { clusterParams, problems, queueParams, rangeQuery, withZod } from './shared.ts';

const messagesQuery = z.object({
  from: z.enum(['next', 'newest']).default('next'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export function queueRoutes(fastify: FastifyInstance, context: WebContext): void {
  const app = withZod(fastify);
  const { clock } = context;
  const tags = ['queues'];

  app.get(
    '/clusters/:cluster/queues',
    {
      schema: {
        tags,
        summary: 'All known queues with their depths',
        params: clusterParams,
        response: { 200: queueList, ...problems },
      },
    },
    (request) => loadQueues(requireCluster(context, request.params.cluster), clock.now()),
  );

  app.get(
    '/clusters/:cluster/queues/:name',
    {
      schema: {
        tags,
        summary: 'One queue with its samples over a range',
        params: queueParams,
        querystring: rangeQuery,
        response: { 200: queueDetail, ...problems },
      },
    },
    async (request) => {
      const { cluster, name } = request.params;
      const { range } = request.query;
      const queue = await loadQueue(requireCluster(context, cluster), name, range, clock.now());
      if (queue === null) throw new AppError('not_found', `No queue ${name} is known here.`);
      return queue;
    },
  );

  app.get(
    '/clusters/:cluster/queues/:name/messages',
    {
      schema: {
        tags,
        summary: 'The messages that wait at one end of a queue, read without taking them',
        params: queueParams,
        querystring: messagesQuery,
        response: { 200: queuePeek, ...problems },
      },
    },
    (request) => {
      const { cluster, name } = request.params;
      return requireCluster(context, cluster).control.peekQueue(name, request.query);
    },
  );
}
