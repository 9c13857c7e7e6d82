// Recorded messages of real Celery, for the tests of this room: finds every one in a vector file.

import { readFileSync, readdirSync } from 'node:fs';
import { decodeEnvelope } from '../envelope.ts';
import type { MessageProperties, WireMessage } from '../message.ts';

export const VERSIONS = ['5.2.6', 'main'] as const;
export type Version = (typeof VERSIONS)[number];

const ROOT = new URL('../vectors/', import.meta.url);

export type Json = { [key: string]: unknown };

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function vectorNames(version: Version): string[] {
  return readdirSync(new URL(`${version}/`, ROOT)).map((name) => name.replace(/\.json$/, ''));
}

export function readVector(version: Version, name: string): Json {
  const text = readFileSync(new URL(`${version}/${name}.json`, ROOT), 'utf8');
  const file: unknown = JSON.parse(text);
  if (!isJson(file) || !isJson(file['captured'])) throw new Error(`${name} has no capture`);
  return file['captured'];
}

export type Recorded = {
  where: string;
  message: WireMessage;
  /** What the capture says that the body means, where it does. */
  expected: unknown;
};

/** Every message of a capture, wherever it stands: envelopes of Redis, deliveries of RabbitMQ. */
export function recordedMessages(value: unknown, where = ''): Recorded[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => recordedMessages(item, `${where}[${String(index)}]`));
  }
  if (!isJson(value)) return [];
  const raw = value['raw'];
  if (typeof raw === 'string' && raw.startsWith('{"body"')) {
    const message = decodeEnvelope(raw);
    if (!message.ok) throw new Error(`${where}: ${message.message}`);
    return [{ where, message: message.value, expected: value['body_decoded'] }];
  }
  if (isJson(value['properties']) && isJson(value['headers']) && 'delivery' in value) {
    return [{ where, message: fromDelivery(value), expected: undefined }];
  }
  return Object.entries(value).flatMap(([key, item]) => recordedMessages(item, `${where}.${key}`));
}

function fromDelivery(value: Json): WireMessage {
  const properties = value['properties'] as Json;
  const delivery = value['delivery'] as Json;
  const { body } = value;
  const own: MessageProperties = {
    exchange: String(delivery['exchange']),
    routingKey: String(delivery['routing_key']),
  };
  if (typeof properties['correlation_id'] === 'string') {
    own.correlationId = properties['correlation_id'];
  }
  if (typeof properties['priority'] === 'number') own.priority = properties['priority'];
  const base64 = isJson(body) ? body['base64'] : undefined;
  return {
    headers: value['headers'] as Json,
    properties: own,
    contentType: String(properties['content_type']),
    contentEncoding: String(properties['content_encoding']),
    body:
      typeof base64 === 'string'
        ? Buffer.from(base64, 'base64')
        : Buffer.from(String(body), 'utf8'),
  };
}
