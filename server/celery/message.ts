// Task messages as our own types: what a message carries whatever transport brought it. Bytes and
// base64 of a broker stay outside. Mirrors celery.app.amqp (as_task_v2) and celery.worker.request.

import type { PyDict, PyValue } from '../../lib/python/values.ts';
import type { Signature } from './signature.ts';

/** AMQP basic properties (or what kombu's Redis transport puts in their place). */
export type MessageProperties = {
  correlationId?: string;
  replyTo?: string;
  deliveryMode?: number;
  priority?: number;
  /** Milliseconds as text, as AMQP has it. */
  expiration?: string;
  deliveryTag?: string;
  exchange?: string;
  routingKey?: string;
  /** `null` where the transport does not say. */
  redelivered?: boolean | null;
  /** Properties that are not AMQP's own, e.g. `periodic_task_name`. */
  extra?: Record<string, unknown>;
};

/** One message: serialised and possibly compressed bytes, never base64. */
export type WireMessage = {
  headers: Record<string, unknown>;
  properties: MessageProperties;
  contentType: string;
  contentEncoding: string;
  body: Buffer;
};

/** What follows the task. `chain` is reversed: the next step is its last element. */
export type TaskEmbed = {
  callbacks: Signature[] | null;
  errbacks: Signature[] | null;
  chain: Signature[] | null;
  chord: Signature | null;
};

export type TaskMessage = {
  id: string;
  name: string;
  lang: string | null;
  shadow: string | null;
  /** `null` when the body could not be read; `bodyIssue` says why. */
  args: PyValue[] | null;
  kwargs: PyDict | null;
  embed: TaskEmbed | null;
  bodyIssue: string | null;
  protocol: 1 | 2;
  retries: number;
  etaAt: number | null;
  expiresAt: number | null;
  group: string | null;
  groupIndex: number | null;
  /** [hard, soft], in seconds as Celery has them. */
  timeLimit: [number | null, number | null] | null;
  rootId: string | null;
  parentId: string | null;
  argsRepr: string | null;
  kwargsRepr: string | null;
  origin: string | null;
  ignoreResult: boolean | null;
  replacedTaskNesting: number;
  stampedHeaders: string[] | null;
  stamps: PyDict;
  /** Headers that are not Celery's own. */
  customHeaders: PyDict;
  correlationId: string | null;
  replyTo: string | null;
  priority: number | null;
  deliveryMode: number | null;
  contentType: string;
  contentEncoding: string;
  compression: string | null;
  exchange: string | null;
  routingKey: string | null;
  redelivered: boolean | null;
  /** Size of the body as it travelled: serialised, compressed, not base64. */
  bodyBytes: number;
};

/** The sender's part of a task message; everything but `name` has Celery's default. */
export type TaskMessageDraft = {
  name: string;
  /** A fresh UUID by default. */
  id?: string;
  args?: PyValue[];
  kwargs?: PyDict;
  embed?: Partial<TaskEmbed>;
  shadow?: string | null;
  retries?: number;
  etaAt?: number | null;
  expiresAt?: number | null;
  /** The sender's clock, needed only to compute `expiration` from `expiresAt`. */
  sentAt?: number;
  group?: string | null;
  groupIndex?: number | null;
  timeLimit?: [number | null, number | null] | null;
  /** The own id by default. */
  rootId?: string | null;
  parentId?: string | null;
  argsRepr?: string;
  kwargsRepr?: string;
  origin?: string | null;
  ignoreResult?: boolean | null;
  replacedTaskNesting?: number;
  stampedHeaders?: string[] | null;
  stamps?: PyDict;
  customHeaders?: PyDict;
  replyTo?: string | null;
  priority?: number | null;
  deliveryMode?: number;
  exchange?: string;
  routingKey?: string;
};

export type TaskMessageLimits = {
  /** Refuses bodies that inflate beyond this; 16 MiB by default. */
  maxOutputBytes?: number;
};

export type TaskEncoding = {
  /** `json` by default; also `yaml` and `msgpack`. */
  serializer?: string;
  /** A name or alias of `codec/compressor.ts`; none by default. */
  compression?: string | null;
};

export { decodeTaskMessage } from './message-decode.ts';
export { encodeTaskMessage } from './message-encode.ts';
export { validateTaskMessage } from './message-validate.ts';
