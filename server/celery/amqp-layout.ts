// What Celery declares on RabbitMQ, to the argument: re-declaring with any other closes the channel.
// Mirrors celery.app.amqp, celery.events and kombu.pidbox. Declares nothing itself.

export const DEFAULT_QUEUE = 'celery';
export const EVENT_EXCHANGE = 'celeryev';

export type ExchangeDeclaration = {
  name: string;
  type: 'direct' | 'topic' | 'fanout';
  durable: boolean;
  autoDelete: boolean;
};

export type QueueDeclaration = {
  name: string;
  durable: boolean;
  autoDelete: boolean;
  exclusive: boolean;
  arguments: Record<string, string | number | boolean>;
};

export function eventExchange(name: string = EVENT_EXCHANGE): ExchangeDeclaration {
  return { name, type: 'topic', durable: true, autoDelete: false };
}

/** `controlExchange` is the setting `control_exchange`. */
export function pidboxExchange(controlExchange = 'celery'): ExchangeDeclaration {
  return { name: `${controlExchange}.pidbox`, type: 'fanout', durable: false, autoDelete: false };
}

export function replyExchange(controlExchange = 'celery'): ExchangeDeclaration {
  const name = `reply.${controlExchange}.pidbox`;
  return { name, type: 'direct', durable: false, autoDelete: false };
}

export function taskQueue(
  name: string = DEFAULT_QUEUE,
  options: {
    maxPriority?: number;
    queueArguments?: Readonly<Record<string, string | number | boolean>>;
    autoDelete?: boolean;
  } = {},
): QueueDeclaration {
  const { maxPriority, queueArguments, autoDelete = false } = options;
  const declared = {
    ...(maxPriority === undefined ? {} : { 'x-max-priority': maxPriority }),
    ...queueArguments,
  };
  return { name, durable: true, autoDelete, exclusive: false, arguments: declared };
}

/** The queue from which a process takes its rpc:// results. Durable since Celery 5.6, so that persistent results outlive a restart of the broker. */
export function rpcQueue(replyTo: string, expiresMs: number): QueueDeclaration {
  return { ...transient(replyTo, false, { 'x-expires': expiresMs }), durable: true };
}

/** `exclusive` since Celery 5.6; older workers share theirs. */
export type MailboxOptions = { exclusive: boolean; controlExchange?: string };

const PIDBOX_ARGUMENTS = { 'x-message-ttl': 300_000, 'x-expires': 10_000 };
const EVENT_ARGUMENTS = { 'x-message-ttl': 5000, 'x-expires': 60_000 };

/** The queue from which a worker takes its control requests. */
export function pidboxQueue(worker: string, options: MailboxOptions): QueueDeclaration {
  return transient(
    `${worker}.${options.controlExchange ?? 'celery'}.pidbox`,
    options.exclusive,
    PIDBOX_ARGUMENTS,
  );
}

/** The queue for control replies; bound to the reply exchange with `oid`. */
export function replyQueue(oid: string, options: MailboxOptions): QueueDeclaration {
  return transient(
    replyQueueName(oid, options.controlExchange),
    options.exclusive,
    PIDBOX_ARGUMENTS,
  );
}

/** The same name is the list of replies on Redis. */
export function replyQueueName(oid: string, controlExchange = 'celery'): string {
  return `${oid}.reply.${controlExchange}.pidbox`;
}

/** The queue of an event receiver; bound with `#`. */
export function eventQueue(
  id: string,
  options: { exclusive: boolean; prefix?: string },
): QueueDeclaration {
  return transient(`${options.prefix ?? EVENT_EXCHANGE}.${id}`, options.exclusive, EVENT_ARGUMENTS);
}

/** The queue for `rpc://` results, named by the `reply_to` of the sender; durable since Celery 5.6. */
export function rpcResultQueue(
  replyTo: string,
  options: { resultExpiresMs?: number; durable?: boolean } = {},
): QueueDeclaration {
  const { resultExpiresMs = 86_400_000, durable = true } = options;
  return { ...transient(replyTo, false, { 'x-expires': resultExpiresMs }), durable };
}

function transient(
  name: string,
  exclusive: boolean,
  declared: Record<string, string | number>,
): QueueDeclaration {
  return { name, durable: false, autoDelete: true, exclusive, arguments: { ...declared } };
}

export const DELAYED_LEVELS = 28;

/** The routing key that makes a message wait for whole seconds before it reaches `routingKey`. */
export function delayedRoutingKey(countdownSeconds: number, routingKey: string): string {
  const seconds = Math.max(0, Math.min(2 ** DELAYED_LEVELS - 1, Math.floor(countdownSeconds)));
  const digits = seconds.toString(2).padStart(DELAYED_LEVELS, '0').split('').join('.');
  return `${digits}.${routingKey}`;
}

const DELAYED = /^(?:[01]\.){28}/;

/** The routing key without the digits of delayed delivery. */
export function undelayedRoutingKey(routingKey: string): string {
  return routingKey.replace(DELAYED, '');
}
