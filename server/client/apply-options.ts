// Options of one call, in our words and in Celery's (the `options` of a signature). Pure translation.
import { isPyDict, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { integerOrNull, isoToMs, msToIso, numberOrNull, textOrNull } from '../celery/fields.ts';
import { decodeSignature, encodeSignature, type Signature } from '../celery/signature.ts';
import type { PublishRetryPolicy } from './publish-retry.ts';

/** Options of a call; each stands for the one of Celery's of that name. Times are epoch milliseconds. */
export type ApplyOptions = {
  /** Keyword arguments. */
  kwargs?: Readonly<Record<string, unknown>>;
  /** Default: a new one. */
  taskId?: string;
  /** Runs so much later. */
  countdownMs?: number;
  /** Runs not before. */
  etaAt?: number;
  /** Is not run after; it ends as REVOKED then. */
  expiresAt?: number;
  /** Comes before the task's own queue and before routes. */
  queue?: string;
  /** Instead of a queue: where the message is published. */
  exchange?: string;
  /** With an exchange, or a topic queue. */
  routingKey?: string;
  /** On Redis the lowest is served first, on RabbitMQ the highest. */
  priority?: number;
  /** Of the caller's own; the task finds them in `request.headers`. */
  headers?: PyDict;
  /** The name that logs and monitors show. */
  shadow?: string;
  /** json, yaml or msgpack. */
  serializer?: string;
  /** gzip (or zlib) or brotli. */
  compression?: string;
  /** Called with the result when it succeeded. */
  link?: Signature | Signature[];
  /** Called when it failed. */
  linkError?: Signature | Signature[];
  /** Aborts the task's signal after so long. */
  softTimeLimitMs?: number;
  /** Ends the thread or process that runs it after so long. */
  timeLimitMs?: number;
  /** Stores no result. */
  ignoreResult?: boolean;
  /** Whether sending is tried again when the broker is away. Default: `task_publish_retry`. */
  retry?: boolean;
  /** How; what it leaves out is as `task_publish_retry_policy` says. */
  retryPolicy?: PublishRetryPolicy;
  /** Attempts made before. */
  retries?: number;
  /** The queue that rpc:// results go to. */
  replyTo?: string;
  /** The first task of the workflow. Default: itself. */
  rootId?: string;
  /** The task that sends it. */
  parentId?: string;
  /** The group that it is a member of. */
  groupId?: string;
  /** Its place there. */
  groupIndex?: number;
  /** The body of the chord that the task is a member of. */
  chord?: Signature;
  /** Reversed: the next step is the last element. */
  chain?: Signature[];
  /** How many tasks it takes the place of. */
  replacedTaskNesting?: number;
  /** Names of its stamps. */
  stampedHeaders?: string[];
  /** Stamps by name. */
  stamps?: PyDict;
};

/** Options of a call that runs in the process that makes it. */
export type EagerOptions = ApplyOptions & {
  /** What it fails with is thrown at once (Celery's `throw`). Default: `task_eager_propagates`. */
  propagate?: boolean;
};

function list(value: Signature | Signature[] | undefined): Signature[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function signatureList(value: Signature | Signature[] | undefined): Signature[] | null {
  const signatures = list(value);
  return signatures.length === 0 ? null : signatures;
}

export function toCeleryOptions(options: ApplyOptions): PyDict {
  const out: PyDict = {};
  const put = (key: string, value: PyValue | undefined) => {
    if (value !== undefined) out[key] = value;
  };
  put('task_id', options.taskId);
  put('countdown', options.countdownMs === undefined ? undefined : options.countdownMs / 1000);
  put('eta', options.etaAt === undefined ? undefined : msToIso(options.etaAt));
  put('expires', options.expiresAt === undefined ? undefined : msToIso(options.expiresAt));
  put('queue', options.queue);
  put('exchange', options.exchange);
  put('routing_key', options.routingKey);
  put('priority', options.priority);
  put('headers', options.headers);
  put('shadow', options.shadow);
  put('serializer', options.serializer);
  put('compression', options.compression);
  put('ignore_result', options.ignoreResult);
  put('retry', options.retry);
  put('retry_policy', options.retryPolicy === undefined ? undefined : { ...options.retryPolicy });
  put('reply_to', options.replyTo);
  put('root_id', options.rootId);
  put('parent_id', options.parentId);
  put('group_id', options.groupId);
  put('group_index', options.groupIndex);
  put('time_limit', options.timeLimitMs === undefined ? undefined : options.timeLimitMs / 1000);
  put(
    'soft_time_limit',
    options.softTimeLimitMs === undefined ? undefined : options.softTimeLimitMs / 1000,
  );
  put('link', signatureList(options.link)?.map(encodeSignature));
  put('link_error', signatureList(options.linkError)?.map(encodeSignature));
  put('chord', options.chord === undefined ? undefined : encodeSignature(options.chord));
  put('chain', options.chain?.map(encodeSignature));
  put('stamped_headers', options.stampedHeaders);
  for (const [key, value] of Object.entries(options.stamps ?? {})) setKey(out, key, value);
  return out;
}

function flag(value: PyValue | undefined): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

function signaturesOf(value: PyValue | undefined): Signature[] | undefined {
  if (value === undefined || value === null) return undefined;
  const items = Array.isArray(value) ? value : [value];
  const signatures = items.flatMap((item) => {
    const signature = decodeSignature(item);
    return signature.ok ? [signature.value] : [];
  });
  return signatures.length === 0 ? undefined : signatures;
}

export function fromCeleryOptions(options: PyDict): ApplyOptions {
  const out: ApplyOptions = {};
  const set = <K extends keyof ApplyOptions>(key: K, value: ApplyOptions[K] | null | undefined) => {
    if (value !== null && value !== undefined) out[key] = value;
  };
  const ms = (value: PyValue | undefined) => {
    const seconds = numberOrNull(value);
    return seconds === null ? null : seconds * 1000;
  };
  const expires = options['expires'];
  const queue = options['queue'];
  set('taskId', textOrNull(options['task_id']));
  set('countdownMs', ms(options['countdown']));
  set('etaAt', isoToMs(options['eta']));
  set('expiresAt', typeof expires === 'number' ? Date.now() + expires * 1000 : isoToMs(expires));
  set('queue', isPyDict(queue) ? textOrNull(queue['name']) : textOrNull(queue));
  set('exchange', textOrNull(options['exchange']));
  set('routingKey', textOrNull(options['routing_key']));
  set('priority', integerOrNull(options['priority']));
  set('headers', isPyDict(options['headers']) ? options['headers'] : null);
  set('shadow', textOrNull(options['shadow']));
  set('serializer', textOrNull(options['serializer']));
  set('compression', textOrNull(options['compression']));
  set('ignoreResult', flag(options['ignore_result']));
  set('retry', flag(options['retry']));
  set('retryPolicy', isPyDict(options['retry_policy']) ? options['retry_policy'] : null);
  set('replyTo', textOrNull(options['reply_to']));
  set('rootId', textOrNull(options['root_id']));
  set('parentId', textOrNull(options['parent_id']));
  set('groupId', textOrNull(options['group_id']));
  set('groupIndex', integerOrNull(options['group_index']));
  set('timeLimitMs', ms(options['time_limit']));
  set('softTimeLimitMs', ms(options['soft_time_limit']));
  set('link', signaturesOf(options['link']));
  set('linkError', signaturesOf(options['link_error']));
  set('chord', signaturesOf(options['chord'])?.[0]);
  set('chain', signaturesOf(options['chain']));
  const stamped = options['stamped_headers'];
  if (Array.isArray(stamped)) {
    const names = stamped.filter((name): name is string => typeof name === 'string');
    const stamps: PyDict = {};
    for (const name of names) setKey(stamps, name, options[name] ?? null);
    out.stampedHeaders = names;
    out.stamps = stamps;
  }
  return out;
}
