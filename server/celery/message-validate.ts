// Names what in a message would end a Python worker's process or lose the message there: some
// malformed messages kill every worker that takes them. Asked before anything is published.

import { isPyDict, type PyValue } from '../../lib/python/values.ts';
import { decodeMessageBody } from './codec/body.ts';
import { PICKLE_CONTENT_TYPE } from './codec/serializer.ts';
import { isoToMs } from './fields.ts';
import type { WireMessage } from './message.ts';

/** What its writer put into a body. */
export type WrittenBody = { args: PyValue; kwargs: PyValue };

/**
 * One sentence per trouble; an empty list means that the message is safe to send. `written`: by whom encoded the message himself; the body is
 * not read again then.
 */
export function validateTaskMessage(message: WireMessage, written?: WrittenBody): string[] {
  const troubles = headerTroubles(message.headers);
  if (written === undefined) return [...troubles, ...bodyTroubles(message)];
  return [...troubles, ...argumentTroubles(written.args, written.kwargs)];
}

function headerTroubles(headers: Record<string, unknown>): string[] {
  const troubles: string[] = [];
  if (typeof headers['task'] !== 'string' || headers['task'] === '') {
    troubles.push('The header task has to name the task.');
  }
  if (typeof headers['id'] !== 'string' || headers['id'] === '') {
    troubles.push('The header id has to be the id of the task: workers without it end.');
  }
  for (const name of ['eta', 'expires']) {
    const value = headers[name];
    if (value !== undefined && value !== null && isoToMs(value) === null) {
      troubles.push(`The header ${name} has to be an ISO 8601 time.`);
    }
  }
  const limit = headers['timelimit'];
  if (limit !== undefined && limit !== null && (!Array.isArray(limit) || limit.length !== 2)) {
    troubles.push('The header timelimit has to be a list of two.');
  }
  return troubles;
}

function bodyTroubles(message: WireMessage): string[] {
  if (message.contentType === PICKLE_CONTENT_TYPE) {
    return ['A pickled body is never written.'];
  }
  const body = decodeMessageBody(message);
  if (!body.ok) return [`The body cannot be read: ${body.message}.`];
  const { value } = body;
  if (!Array.isArray(value) || value.length !== 3) {
    return ['The body has to be a list of three, [args, kwargs, embed]: workers end otherwise.'];
  }
  const [args, kwargs, embed] = value;
  const troubles = argumentTroubles(args, kwargs);
  if (embed !== null && !isPyDict(embed)) {
    troubles.push('The third part of the body has to be an object or null.');
  }
  return troubles;
}

function argumentTroubles(args: PyValue | undefined, kwargs: PyValue | undefined): string[] {
  const troubles: string[] = [];
  if (!Array.isArray(args)) troubles.push('The first part of the body has to be a list.');
  if (!isPyDict(kwargs)) troubles.push('The second part of the body has to be an object.');
  return troubles;
}
