// /metrics: the cluster as Prometheus reads it, and this process itself.
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { WebContext } from '../context.ts';
import { Admission } from './admission.ts';
import { readClusterFacts } from './cluster-facts.ts';
import { FLOWER_LINES_PER_TYPE, flowerMetrics } from './flower-metrics.ts';
import { family } from './text.ts';
import { UMBEL_LINES_PER_TYPE, umbelMetrics } from './umbel-metrics.ts';

/** Of the 1 MB that a page may have, for what grows with the number of task types. */
const TYPE_BUDGET_BYTES = 860_000;
const LINE_BYTES = 66;

export function metricRoutes(app: FastifyInstance, context: WebContext): void {
  const { deps, clock } = context;
  const { flowerMetricNames } = deps.options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  app.addHook('onClose', async () => registry.clear());

  const lines = UMBEL_LINES_PER_TYPE + (flowerMetricNames ? FLOWER_LINES_PER_TYPE : 0);
  const admission = new Admission(
    TYPE_BUDGET_BYTES,
    (type) => lines * (LINE_BYTES + Buffer.byteLength(type)),
  );
  const admits = (type: string) => admission.has(type);

  app.get('/metrics', async (_request, reply) => {
    const now = clock.now();
    const all = await Promise.all(
      [...deps.clusters.values()].map((cluster) => readClusterFacts(cluster, now)),
    );
    admission.forgetAllBut(new Set(all.flatMap(({ types }) => types.map(({ key }) => key))));
    const first = all.find(({ name }) => name === deps.defaultCluster);
    const parts = [
      ...umbelMetrics(all, admits),
      ...(flowerMetricNames && first !== undefined ? flowerMetrics(first, admits) : []),
      family(
        'umbel_metrics_types_left_out',
        'gauge',
        'Task types that found no room on this page',
        [{ labels: {}, value: admission.refusedCount }],
      ),
      await registry.metrics(),
    ];
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(parts.join(''));
  });
}
