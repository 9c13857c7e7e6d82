// Workers: the list, one worker, and commands to them.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  commandOutcome,
  workerCommandRequest,
  workerDetail,
  workerList,
} from '../../../lib/contract/index.ts';
import { AppError } from '../../core/errors.ts';
import { requireCluster, type WebContext } from '../context.ts';
import { loadWorkers, needsRates } from '../worker-list.ts';
import {
  actorOf,
  clusterParams,
  mutationLimit,
  problems,
  withZod,
  workerParams,
} from './shared.ts';

export function workerRoutes(fastify: FastifyInstance, context: WebContext): void {
  const app = withZod(fastify);
  const { clock } = context;
  const tags = ['workers'];

  app.get(
    '/clusters/:cluster/workers',
    {
      schema: {
        tags,
        summary: 'All known workers',
        params: clusterParams,
        response: { 200: workerList, ...problems },
      },
    },
    async (request, reply) => {
      const cluster = requireCluster(context, request.params.cluster);
      const at = clock.now();
      const { version } = cluster.collector.status();
      const text = await cluster.reader.workersText();
      if (needsRates(text)) return { items: await loadWorkers(cluster, at), version, at };
      void reply.type('application/json; charset=utf-8');
      // Thousands of rows are passed on as they are stored: text is not serialized again.
      return reply.send(`{"items":${text},"version":${version},"at":${at}}` as never);
    },
  );

  app.get(
    '/clusters/:cluster/workers/:hostname',
    {
      schema: {
        tags,
        summary: 'One worker with all its sections',
        params: workerParams,
        response: { 200: workerDetail, ...problems },
      },
    },
    (request) => requireWorker(context, request.params),
  );

  app.post(
    '/clusters/:cluster/workers/command',
    {
      config: mutationLimit,
      schema: {
        tags,
        summary: 'One command to some workers; answered by each in its own words',
        params: clusterParams,
        body: workerCommandRequest,
        response: { 200: commandOutcome, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).control.command(
        actorOf(request),
        request.body,
      ),
  );

  app.post(
    '/clusters/:cluster/workers/:hostname/inspect',
    {
      config: mutationLimit,
      schema: {
        tags,
        summary: 'Asks the worker now',
        params: workerParams,
        response: { 200: workerDetail, ...problems },
      },
    },
    async (request) => {
      await requireWorker(context, request.params);
      const { cluster, hostname } = request.params;
      await requireCluster(context, cluster).collector.inspectNow([hostname]);
      return requireWorker(context, request.params);
    },
  );

  app.post(
    '/clusters/:cluster/workers/:hostname/forget',
    {
      config: mutationLimit,
      schema: {
        tags,
        summary: 'Removes a worker that is gone from the lists',
        params: workerParams,
        response: { 200: z.object({}), ...problems },
      },
    },
    async (request) => {
      await requireWorker(context, request.params);
      const { cluster, hostname } = request.params;
      await requireCluster(context, cluster).control.forgetWorker(actorOf(request), hostname);
      return {};
    },
  );
}

async function requireWorker(context: WebContext, params: { cluster: string; hostname: string }) {
  const worker = await requireCluster(context, params.cluster).reader.worker(params.hostname);
  if (worker === null) {
    throw new AppError('not_found', `No worker ${params.hostname} is known here.`);
  }
  return worker;
}
