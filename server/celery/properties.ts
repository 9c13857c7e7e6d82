// Message properties as kombu's virtual transports spell them, into our own. Whatever is not AMQP's
// own goes to `extra`, so that nothing a sender put there is lost.

import { isPyDict, setKey, type PyDict } from '../../lib/python/values.ts';
import type { MessageProperties } from './message.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'correlation_id',
  'reply_to',
  'delivery_mode',
  'priority',
  'expiration',
  'delivery_tag',
  'delivery_info',
  'body_encoding',
]);

export function propertiesFrom(raw: PyDict): MessageProperties {
  const info = isPyDict(raw['delivery_info']) ? raw['delivery_info'] : {};
  const properties: MessageProperties = {};
  const correlationId = textOf(raw['correlation_id']);
  const replyTo = textOf(raw['reply_to']);
  const expiration = textOf(raw['expiration']);
  const deliveryTag = textOf(raw['delivery_tag']);
  const exchange = textOf(info['exchange']);
  const routingKey = textOf(info['routing_key']);
  if (correlationId !== undefined) properties.correlationId = correlationId;
  if (replyTo !== undefined) properties.replyTo = replyTo;
  if (expiration !== undefined) properties.expiration = expiration;
  if (deliveryTag !== undefined) properties.deliveryTag = deliveryTag;
  if (exchange !== undefined) properties.exchange = exchange;
  if (routingKey !== undefined) properties.routingKey = routingKey;
  if (typeof raw['delivery_mode'] === 'number') properties.deliveryMode = raw['delivery_mode'];
  if (typeof raw['priority'] === 'number') properties.priority = raw['priority'];
  const redelivered = info['redelivered'];
  if (typeof redelivered === 'boolean' || redelivered === null) {
    properties.redelivered = redelivered;
  }
  let extra: PyDict | null = null;
  for (const key of Object.keys(raw)) {
    if (!KNOWN.has(key)) setKey((extra ??= {}), key, raw[key] ?? null);
  }
  if (extra !== null) properties.extra = extra;
  return properties;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}
