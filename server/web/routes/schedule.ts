// The beat schedule.
import type { FastifyInstance } from 'fastify';
import { scheduleList } from '../../../lib/contract/index.ts';
import { requireCluster, type WebContext } from '../context.ts';
import { clusterParams, problems, withZod } from './shared.ts';

export function scheduleRoutes(fastify: FastifyInstance, context: WebContext): void {
  withZod(fastify).get(
    '/clusters/:cluster/schedule',
    {
      schema: {
        tags: ['schedule'],
        summary: 'What beat sends and when, as the app or workers tell it',
        params: clusterParams,
        response: { 200: scheduleList, ...problems },
      },
    },
    (request) => requireCluster(context, request.params.cluster).control.schedule(),
  );
}
