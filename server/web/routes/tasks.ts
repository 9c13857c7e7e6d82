// Tasks: the list with its facets and news, one task, and what can be done to it.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  commandOutcome,
  rangeName,
  retryForm,
  retryOutcome,
  retryRequest,
  revokeRequest,
  suggestions,
  taskDetail,
  taskFacets,
  taskNews,
  taskPage,
  taskPageQuery,
} from '../../../lib/contract/index.ts';
import { AppError } from '../../core/errors.ts';
import { requireCluster, type WebContext } from '../context.ts';
import { loadTask } from '../task-detail.ts';
import { actorOf, clusterParams, mutationLimit, problems, taskParams, withZod } from './shared.ts';

const filterQuery = z.object({
  q: z.string().max(2000).default(''),
  range: rangeName.default('all'),
});
const newsQuery = filterQuery.extend({
  since: z.coerce.number().min(0).max(Number.MAX_SAFE_INTEGER).describe('Epoch milliseconds'),
});
const suggestQuery = z.object({
  field: z.string().min(1).max(64),
  prefix: z.string().max(512).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const detailQuery = z.object({
  result: z.enum(['0', '1']).default('0').describe('1: ask the result backend too'),
});
const RETRY_BODY_LIMIT = 12 * 1024 * 1024;

export function taskRoutes(fastify: FastifyInstance, context: WebContext): void {
  const app = withZod(fastify);
  const { clock } = context;
  const tags = ['tasks'];

  app.get(
    '/clusters/:cluster/tasks',
    {
      schema: {
        tags,
        summary: 'Tasks that match a filter, page by page',
        params: clusterParams,
        querystring: taskPageQuery,
        response: { 200: taskPage, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).reader.listTasks({
        ...request.query,
        now: clock.now(),
      }),
  );

  app.get(
    '/clusters/:cluster/tasks/facets',
    {
      schema: {
        tags,
        summary: 'How many of the matching tasks have which state, type, queue, worker',
        params: clusterParams,
        querystring: filterQuery,
        response: { 200: taskFacets, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).reader.taskFacets({
        ...request.query,
        now: clock.now(),
      }),
  );

  app.get(
    '/clusters/:cluster/tasks/news',
    {
      schema: {
        tags,
        summary: 'How many matching tasks are new or changed since a moment',
        params: clusterParams,
        querystring: newsQuery,
        response: { 200: taskNews, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).reader.taskNews({
        ...request.query,
        now: clock.now(),
      }),
  );

  app.get(
    '/clusters/:cluster/tasks/suggest',
    {
      schema: {
        tags,
        summary: 'Known values of a filter field',
        params: clusterParams,
        querystring: suggestQuery,
        response: { 200: suggestions, ...problems },
      },
    },
    (request) => requireCluster(context, request.params.cluster).reader.suggest(request.query),
  );

  app.get(
    '/clusters/:cluster/tasks/:id',
    {
      schema: {
        tags,
        summary: 'Everything known of one task',
        params: taskParams,
        querystring: detailQuery,
        response: { 200: taskDetail, ...problems },
      },
    },
    async (request) => {
      const { cluster, id } = request.params;
      const task = await loadTask(requireCluster(context, cluster), id, {
        readResult: request.query.result === '1',
      });
      if (task === null) throw new AppError('not_found', `No task ${id} is known here.`);
      return task;
    },
  );

  app.get(
    '/clusters/:cluster/tasks/:id/retry',
    {
      schema: {
        tags,
        summary: 'What would be sent again, and where each part is known from',
        params: taskParams,
        response: { 200: retryForm, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).control.retryForm(request.params.id),
  );

  app.post(
    '/clusters/:cluster/tasks/:id/retry',
    {
      bodyLimit: RETRY_BODY_LIMIT,
      config: mutationLimit,
      schema: {
        tags,
        summary: 'Sends a new task in the place of this one',
        params: taskParams,
        body: retryRequest,
        response: { 200: retryOutcome, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).control.retry(
        actorOf(request),
        request.params.id,
        request.body,
      ),
  );

  app.post(
    '/clusters/:cluster/tasks/revoke',
    {
      config: mutationLimit,
      schema: {
        tags,
        summary: 'Revokes, or terminates, tasks; answered by each worker',
        params: clusterParams,
        body: revokeRequest,
        response: { 200: commandOutcome, ...problems },
      },
    },
    (request) =>
      requireCluster(context, request.params.cluster).control.revoke(
        actorOf(request),
        request.body,
      ),
  );
}
