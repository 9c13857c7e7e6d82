// Flower's page addresses lead to ours; /workers?json=1 answers as Flower's does.
import type { FastifyInstance } from 'fastify';
import { defaultCluster, type WebContext } from '../context.ts';
import { argumentsOf, restOf } from './arguments.ts';

export function flowerPageRoutes(app: FastifyInstance, context: WebContext): void {
  const { options, defaultCluster: name } = context.deps;
  const cluster = defaultCluster(context);
  const ours = (...parts: string[]) =>
    `${options.basePath}/${[name, ...parts].map(encodeURIComponent).join('/')}`;

  app.get('/tasks', (_request, reply) => reply.redirect(ours('tasks')));
  app.get('/broker', (_request, reply) => reply.redirect(ours('queues')));
  app.get('/task/*', (request, reply) => reply.redirect(ours('tasks', restOf(request))));
  app.get('/worker/*', (request, reply) => reply.redirect(ours('workers', restOf(request))));

  app.get('/workers', async (request, reply) => {
    const given = argumentsOf(request);
    if (!given.bool('json')) return reply.redirect(ours('workers'));
    if (given.bool('refresh')) await cluster.collector.inspectNow(null);
    const [workers, totals] = await Promise.all([
      cluster.reader.workers(),
      cluster.reader.metricHistogram({ by: 'worker', bounds: [] }),
    ]);
    const byName = new Map(totals.map((row) => [row.key, row]));
    return {
      data: workers.map((worker) => {
        const total = byName.get(worker.hostname);
        return {
          hostname: worker.hostname,
          status: worker.state !== 'offline',
          pid: worker.pid,
          freq: worker.heartbeatMs === null ? null : worker.heartbeatMs / 1000,
          active: worker.active,
          processed: worker.processed,
          loadavg: worker.loadAverage,
          sw_ident: worker.software?.split(' ')[0] ?? null,
          sw_ver: worker.software?.split(' ')[1] ?? null,
          'task-succeeded': total?.success ?? 0,
          'task-failed': total?.failure ?? 0,
          'task-retried': total?.retry ?? 0,
          'task-revoked': total?.revoked ?? 0,
          'task-rejected': total?.rejected ?? 0,
        };
      }),
    };
  });
}
