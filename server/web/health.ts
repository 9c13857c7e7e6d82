// Is it there, is it alive, is it ready: three different questions (Flower's /healthcheck answers the first for all three).
import type { FastifyInstance } from 'fastify';
import type { WebContext } from './context.ts';
import type { WebCluster } from './deps.ts';

const STORE_TIMEOUT_MS = 2_000;
const MAX_LAG_MS = 60_000;
const open = { open: true };

export function healthRoutes(app: FastifyInstance, { deps }: WebContext): void {
  const ended = new Set<string>();
  for (const { name, collector } of deps.clusters.values()) {
    void collector.failed().then(
      () => ended.add(name),
      () => ended.add(name),
    );
  }

  app.get('/healthcheck', { config: open }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('OK'),
  );

  app.get('/livez', { config: open }, (_request, reply) => {
    const problems = [...ended].map((name) => `${name}: the collector has ended`);
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .send({ ok: problems.length === 0, problems });
  });

  app.get('/readyz', { config: open }, async (_request, reply) => {
    const found = await Promise.all([...deps.clusters.values()].map(findProblems));
    const problems = [
      ...[...ended].map((name) => `${name}: the collector has ended`),
      ...found.flat(),
    ];
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .send({ ok: problems.length === 0, problems });
  });
}

async function findProblems({ name, collector, reader }: WebCluster): Promise<string[]> {
  const { broker, ingest, storeProblem } = collector.status();
  const problems: string[] = [];
  if (broker.state !== 'connected') problems.push(`${name}: the broker is ${broker.state}`);
  if (ingest.lagMs !== null && ingest.lagMs > MAX_LAG_MS) {
    problems.push(`${name}: events are stored ${Math.round(ingest.lagMs / 1000)} s late`);
  }
  // Whoever may not see the pages is not told more: the reason may name files.
  if (storeProblem !== null) problems.push(`${name}: nothing can be stored`);
  await within(STORE_TIMEOUT_MS, reader.fact('discovery')).catch(() => {
    problems.push(`${name}: the store does not answer`);
  });
  return problems;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
