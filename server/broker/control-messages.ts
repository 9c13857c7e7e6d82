// Remote control between the transports' own types and Celery's messages: the request that goes out, what a worker makes
// of it, and the collection of replies until enough came or time is up. It must not know how messages travel.
import { randomUUID } from 'node:crypto';
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import {
  REPLY_EXCHANGE,
  createControlRequest,
  decodeControlReply,
  decodeControlRequest,
  encodeControlReply,
  encodeControlRequest,
  isAddressedTo,
} from '../celery/control.ts';
import type { WireMessage } from '../celery/message.ts';
import type { ControlDelivery, ControlReply, ControlRequest, GatherOptions } from './transport.ts';

export const MAX_REPLIES = 100_000;

export function toControlMessage(
  request: ControlRequest,
  wanted?: { oid: string; ticket: string; timeoutMs: number; replyExchange: string },
): WireMessage {
  return encodeControlRequest(
    createControlRequest(request.method, {
      arguments: request.arguments as PyDict,
      destination: request.destination === null ? null : [...request.destination],
      pattern: request.pattern?.text ?? null,
      matcher: request.pattern?.matcher ?? null,
      ...(wanted === undefined
        ? {}
        : {
            ticket: wanted.ticket,
            replyTo: { exchange: wanted.replyExchange, routingKey: wanted.oid },
            expiresAt: Date.now() + wanted.timeoutMs,
          }),
    }),
  );
}

export type ReplyRoute = { exchange: string; routingKey: string };

/** Null when the message is no request, or is not for this worker. */
export function toControlDelivery(
  message: WireMessage,
  hostname: string,
  send: (reply: WireMessage, to: ReplyRoute) => Promise<void>,
): ControlDelivery | null {
  const request = decodeControlRequest(message);
  if (!request.ok || !isAddressedTo(request.value, hostname)) return null;
  const { method, destination, pattern, matcher, replyTo, ticket } = request.value;
  return {
    request: {
      method,
      arguments: request.value.arguments,
      destination,
      ...(pattern !== null && (matcher === 'glob' || matcher === 'pcre')
        ? { pattern: { text: pattern, matcher } }
        : {}),
    },
    headers: message.headers,
    reply: async (value) => {
      if (replyTo === null) return;
      const reply = { worker: hostname, value: value as PyValue, ticket, clock: 1 };
      await send(encodeControlReply(reply), replyTo);
    },
  };
}

/** Collects the replies of one request. `take` is given every message that reaches the reply address. */
export function createGathering(
  request: ControlRequest,
  options: GatherOptions,
  replyExchange: string = REPLY_EXCHANGE,
) {
  const oid = randomUUID();
  const ticket = randomUUID();
  const replies: ControlReply[] = [];
  const expected = options.expected ?? request.destination?.length ?? Infinity;
  let isOver = false;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = () => {
      isOver = true;
      resolve();
    };
  });
  if (expected <= 0) finish();
  return {
    oid,
    ticket,
    replies,
    finish,
    /** Enough replied, or time is up: nobody reads any more. */
    isOver: () => isOver,
    message: () =>
      toControlMessage(request, { oid, ticket, timeoutMs: options.timeoutMs, replyExchange }),
    take(message: WireMessage): void {
      const reply = decodeControlReply(message);
      if (!reply.ok || reply.value.ticket !== ticket || replies.length >= MAX_REPLIES) return;
      const own: ControlReply = { hostname: reply.value.worker, value: reply.value.value };
      replies.push(own);
      options.onReply?.(own);
      if (replies.length >= expected) finish();
    },
    /** Resolves when enough replied, when time is up, or after `finish`. */
    async wait(): Promise<ControlReply[]> {
      const timer = setTimeout(finish, options.timeoutMs);
      await done;
      clearTimeout(timer);
      return replies;
    },
  };
}
