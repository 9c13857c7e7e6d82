// One message as kombu's virtual transports store it: a JSON envelope around a base64 body, and the
// triple under which Redis keeps an unacknowledged one. Never looks inside the body.

import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decodeKombuJson, encodeKombuJson } from './codec/kombu-json.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import type { WireMessage } from './message.ts';
import { propertiesFrom } from './properties.ts';

export type EnvelopeTarget = {
  exchange: string;
  routingKey: string;
  /** A fresh UUID unless given. */
  deliveryTag?: string;
};

export function encodeEnvelope(message: WireMessage, target: EnvelopeTarget): string {
  const { properties } = message;
  const own: PyDict = { ...((properties.extra ?? {}) as PyDict) };
  if (properties.correlationId !== undefined) own['correlation_id'] = properties.correlationId;
  if (properties.replyTo !== undefined) own['reply_to'] = properties.replyTo;
  if (properties.expiration !== undefined) own['expiration'] = properties.expiration;
  own['delivery_mode'] = properties.deliveryMode ?? 2;
  const info: PyDict = { exchange: target.exchange, routing_key: target.routingKey };
  if (typeof properties.redelivered === 'boolean') info['redelivered'] = properties.redelivered;
  own['delivery_info'] = info;
  own['priority'] = properties.priority ?? 0;
  own['body_encoding'] = 'base64';
  own['delivery_tag'] =
    target.deliveryTag ?? properties.deliveryTag ?? globalThis.crypto.randomUUID();
  return encodeKombuJson({
    body: message.body.toString('base64'),
    'content-encoding': message.contentEncoding,
    'content-type': message.contentType,
    headers: message.headers as PyDict,
    properties: own,
  });
}

/** Never throws. A message without `delivery_tag` or `delivery_info` is read all the same. */
export function decodeEnvelope(input: string | Buffer): Decoded<WireMessage> {
  const parsed = readEnvelope(input);
  return parsed.ok ? fromEnvelope(parsed.value) : parsed;
}

function fromEnvelope(envelope: PyValue): Decoded<WireMessage> {
  if (!isPyDict(envelope)) return undecodable('not_an_envelope', 'An envelope is an object');
  const { headers, properties, body } = envelope;
  if (headers !== undefined && headers !== null && !isPyDict(headers)) {
    return undecodable('not_an_envelope', 'headers is an object', 'headers');
  }
  if (properties !== undefined && properties !== null && !isPyDict(properties)) {
    return undecodable('not_an_envelope', 'properties is an object', 'properties');
  }
  const bytes = readBody(body, (properties ?? {})['body_encoding']);
  if (!bytes.ok) return bytes;
  return decoded({
    headers: headers ?? {},
    properties: propertiesFrom(properties ?? {}),
    contentType: text(envelope['content-type']),
    contentEncoding: text(envelope['content-encoding']),
    body: bytes.value,
  });
}

/**
 * kombu writes the body first. It is cut out before the rest is read: it is long, needs no JSON
 * reader, and in the search for JSON's traps it may look like one.
 */
function readEnvelope(input: string | Buffer): Decoded<PyValue> {
  const source = typeof input === 'string' ? input : input.toString('utf8');
  if (!source.startsWith('{"body":')) return decodeKombuJson(input);
  const open = source.indexOf('"', BODY_KEY_LENGTH);
  const close = source.indexOf('"', open + 1);
  const between = source.slice(BODY_KEY_LENGTH, open);
  if (open < 0 || close < 0 || between.trim() !== '') return decodeKombuJson(input);
  const body = source.slice(open + 1, close);
  const rest = source.slice(0, open + 1) + source.slice(close);
  if (body.includes('\\') || source.includes('\ufffd')) return decodeKombuJson(input);
  const parsed = decodeKombuJson(rest);
  if (!parsed.ok || !isPyDict(parsed.value) || parsed.value['body'] !== '') {
    return decodeKombuJson(input);
  }
  parsed.value['body'] = body;
  return parsed;
}

const BODY_KEY_LENGTH = '{"body":'.length;

function readBody(body: PyValue | undefined, encoding: PyValue | undefined): Decoded<Buffer> {
  if (typeof body !== 'string') {
    return undecodable('not_an_envelope', 'The body of an envelope is text', 'body');
  }
  if (encoding !== 'base64') return decoded(Buffer.from(body, 'utf8'));
  const bytes = Buffer.from(body, 'base64');
  const isWhole = bytes.length === Buffer.byteLength(body, 'base64');
  if (!isWhole && !/^[A-Za-z0-9+/\s]*={0,2}\s{0,4}$/.test(body)) {
    return undecodable('not_base64', 'The body is not base64', 'body');
  }
  return decoded(bytes);
}

function text(value: PyValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A member of the hash `unacked`. */
export type UnackedMessage = {
  message: WireMessage;
  exchange: string;
  routingKey: string;
};

export function decodeUnacked(input: string | Buffer): Decoded<UnackedMessage> {
  const triple = decodeKombuJson(input);
  if (!triple.ok) return triple;
  if (!Array.isArray(triple.value)) return undecodable('not_unacked', 'A triple is expected');
  const [envelope, exchange, routingKey] = triple.value;
  if (typeof exchange !== 'string' || typeof routingKey !== 'string' || envelope === undefined) {
    return undecodable('not_unacked', 'Envelope, exchange and routing key are expected');
  }
  const message = typeof envelope === 'string' ? decodeEnvelope(envelope) : fromEnvelope(envelope);
  return message.ok ? decoded({ message: message.value, exchange, routingKey }) : message;
}

/** `envelope` is the text of `encodeEnvelope`, stored as a JSON object inside the triple. */
export function encodeUnacked(envelope: string, exchange: string, routingKey: string): string {
  return `[${envelope}, ${encodeKombuJson(exchange)}, ${encodeKombuJson(routingKey)}]`;
}
