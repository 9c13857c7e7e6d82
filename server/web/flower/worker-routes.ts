// Reading workers and queues by Flower's paths.
import type { FastifyInstance } from 'fastify';
import type { QueueSummary } from '../../../lib/contract/index.ts';
import { AppError } from '../../core/errors.ts';
import { defaultCluster, type WebContext } from '../context.ts';
import type { WebCluster } from '../deps.ts';
import { argumentsOf } from './arguments.ts';
import { toFlowerWorker } from './worker-shape.ts';

const AT_ONCE = 50;

export function flowerWorkerRoutes(app: FastifyInstance, context: WebContext): void {
  const cluster = defaultCluster(context);

  app.get('/api/workers', async (request) => {
    const given = argumentsOf(request);
    const only = given.text('workername');
    const statusOnly = given.bool('status');
    const refresh = given.bool('refresh');
    if (refresh) await cluster.collector.inspectNow(only === null ? null : [only]);
    const workers = await cluster.reader.workers();
    const wanted = workers.filter((worker) => only === null || worker.hostname === only);
    if (only !== null && wanted.length === 0) throw unknownWorker(only);
    if (statusOnly) {
      return Object.fromEntries(
        wanted.map((worker) => [worker.hostname, worker.state !== 'offline']),
      );
    }
    const names = wanted.map((worker) => worker.hostname);
    return Object.fromEntries(await shapes(cluster, names));
  });

  app.get('/api/queues/length', async () => {
    const queues = await cluster.reader.queues();
    const { brokerKind } = cluster.collector.status();
    return {
      active_queues: queues
        .filter((queue) => queue.kind === 'task')
        .map((queue) => toLength(queue, brokerKind === 'amqp')),
    };
  });
}

export function unknownWorker(hostname: string): AppError {
  return new AppError('not_found', `Unknown worker '${hostname}'`);
}

async function shapes(
  { reader }: WebCluster,
  names: readonly string[],
): Promise<[string, Record<string, unknown>][]> {
  const all: [string, Record<string, unknown>][] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const details = await Promise.all(
      names.slice(at, at + AT_ONCE).map((hostname) => reader.worker(hostname)),
    );
    for (const detail of details) {
      if (detail !== null) all.push([detail.hostname, toFlowerWorker(detail)]);
    }
  }
  return all;
}

/** `messages` means what the broker means by it: RabbitMQ counts what is delivered and unacknowledged too. */
function toLength(queue: QueueSummary, countsInFlight: boolean): Record<string, unknown> {
  const { name, ready, inFlight, consumers } = queue;
  const both = ready === null || inFlight === null ? null : ready + inFlight;
  return {
    name,
    messages: countsInFlight ? both : ready,
    messages_ready: ready,
    messages_unacknowledged: inFlight,
    consumers,
  };
}
