// Writes task messages of protocol 2 the way Celery's own client does: all headers, defaults filled
// in, arguments repeated as Python text for monitors. Mirrors celery.app.amqp.AMQP.as_task_v2.

import { shortRepr } from '../../lib/python/repr.ts';
import { PyTuple, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';

import { compress, compressionMime } from './codec/compressor.ts';
import { encodeBody } from './codec/serializer.ts';
import { EncodingError } from './encoding-error.ts';
import { msToIso } from './fields.ts';
import type {
  MessageProperties,
  TaskEmbed,
  TaskEncoding,
  TaskMessageDraft,
  WireMessage,
} from './message.ts';
import { encodeSignature, type Signature } from './signature.ts';

/** RabbitMQ refuses a message with more; the worker looks at `expires` in the headers all the same. */
const MAX_EXPIRATION_MS = 2 ** 32 - 1;

/** Throws an `EncodingError` when a value, the serializer or the compression cannot be written. */
export function encodeTaskMessage(task: TaskMessageDraft, options: TaskEncoding = {}): WireMessage {
  const id = task.id ?? globalThis.crypto.randomUUID();
  const args = task.args ?? [];
  const kwargs = task.kwargs ?? {};
  const headers: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(task.customHeaders ?? {})) {
    setKey(headers, key, value);
  }
  Object.assign(headers, taskHeaders(task, id), {
    argsrepr: task.argsRepr ?? shortRepr(new PyTuple(args)),
    kwargsrepr: task.kwargsRepr ?? shortRepr(kwargs),
  });
  const body = writeBody([args, kwargs, embedOf(task.embed ?? {})], options.serializer ?? 'json');
  if (options.compression === undefined || options.compression === null) {
    return { headers, properties: propertiesOf(task, id), ...body };
  }
  const compressed = compress(body.body, options.compression);
  if (!compressed.ok) throw new EncodingError('unsupported', compressed.message);
  headers['compression'] = compressionMime(options.compression);
  return { headers, properties: propertiesOf(task, id), ...body, body: compressed.value };
}

function taskHeaders(task: TaskMessageDraft, id: string): PyDict {
  const { etaAt = null, expiresAt = null } = task;
  return {
    lang: 'py',
    task: task.name,
    id,
    shadow: task.shadow ?? null,
    eta: etaAt === null ? null : msToIso(etaAt),
    expires: expiresAt === null ? null : msToIso(expiresAt),
    group: task.group ?? null,
    group_index: task.groupIndex ?? null,
    retries: task.retries ?? 0,
    timelimit: task.timeLimit ?? [null, null],
    root_id: task.rootId ?? id,
    parent_id: task.parentId ?? null,
    origin: task.origin ?? null,
    ignore_result: task.ignoreResult ?? false,
    replaced_task_nesting: task.replacedTaskNesting ?? 0,
    stamped_headers: task.stampedHeaders ?? null,
    stamps: task.stamps ?? {},
  };
}

function writeBody(body: PyValue, serializer: string): ReturnType<typeof encodeBody> {
  try {
    return encodeBody(body, serializer);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new EncodingError('bad_request', `The arguments cannot be sent: ${error.message}`, {
      cause: error,
    });
  }
}

function embedOf(embed: Partial<TaskEmbed>): PyDict {
  return {
    callbacks: signaturesOf(embed.callbacks),
    errbacks: signaturesOf(embed.errbacks),
    chain: signaturesOf(embed.chain),
    chord: embed.chord ? encodeSignature(embed.chord) : null,
  };
}

function signaturesOf(signatures: Signature[] | null | undefined): PyValue {
  return signatures ? signatures.map(encodeSignature) : null;
}

function propertiesOf(task: TaskMessageDraft, id: string): MessageProperties {
  const properties: MessageProperties = {
    correlationId: id,
    replyTo: task.replyTo ?? '',
    deliveryMode: task.deliveryMode ?? 2,
  };
  if (task.priority !== null && task.priority !== undefined) properties.priority = task.priority;
  if (task.exchange !== undefined) properties.exchange = task.exchange;
  if (task.routingKey !== undefined) properties.routingKey = task.routingKey;
  if (task.expiresAt !== null && task.expiresAt !== undefined && task.sentAt !== undefined) {
    const ms = Math.max(0, Math.floor(task.expiresAt - task.sentAt));
    if (ms <= MAX_EXPIRATION_MS) properties.expiration = String(ms);
  }
  return properties;
}
