// Steering workers and revoking tasks by Flower's paths. Every argument is checked by the same schema as the native API's.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SIGNALS, workerCommand, type WorkerAck } from '../../../lib/contract/index.ts';
import { AppError } from '../../core/errors.ts';
import { defaultCluster, type WebContext } from '../context.ts';
import type { WebCluster } from '../deps.ts';
import { actorOf, mutationLimit } from '../routes/shared.ts';
import { argumentsOf, restOf } from './arguments.ts';
import { unknownWorker } from './worker-routes.ts';

const SHUTDOWN_ANSWER_MS = 1_000;
const limited = { config: mutationLimit };

export function flowerControlRoutes(app: FastifyInstance, context: WebContext): void {
  const cluster = defaultCluster(context);
  const { logger } = context.deps;

  app.post('/api/worker/shutdown/*', limited, async (request) => {
    const worker = await requireWorker(cluster, restOf(request));
    const going = command(cluster, request, worker, { command: 'shutdown' });
    going.catch((error: unknown) => logger.warn({ err: error, worker }, 'shutdown failed'));
    await Promise.race([going, after(SHUTDOWN_ANSWER_MS)]);
    return { message: 'Shutting down!' };
  });

  app.post('/api/worker/pool/restart/*', limited, async (request) => {
    const worker = await requireWorker(cluster, restOf(request));
    const ack = await command(cluster, request, worker, { command: 'pool_restart' });
    requireOk(ack, `Failed to restart the '${worker}' pool: `);
    return { message: `Restarting '${worker}' worker's pool` };
  });

  for (const [verb, doing] of [
    ['grow', 'Growing'],
    ['shrink', 'Shrinking'],
  ] as const) {
    app.post(`/api/worker/pool/${verb}/*`, limited, async (request) => {
      const n = argumentsOf(request).int('n') ?? 1;
      const worker = await requireWorker(cluster, restOf(request));
      const ack = await command(cluster, request, worker, { command: `pool_${verb}`, n });
      requireOk(ack, `Failed to ${verb} '${worker}' worker's pool: `);
      return { message: `${doing} '${worker}' worker's pool by ${n}` };
    });
  }

  app.post('/api/worker/pool/autoscale/*', limited, async (request) => {
    const given = argumentsOf(request);
    given.required('min');
    given.required('max');
    const [min, max] = [given.int('min'), given.int('max')];
    const worker = await requireWorker(cluster, restOf(request));
    const ack = await command(cluster, request, worker, { command: 'autoscale', min, max });
    requireOk(ack, `Failed to autoscale '${worker}' worker: `);
    return { message: `Autoscaling '${worker}' worker (min=${min}, max=${max})` };
  });

  app.post('/api/worker/queue/add-consumer/*', limited, async (request) => {
    const queue = argumentsOf(request).required('queue');
    const worker = await requireWorker(cluster, restOf(request));
    const ack = await command(cluster, request, worker, { command: 'add_consumer', queue });
    requireOk(ack, `Failed to add '${queue}' consumer to '${worker}' worker: `);
    return { message: ack.text ?? `add consumer ${queue}` };
  });

  app.post('/api/worker/queue/cancel-consumer/*', limited, async (request) => {
    const queue = argumentsOf(request).required('queue');
    const worker = await requireWorker(cluster, restOf(request));
    const ack = await command(cluster, request, worker, { command: 'cancel_consumer', queue });
    requireOk(ack, `Failed to cancel '${queue}' consumer from '${worker}' worker: `);
    return { message: ack.text ?? `no longer consuming from ${queue}` };
  });

  app.post('/api/task/timeout/*', limited, async (request) => {
    const given = argumentsOf(request);
    const hostname = given.required('workername');
    const [soft, hard] = [given.float('soft'), given.float('hard')];
    const { worker, type } = await requireTask(cluster, hostname, restOf(request));
    const ack = await command(cluster, request, worker, {
      command: 'time_limit',
      type,
      softMs: soft === null ? null : soft * 1000,
      hardMs: hard === null ? null : hard * 1000,
    });
    requireOk(ack, `Failed to set timeouts: `, true);
    return { message: ack.text ?? 'time limits set successfully' };
  });

  app.post('/api/task/rate-limit/*', limited, async (request) => {
    const given = argumentsOf(request);
    const hostname = given.required('workername');
    const rateLimit = given.required('ratelimit');
    const { worker, type } = await requireTask(cluster, hostname, restOf(request));
    const ack = await command(cluster, request, worker, { command: 'rate_limit', type, rateLimit });
    requireOk(ack, `Failed to set rate limit: `, true);
    return { message: ack.text ?? 'new rate limit set successfully' };
  });

  app.post('/api/task/revoke/*', limited, async (request) => {
    const given = argumentsOf(request);
    const id = restOf(request);
    const terminate = given.bool('terminate');
    const name = given.text('signal') ?? 'SIGTERM';
    const signal = SIGNALS.find((known) => known === name.toUpperCase());
    if (signal === undefined) {
      throw new AppError(
        'bad_request',
        `Invalid argument '${name.slice(0, 100)}' of type 'signal'`,
      );
    }
    await cluster.control.revoke(actorOf(request), { ids: [id], terminate, signal });
    return { message: `Revoked '${id}'` };
  });
}

async function requireWorker({ reader }: WebCluster, hostname: string): Promise<string> {
  if ((await reader.worker(hostname)) === null) throw unknownWorker(hostname);
  return hostname;
}

/** A type is known when the worker registered it, or when it was ever seen; Flower knew only its own app's. */
async function requireTask(
  { reader }: WebCluster,
  hostname: string,
  type: string,
): Promise<{ worker: string; type: string }> {
  const [worker, seen] = await Promise.all([reader.worker(hostname), reader.taskTypes()]);
  const registered = worker?.registered.value?.some(({ name }) => name === type) ?? false;
  if (!registered && !seen.includes(type)) {
    throw new AppError('not_found', `Unknown task '${type}'`);
  }
  if (worker === null) throw unknownWorker(hostname);
  return { worker: hostname, type };
}

async function command(
  cluster: WebCluster,
  request: FastifyRequest,
  worker: string,
  raw: Record<string, unknown>,
): Promise<WorkerAck> {
  const parsed = workerCommand.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new AppError('bad_request', `Invalid argument ${where}: ${issue?.message ?? ''}`);
  }
  const outcome = await cluster.control.command(actorOf(request), {
    workers: [worker],
    command: parsed.data,
  });
  return (
    outcome.acks.find((ack) => ack.hostname === worker) ?? {
      hostname: worker,
      outcome: 'timeout',
      text: null,
    }
  );
}

function requireOk(ack: WorkerAck, prefix: string, quoted = false): void {
  if (ack.outcome === 'ok' || ack.outcome === 'offline') return;
  const reason = ack.text ?? (ack.outcome === 'timeout' ? 'No answer' : 'Unknown reason');
  throw new AppError('forbidden', prefix + (quoted ? `'${reason}'` : reason));
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
