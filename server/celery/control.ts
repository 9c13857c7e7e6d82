// Remote control as it travels: requests on the pidbox exchange, one reply message per worker.
// Mirrors kombu.pidbox. Waits for nothing and knows no transport; what the replies to inspect
// commands mean is read in inspect.ts.

import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decodeMessageBody } from './codec/body.ts';
import { encodeBody } from './codec/serializer.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import { dictOrEmpty, integerOrNull, listOrEmpty, numberOrNull, textOrNull } from './fields.ts';
import type { WireMessage } from './message.ts';

export * from './inspect.ts';
export { decodeHello, encodeHello, type Hello } from './hello.ts';

export const REPLY_EXCHANGE = 'reply.celery.pidbox';

export type ControlRequest = {
  method: string;
  arguments: PyDict;
  /** Worker names; `null` is every worker (or those that `pattern` matches). */
  destination: string[] | null;
  pattern: string | null;
  matcher: string | null;
  /** Both only when a reply is wanted. */
  ticket: string | null;
  replyTo: { exchange: string; routingKey: string } | null;
  clock: number | null;
  /** Send time plus timeout; workers do not check it. */
  expiresAt: number | null;
};

export function createControlRequest(
  method: string,
  parts: Partial<Omit<ControlRequest, 'method'>> = {},
): ControlRequest {
  return {
    method,
    arguments: parts.arguments ?? {},
    destination: parts.destination ?? null,
    pattern: parts.pattern ?? null,
    matcher: parts.matcher ?? null,
    ticket: parts.ticket ?? null,
    replyTo: parts.replyTo ?? null,
    clock: parts.clock ?? null,
    expiresAt: parts.expiresAt ?? null,
  };
}

/** The message for the pidbox exchange; `serializer` follows the workers' `task_serializer`. */
export function encodeControlRequest(request: ControlRequest, serializer = 'json'): WireMessage {
  const body: PyDict = {
    method: request.method,
    arguments: request.arguments,
    destination: request.destination,
    pattern: request.pattern,
    matcher: request.matcher,
  };
  if (request.ticket !== null) body['ticket'] = request.ticket;
  if (request.replyTo !== null) {
    body['reply_to'] = {
      exchange: request.replyTo.exchange,
      routing_key: request.replyTo.routingKey,
    };
  }
  return {
    headers: {
      clock: request.clock ?? 1,
      expires: request.expiresAt === null ? 0 : request.expiresAt / 1000,
    },
    properties: { deliveryMode: 2 },
    ...encodeBody(body, serializer),
  };
}

export function decodeControlRequest(message: WireMessage): Decoded<ControlRequest> {
  const body = decodeMessageBody(message);
  if (!body.ok) return body;
  if (!isPyDict(body.value)) return undecodable('not_a_request', 'A request is an object');
  const { method, destination, reply_to: replyTo } = body.value;
  if (typeof method !== 'string') {
    return undecodable('not_a_request', 'A request names its method', 'method');
  }
  const reply = dictOrEmpty(replyTo);
  const exchange = textOrNull(reply['exchange']);
  const routingKey = textOrNull(reply['routing_key']);
  const expires = numberOrNull(message.headers['expires']);
  return decoded({
    method,
    arguments: dictOrEmpty(body.value['arguments']),
    destination: destinationOf(destination),
    pattern: textOrNull(body.value['pattern']),
    matcher: textOrNull(body.value['matcher']),
    ticket: textOrNull(body.value['ticket']),
    replyTo: exchange === null || routingKey === null ? null : { exchange, routingKey },
    clock: integerOrNull(message.headers['clock']),
    expiresAt: expires === null || expires === 0 ? null : Math.round(expires * 1000),
  });
}

function destinationOf(value: PyValue | undefined): string[] | null {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return null;
  return listOrEmpty(value).filter((name): name is string => typeof name === 'string');
}

/** Whether the worker of this name has to act on the request. */
export function isAddressedTo(request: ControlRequest, worker: string): boolean {
  if (request.destination !== null && request.destination.length > 0) {
    return request.destination.includes(worker);
  }
  if (request.pattern === null || request.matcher === null) return true;
  return request.matcher === 'glob' && globMatches(request.pattern, worker);
}

/** `*` and `?` of Python's fnmatch; bounded work for any pattern. */
function globMatches(pattern: string, name: string): boolean {
  let reached = new Set([0]);
  for (const sign of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (sign === '*') for (let end = at; end <= name.length; end += 1) next.add(end);
      else if (at < name.length && (sign === '?' || name[at] === sign)) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(name.length);
}

export type ControlReply = {
  worker: string;
  value: PyValue;
  ticket: string | null;
  clock: number | null;
};

export function encodeControlReply(reply: ControlReply, serializer = 'json'): WireMessage {
  return {
    headers: { ticket: reply.ticket, clock: reply.clock },
    properties: { deliveryMode: 1 },
    ...encodeBody({ [reply.worker]: reply.value }, serializer),
  };
}

export function decodeControlReply(message: WireMessage): Decoded<ControlReply> {
  const body = decodeMessageBody(message);
  if (!body.ok) return body;
  if (!isPyDict(body.value)) return undecodable('not_a_reply', 'A reply is an object');
  const [entry] = Object.entries(body.value);
  if (entry === undefined) return undecodable('not_a_reply', 'A reply names its worker');
  const [worker, value] = entry;
  return decoded({
    worker,
    value,
    ticket: textOrNull(message.headers['ticket']),
    clock: integerOrNull(message.headers['clock']),
  });
}

/** What a command without data answered: its own words, or its error. */
export type CommandAnswer = { ok: true; text: string } | { ok: false; error: string };

/** `null` when the reply is data and not `{"ok": …}` or `{"error": …}`. */
export function commandAnswer(value: PyValue): CommandAnswer | null {
  if (!isPyDict(value)) return null;
  if (typeof value['error'] === 'string') return { ok: false, error: value['error'] };
  return typeof value['ok'] === 'string' ? { ok: true, text: value['ok'] } : null;
}
