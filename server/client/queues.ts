// The queues of an app: those of `task_queues`, and those that are only a name. Says where a message for one goes and how it is declared;
// clients and workers, here and in Python, have to agree on both. Mirrors celery.app.amqp.Queues.
import type { DeclareOptions, ExchangeType, PublishTarget } from '../broker/transport.ts';
import type { AppConfig } from './config.ts';

/** A queue that is more than a name: kombu's Queue. */
export type QueueDefinition = {
  name: string;
  /** Default: the queue's own name. */
  exchange?: string;
  /** Default: direct, of a broadcast fanout. */
  exchangeType?: ExchangeType;
  /** Default: the queue's own name; of a topic or fanout exchange `task_default_routing_key`. */
  routingKey?: string;
  /** RabbitMQ's x-max-priority. */
  maxPriority?: number;
  /** More arguments for RabbitMQ, e.g. `{ 'x-queue-type': 'quorum' }`. */
  queueArguments?: Readonly<Record<string, string | number | boolean>>;
  /** Each worker has its own copy of the queue, and every message goes to all of them: kombu's Broadcast. */
  broadcast?: boolean;
};

type QueueSettings = Pick<
  AppConfig,
  | 'taskQueues'
  | 'taskDefaultQueue'
  | 'taskDefaultRoutingKey'
  | 'taskDefaultQueueType'
  | 'taskCreateMissingQueueType'
  | 'taskCreateMissingQueues'
  | 'taskQueueMaxPriority'
>;

/** What `task_queues` says of it, or the name alone. */
export function queueNamed(conf: QueueSettings, name: string): QueueDefinition {
  return conf.taskQueues.find((one) => one.name === name) ?? { name };
}

/** Why nothing is sent to it or taken from it; null when nothing speaks against that. */
export function missingQueue(conf: QueueSettings, name: string): string | null {
  if (conf.taskCreateMissingQueues || conf.taskQueues.some((one) => one.name === name)) return null;
  if (conf.taskQueues.length === 0 && name === conf.taskDefaultQueue) return null;
  return `The queue ${name} is missing from task_queues. Add it there, or switch task_create_missing_queues on.`;
}

export function exchangeTypeOf({ broadcast, exchangeType }: QueueDefinition): ExchangeType {
  return exchangeType ?? (broadcast === true ? 'fanout' : 'direct');
}

/** Celery publishes to the default exchange whenever the queue's own is a direct one. */
export function targetOf(conf: QueueSettings, queue: QueueDefinition): PublishTarget {
  if (exchangeTypeOf(queue) === 'direct') return { exchange: '', routingKey: queue.name };
  const { exchange, routingKey } = bindingOf(conf, queue);
  return { exchange, routingKey };
}

/** Of the exchange and key that lead to it. */
export function bindingOf(conf: QueueSettings, queue: QueueDefinition) {
  const { name, exchange = name } = queue;
  const exchangeType = exchangeTypeOf(queue);
  const fallback =
    exchangeType === 'direct' ? name : (conf.taskDefaultRoutingKey ?? conf.taskDefaultQueue);
  return { exchange, exchangeType, routingKey: queue.routingKey ?? fallback };
}

/** How it is declared. A broadcast's own copy goes with its worker. */
export function declarationOf(conf: QueueSettings, queue: QueueDefinition): DeclareOptions {
  const type =
    queue.name === conf.taskDefaultQueue
      ? conf.taskDefaultQueueType
      : conf.taskCreateMissingQueueType;
  const isKnown = conf.taskQueues.includes(queue);
  const queueArguments = {
    ...(type !== 'classic' && !isKnown ? { 'x-queue-type': type } : {}),
    ...queue.queueArguments,
  };
  const maxPriority = queue.maxPriority ?? conf.taskQueueMaxPriority;
  return {
    ...bindingOf(conf, queue),
    ...(maxPriority === null ? {} : { maxPriority }),
    ...(Object.keys(queueArguments).length === 0 ? {} : { queueArguments }),
    ...(queue.broadcast === true ? { autoDelete: true } : {}),
  };
}
