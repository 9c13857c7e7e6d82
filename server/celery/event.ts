// Events as workers, clients and beat send them: one object, or an array of them on `task.multi`.
// Reading is one JSON.parse; only text that JavaScript cannot read takes the tolerant parser (on the
// quick path an integer beyond 2^53 is rounded). Mirrors celery.events; derives no state.

import { isUtf8 } from 'node:buffer';
import {
  isPyDict,
  PyFloat,
  pyFloat,
  setKey,
  type PyDict,
  type PyValue,
} from '../../lib/python/values.ts';
import { decodeKombuJson, encodeKombuJson, isDeeperThan } from './codec/kombu-json.ts';
import { decodeBody, type BodyFormat } from './codec/serializer.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';

/** An event with Celery's own field names; every value but `type` is unknown until checked. */
export type RawEvent = { type: string; [field: string]: unknown };
export type CeleryEvent = RawEvent;

/** `rejected` counts the items that are no events. */
export type DecodedEvents = { events: RawEvent[]; rejected: number };

const MAX_FIELD_DEPTH = 64;

export function decodeEvents(body: Buffer | string, contentType: string): Decoded<DecodedEvents> {
  const payload = readPayload(body, contentType);
  if (!payload.ok) return payload;
  const items: unknown[] = Array.isArray(payload.value) ? payload.value : [payload.value];
  const events: RawEvent[] = [];
  for (const item of items) {
    if (isRawEvent(item)) events.push(item);
  }
  return decoded({ events, rejected: items.length - events.length });
}

function readPayload(body: Buffer | string, contentType: string): Decoded<unknown> {
  if (contentType !== 'application/json' && contentType !== '') {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    return unwrapped(decodeBody(bytes, { contentType, contentEncoding: 'utf-8' }));
  }
  const text = typeof body === 'string' ? body : body.toString('utf8');
  if (typeof body !== 'string' && text.includes('\ufffd') && !isUtf8(body)) {
    return undecodable('not_utf8', 'The event is not UTF-8');
  }
  try {
    return decoded(JSON.parse(text) as unknown);
  } catch {
    return unwrapped(decodeKombuJson(text));
  }
}

function unwrapped(read: Decoded<PyValue>): Decoded<unknown> {
  return read.ok ? decoded(withNumbers(read.value)) : read;
}

/** Floats that are integral as the quick path has them: numbers. */
function withNumbers(value: PyValue): PyValue {
  if (value instanceof PyFloat) return value.value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (!isPyDict(value)) return value;
  const dict: PyDict = {};
  for (const [key, item] of Object.entries(value)) setKey(dict, key, withNumbers(item));
  return dict;
}

function isRawEvent(item: unknown): item is RawEvent {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return false;
  if (!('type' in item) || typeof item.type !== 'string' || item.type === '') return false;
  return !isDeeperThan(item, MAX_FIELD_DEPTH);
}

/** What every event carries besides its own fields. */
export type EventSender = {
  hostname: string;
  pid: number;
  clock: number | null;
  /** Epoch milliseconds; travels as float seconds. */
  sentAt: number;
};

export type EncodedEvents = {
  routingKey: string;
  body: string;
  headers: { hostname: string };
} & BodyFormat;

export function createEvent(
  type: string,
  sender: EventSender,
  fields: Record<string, PyValue> = {},
): RawEvent {
  return {
    hostname: sender.hostname,
    utcoffset: pyFloat(0),
    pid: sender.pid,
    clock: sender.clock,
    ...fields,
    timestamp: pyFloat(sender.sentAt / 1000),
    type,
  };
}

/** The body of a `task.multi` message. */
export function encodeEventBatch(events: readonly RawEvent[]): string {
  return encodeKombuJson([...events] as PyValue[]);
}

/** The message for one event as `worker-*` and `task-sent` travel, ready to publish. */
export function encodeSingleEvent(event: RawEvent): EncodedEvents {
  return {
    routingKey: eventRoutingKey(event.type),
    body: encodeKombuJson(event as PyValue),
    headers: { hostname: typeof event['hostname'] === 'string' ? event['hostname'] : '' },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
  };
}

export const MULTI_ROUTING_KEY = 'task.multi';
/** How many events a worker puts into one `task.multi` message at most. */
export const MULTI_BATCH_SIZE = 24;

/** `task-sent` travels with routing key `task.sent`. */
export function eventRoutingKey(type: string): string {
  return type.replaceAll('-', '.');
}
