// Publishes one task message: the queue by options, task, route or default, the message validated first (a malformed one
// would end Python's workers), then task-sent. It must not know what follows the task.
import { hostname as machine } from 'node:os';
import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import type { Transport } from '../broker/transport.ts';
import { msToIso } from '../celery/fields.ts';
import { encodeTaskMessage, validateTaskMessage } from '../celery/message.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { signatureList, type ApplyOptions } from './apply-options.ts';
import type { AppConfig } from './config.ts';
import { publishAgain } from './publish-retry.ts';
import { routeOf } from './routes.ts';
import {
  bindingOf,
  declarationOf,
  missingQueue,
  queueNamed,
  targetOf,
  type QueueDefinition,
} from './queues.ts';
import type { Signals } from './signals.ts';
import type { EventPublisher } from './event-publisher.ts';
import type { TaskOptions } from './task-types.ts';

export type Publication = { id: string; queue: string };

export type PublishParts = {
  transport: Transport;
  config: AppConfig;
  clock: Clock;
  signals: Signals;
  /** Where rpc:// results are to go. */
  replyTo: string;
  events: EventPublisher;
  optionsOf: (name: string) => TaskOptions | null;
  /** How long sending goes on while the broker is away, whatever the policy says. */
  patienceMs: () => number;
};

export const ORIGIN = `gen${String(process.pid)}@${machine()}`;

export function createTaskPublisher(parts: PublishParts) {
  const declared = new Map<string, Promise<void>>();

  /** The copies of a broadcast belong to workers: who sends knows only the exchange. */
  const declare = (queue: QueueDefinition): Promise<void> => {
    const { name, broadcast } = queue;
    let done = declared.get(name);
    if (done === undefined) {
      const { transport, config } = parts;
      const { exchange, exchangeType } = bindingOf(config, queue);
      done =
        broadcast === true
          ? transport.declareExchange(exchange, exchangeType)
          : transport.declareQueue(name, declarationOf(config, queue));
      declared.set(name, done);
      done.catch(() => declared.delete(name));
    }
    return done;
  };

  return async function publishTask(
    name: string,
    args: PyValue[],
    kwargs: PyDict,
    options: ApplyOptions,
  ): Promise<Publication> {
    const { config, clock, events, signals } = parts;
    const now = clock.now();
    const own = parts.optionsOf(name);
    const route = routeOf(config.taskRoutes, routedName(name, kwargs), args, kwargs);
    const queue = options.queue ?? own?.queue ?? route?.queue ?? config.taskDefaultQueue;
    const definition = queueNamed(config, queue);
    const exchange =
      options.exchange ?? (options.queue === undefined ? route?.exchange : undefined) ?? '';
    const routingKey = options.routingKey ?? (exchange === '' ? undefined : route?.routingKey);
    const target =
      exchange !== ''
        ? { exchange, routingKey: routingKey ?? queue }
        : targetOf(config, queueNamed(config, options.queue ?? routingKey ?? queue));
    const missing = exchange === '' ? missingQueue(config, queue) : null;
    if (missing !== null) throw new AppError('bad_request', missing);
    const id = options.taskId ?? globalThis.crypto.randomUUID();
    const etaAt =
      options.etaAt ?? (options.countdownMs === undefined ? null : now + options.countdownMs);
    const expiresAt = options.expiresAt ?? null;
    const priority =
      options.priority ?? own?.priority ?? route?.priority ?? config.taskDefaultPriority;
    const headers = { ...options.headers };
    if (signals.beforeTaskPublish.isHeard) {
      await signals.beforeTaskPublish.send({ task: name, id, args, kwargs, headers, ...target });
    }
    const limits = timeLimitOf(options, own);
    const message = encodeTaskMessage(
      {
        name,
        id,
        args,
        kwargs,
        embed: {
          callbacks: signatureList(options.link),
          errbacks: signatureList(options.linkError),
          chain: options.chain ?? null,
          chord: options.chord ?? null,
        },
        shadow: options.shadow ?? null,
        retries: options.retries ?? 0,
        etaAt,
        expiresAt,
        sentAt: now,
        group: options.groupId ?? null,
        groupIndex: options.groupIndex ?? null,
        timeLimit: limits,
        rootId: options.rootId ?? id,
        parentId: options.parentId ?? null,
        origin: ORIGIN,
        ignoreResult: options.ignoreResult ?? own?.ignoreResult ?? config.taskIgnoreResult,
        replacedTaskNesting: options.replacedTaskNesting ?? 0,
        customHeaders: headers,
        replyTo: options.replyTo ?? parts.replyTo,
        priority: priority ?? 0,
        ...(options.stampedHeaders === undefined ? {} : { stampedHeaders: options.stampedHeaders }),
        ...(options.stamps === undefined ? {} : { stamps: options.stamps }),
        ...target,
      },
      {
        serializer:
          options.serializer ?? own?.serializer ?? route?.serializer ?? config.taskSerializer,
        compression:
          options.compression ?? own?.compression ?? route?.compression ?? config.taskCompression,
      },
    );
    const troubles = validateTaskMessage(message, { args, kwargs });
    if (troubles.length > 0) throw new AppError('bad_request', troubles.join(' '));
    const publish = async (): Promise<void> => {
      if (target.exchange === '') await declare(queueNamed(config, target.routingKey));
      else if (config.taskQueues.includes(definition)) await declare(definition);
      await parts.transport.publish(message, target);
    };
    try {
      await publish();
    } catch (error) {
      await publishAgain(error, publish, {
        retry: options.retry ?? config.taskPublishRetry,
        policy: { ...config.taskPublishRetryPolicy, ...options.retryPolicy },
        patienceMs: parts.patienceMs(),
        connect: () => parts.transport.connect(),
      });
    }
    if (signals.afterTaskPublish.isHeard) {
      await signals.afterTaskPublish.send({ task: name, id, ...target });
    }
    if (config.taskSendSentEvent) {
      await events.publish('task-sent', {
        uuid: id,
        name,
        args: textOf(message.headers['argsrepr']),
        kwargs: textOf(message.headers['kwargsrepr']),
        root_id: options.rootId ?? id,
        parent_id: options.parentId ?? null,
        retries: options.retries ?? 0,
        eta: etaAt === null ? null : msToIso(etaAt),
        expires: expiresAt === null ? null : msToIso(expiresAt),
        queue: target.routingKey,
        exchange: target.exchange,
        routing_key: target.routingKey,
      });
    }
    return { id, queue: target.routingKey };
  };
}

/** celery.map and celery.starmap go where their inner task goes. */
function routedName(name: string, kwargs: PyDict): string {
  if (name !== 'celery.map' && name !== 'celery.starmap') return name;
  const inner = kwargs['task'];
  const task = isPyDict(inner) ? inner['task'] : null;
  return typeof task === 'string' ? task : name;
}

export type PublishTask = ReturnType<typeof createTaskPublisher>;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Of the call, else of the task, in seconds; the hard one comes first. */
function timeLimitOf(
  options: ApplyOptions,
  own: TaskOptions | null,
): [number | null, number | null] {
  const hard = options.timeLimitMs ?? own?.timeLimitMs ?? null;
  const soft = options.softTimeLimitMs ?? own?.softTimeLimitMs ?? null;
  if (hard !== null && soft !== null && soft > hard) {
    const text = 'The soft time limit must be less than or equal to the hard one';
    throw new AppError('bad_request', `${text}: ${String(soft)} ms and ${String(hard)} ms.`);
  }
  return [hard === null ? null : hard / 1000, soft === null ? null : soft / 1000];
}
