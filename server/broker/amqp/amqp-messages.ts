// AMQP basic properties and header tables into our messages, and back.
import type { ConsumeMessage, Options } from 'amqplib';
import type { MessageProperties, WireMessage } from '../../celery/message.ts';

export function fromAmqp(message: ConsumeMessage): WireMessage {
  const { properties: raw, fields, content } = message;
  const properties: MessageProperties = {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    redelivered: fields.redelivered,
    deliveryTag: String(fields.deliveryTag),
  };
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const correlationId = text(raw.correlationId);
  const replyTo = text(raw.replyTo);
  const expiration = text(raw.expiration);
  const deliveryMode = number(raw.deliveryMode);
  const priority = number(raw.priority);
  if (correlationId !== undefined) properties.correlationId = correlationId;
  if (replyTo !== undefined) properties.replyTo = replyTo;
  if (expiration !== undefined) properties.expiration = expiration;
  if (deliveryMode !== undefined) properties.deliveryMode = deliveryMode;
  if (priority !== undefined) properties.priority = priority;
  return {
    headers: { ...(raw.headers ?? {}) },
    properties,
    contentType: text(raw.contentType) ?? '',
    contentEncoding: text(raw.contentEncoding) ?? '',
    body: content,
  };
}

export function toAmqp(message: WireMessage): Options.Publish {
  const { properties, contentType, contentEncoding, headers } = message;
  const { correlationId, replyTo, expiration, priority, deliveryMode } = properties;
  return {
    contentType,
    contentEncoding,
    headers: plainTable(headers),
    persistent: (deliveryMode ?? 2) === 2,
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(expiration === undefined ? {} : { expiration }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Only what a header table can carry: values of classes become text. */
function plainTable(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, plain(value, 0)]));
}

function plain(value: unknown, depth: number): unknown {
  if (value === null || value === undefined || depth > 16) return null;
  if (typeof value === 'bigint') return integer(Number(value));
  if (typeof value === 'number') return integer(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if ('value' in value && typeof value.value === 'number') return integer(value.value);
    if ('iso' in value) return value.iso;
    if ('text' in value) return value.text;
    return JSON.stringify(value);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]),
  );
}

/**
 * Integers have 32 bits, as py-amqp writes them. amqplib would send 200 in 16 bits, which py-amqp before 5.4 takes for a text: its worker loses the
 * connection, again and again. And it would send -1 in 8, which reads as 255 there.
 */
function integer(value: number): unknown {
  const fits = Number.isInteger(value) && Math.abs(value) <= 0x7fff_ffff;
  return fits ? { '!': 'int', value } : value;
}
