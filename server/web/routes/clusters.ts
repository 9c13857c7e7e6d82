// Who am I, which clusters are there, and what is going on in one: session, status, overview, series.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  clusterList,
  clusterStatus,
  metricSeries,
  overview,
  rangeName,
  session,
} from '../../../lib/contract/index.ts';
import { AppError } from '../../core/errors.ts';
import { requireCluster, type WebContext } from '../context.ts';
import { loadOverview } from '../overview.ts';
import { metricWindow } from '../ranges.ts';
import { clusterParams, problems, rangeQuery, withZod } from './shared.ts';

const metricsQuery = z.object({
  range: rangeName.default('1h'),
  by: z.enum(['all', 'type', 'worker', 'queue']).default('all'),
  key: z.string().max(512).optional().describe('Which type, worker or queue; not with by=all'),
});

export function clusterRoutes(fastify: FastifyInstance, context: WebContext): void {
  const app = withZod(fastify);
  const { deps, clock } = context;

  app.get(
    '/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Who am I, what may I do',
        response: { 200: session, ...problems },
      },
    },
    (request) => ({
      user: request.user,
      readOnly: deps.options.readOnly,
      version: deps.options.version,
      defaultCluster: deps.defaultCluster,
      clusters: [...deps.clusters.keys()],
    }),
  );

  app.get(
    '/clusters',
    {
      schema: {
        tags: ['clusters'],
        summary: 'All clusters with their status',
        response: { 200: clusterList, ...problems },
      },
    },
    () => ({ items: [...deps.clusters.values()].map(({ collector }) => collector.status()) }),
  );

  app.get(
    '/clusters/:cluster',
    {
      schema: {
        tags: ['clusters'],
        summary: 'Status of one cluster',
        params: clusterParams,
        response: { 200: clusterStatus, ...problems },
      },
    },
    (request) => requireCluster(context, request.params.cluster).collector.status(),
  );

  app.get(
    '/clusters/:cluster/overview',
    {
      schema: {
        tags: ['clusters'],
        summary: 'What needs attention, throughput, workers and queues in one picture',
        params: clusterParams,
        querystring: rangeQuery,
        response: { 200: overview, ...problems },
      },
    },
    (request) =>
      loadOverview(
        requireCluster(context, request.params.cluster),
        request.query.range,
        clock.now(),
      ),
  );

  app.get(
    '/clusters/:cluster/metrics',
    {
      schema: {
        tags: ['clusters'],
        summary: 'Ended tasks, waits and runtimes over time',
        params: clusterParams,
        querystring: metricsQuery,
        response: { 200: metricSeries, ...problems },
      },
    },
    (request) => {
      const { reader, collector } = requireCluster(context, request.params.cluster);
      const { range, by, key = null } = request.query;
      if ((by === 'all') !== (key === null)) {
        throw new AppError(
          'bad_request',
          by === 'all' ? 'key needs by=type, worker or queue.' : `by=${by} needs a key.`,
        );
      }
      const window = metricWindow(range, clock.now(), collector.status().firstEventAt);
      return reader.metrics({ ...window, by, key });
    },
  );
}
