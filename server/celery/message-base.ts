// The parts of a task message that both protocols share: what headers and properties tell, and how
// arguments and what follows the task are taken from a body. Mirrors celery.worker.request.

import { isPyDict, PyTuple, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decoded, type Decoded } from './decoded.ts';
import {
  booleanOrNull,
  dictOrEmpty,
  integerOrNull,
  isoToMs,
  numberOrNull,
  textOrNull,
  toPyValue,
} from './fields.ts';
import type { TaskEmbed, TaskMessage, WireMessage } from './message.ts';
import { decodeSignature, decodeSignatures } from './signature.ts';

/** Headers of protocol 2; every other one is the caller's own. */
export const TASK_HEADERS: ReadonlySet<string> = new Set([
  'lang',
  'task',
  'id',
  'shadow',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'argsrepr',
  'kwargsrepr',
  'origin',
  'ignore_result',
  'replaced_task_nesting',
  'stamped_headers',
  'stamps',
  'compression',
  'redelivered',
]);

export type TaskBody = Pick<TaskMessage, 'args' | 'kwargs' | 'embed' | 'bodyIssue'>;

export function unreadable(reason: string): TaskBody {
  return { args: null, kwargs: null, embed: null, bodyIssue: reason };
}

export function withArguments(args: PyValue, kwargs: PyValue, embed: PyDict): TaskBody {
  const items = args instanceof PyTuple ? [...args.items] : args;
  if (!Array.isArray(items)) return unreadable('The arguments are not a list');
  if (!isPyDict(kwargs)) return unreadable('The keyword arguments are not an object');
  const links = readEmbed(embed);
  return {
    args: items,
    kwargs,
    embed: links.ok ? links.value : null,
    bodyIssue: links.ok ? null : `What follows the task cannot be read: ${links.message}`,
  };
}

function readEmbed(embed: PyDict): Decoded<TaskEmbed> {
  const callbacks = decodeSignatures(embed['callbacks'], 'embed.callbacks');
  if (!callbacks.ok) return callbacks;
  const errbacks = decodeSignatures(embed['errbacks'], 'embed.errbacks');
  if (!errbacks.ok) return errbacks;
  const chain = decodeSignatures(embed['chain'], 'embed.chain');
  if (!chain.ok) return chain;
  const raw = embed['chord'];
  const chord = raw === null || raw === undefined ? null : decodeSignature(raw, 'embed.chord');
  if (chord !== null && !chord.ok) return chord;
  return decoded({
    callbacks: callbacks.value,
    errbacks: errbacks.value,
    chain: chain.value,
    chord: chord === null ? null : chord.value,
  });
}

export type TaskIdentity = Pick<TaskMessage, 'id' | 'name' | 'protocol'>;

/** The whole message, as both protocols make it of headers, properties and what they read in the body. */
export function taskMessageOf(
  { id, name, protocol }: TaskIdentity,
  headers: Readonly<Record<string, unknown>>,
  message: WireMessage,
  body: TaskBody,
): TaskMessage {
  const { properties } = message;
  return {
    id,
    name,
    lang: textOrNull(headers['lang']),
    shadow: textOrNull(headers['shadow']),
    args: body.args,
    kwargs: body.kwargs,
    embed: body.embed,
    bodyIssue: body.bodyIssue,
    protocol,
    retries: Math.max(0, integerOrNull(headers['retries']) ?? 0),
    etaAt: isoToMs(toPyValue(headers['eta'])),
    expiresAt: isoToMs(toPyValue(headers['expires'])),
    group: textOrNull(headers['group']),
    groupIndex: integerOrNull(headers['group_index']),
    timeLimit: timeLimitOf(headers['timelimit']),
    rootId: textOrNull(headers['root_id']),
    parentId: textOrNull(headers['parent_id']),
    argsRepr: textOrNull(headers['argsrepr']),
    kwargsRepr: textOrNull(headers['kwargsrepr']),
    origin: textOrNull(headers['origin']),
    ignoreResult: booleanOrNull(headers['ignore_result']),
    replacedTaskNesting: integerOrNull(headers['replaced_task_nesting']) ?? 0,
    stampedHeaders: namesOf(headers['stamped_headers']),
    stamps: dictOrEmpty(toPyValue(headers['stamps'])),
    customHeaders: customHeadersOf(headers),
    correlationId: properties.correlationId ?? null,
    replyTo: properties.replyTo ?? null,
    priority: properties.priority ?? null,
    deliveryMode: properties.deliveryMode ?? null,
    contentType: message.contentType,
    contentEncoding: message.contentEncoding,
    compression: textOrNull(headers['compression']),
    exchange: properties.exchange ?? null,
    routingKey: properties.routingKey ?? null,
    redelivered: booleanOrNull(headers['redelivered']) ?? properties.redelivered ?? null,
    bodyBytes: message.body.byteLength,
  };
}

/** [hard, soft] */
export function timeLimitOf(value: unknown): TaskMessage['timeLimit'] {
  if (!Array.isArray(value)) return null;
  return [numberOrNull(value[0]), numberOrNull(value[1])];
}

function namesOf(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter((name): name is string => typeof name === 'string');
}

function customHeadersOf(headers: Readonly<Record<string, unknown>>): PyDict {
  const custom: PyDict = {};
  for (const key of Object.keys(headers)) {
    if (!TASK_HEADERS.has(key)) setKey(custom, key, toPyValue(headers[key]));
  }
  return custom;
}
