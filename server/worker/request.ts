// One task that this worker holds: the message, the delivery to settle, and where it stands. States: received → scheduled
// (eta) → limited (rate) → reserved (waits for the pool) → active → done.
import { setMaxListeners } from 'node:events';
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import { toPlain } from '../../lib/python/values.ts';
import { shortRepr } from '../../lib/python/repr.ts';
import { secondsToMs } from '../celery/fields.ts';
import type { Delivery } from '../broker/transport.ts';
import type { Member } from '../core/roster.ts';
import type { TaskMessage } from '../celery/message.ts';
import type { ResultTuple } from '../celery/result-meta.ts';
import type { TaskOptions, TaskRequest } from '../client/task-types.ts';
import type { JobLimits } from './pool/messages.ts';

export type HeldRequest = Member & {
  /** Of this delivery; the task's id may come again. */
  key: number;
  message: TaskMessage & { args: PyValue[]; kwargs: PyDict };
  delivery: Delivery;
  options: TaskOptions;
  state: 'received' | 'scheduled' | 'limited' | 'reserved' | 'active' | 'done';
  acknowledged: boolean;
  startedAt: number | null;
  /** Of the pool process that runs it. */
  pid: number | null;
  children: ResultTuple[];
  /** Aborts when the worker does not want to wait any more. */
  hurry: AbortSignal;
};

/** As many may wait as there are tasks. */
export function createHurry(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** What is acknowledged nobody else does: it takes its time. */
export function hurryOf({ acknowledged, hurry }: HeldRequest): AbortSignal | undefined {
  return acknowledged ? undefined : hurry;
}

export function displayName({ message }: HeldRequest): string {
  return message.shadow ?? message.name;
}

/** How long it may run: what its message says goes before its type as it is now, and that before the worker's own. */
export function limitsOf(
  { message }: HeldRequest,
  options: TaskOptions,
  own: JobLimits,
): JobLimits {
  const [hard, soft] = message.timeLimit ?? [null, null];
  return {
    softTimeLimitMs: soft === null ? (options.softTimeLimitMs ?? own.softTimeLimitMs) : soft * 1000,
    timeLimitMs: hard === null ? (options.timeLimitMs ?? own.timeLimitMs) : hard * 1000,
  };
}

/** What a task sees of its request. */
export function toTaskRequest({ message, delivery }: HeldRequest, hostname: string): TaskRequest {
  return {
    id: message.id,
    name: message.name,
    args: message.args.map(toPlain),
    kwargs: toPlain(message.kwargs) as Record<string, unknown>,
    retries: message.retries,
    rootId: message.rootId,
    parentId: message.parentId,
    groupId: message.group,
    hostname,
    etaAt: message.etaAt,
    expiresAt: message.expiresAt,
    headers: toPlain(message.customHeaders) as Record<string, unknown>,
    deliveryInfo: {
      exchange: message.exchange,
      routingKey: message.routingKey ?? delivery.queue,
      priority: message.priority,
      redelivered: message.redelivered ?? false,
    },
    groupIndex: message.groupIndex,
    correlationId: message.correlationId,
    replyTo: message.replyTo,
    origin: message.origin,
    shadow: message.shadow,
    ignoreResult: message.ignoreResult ?? false,
    isEager: false,
    timeLimitMs: secondsToMs(message.timeLimit?.[0]),
    softTimeLimitMs: secondsToMs(message.timeLimit?.[1]),
    callbacks: message.embed?.callbacks ?? [],
    errbacks: message.embed?.errbacks ?? [],
    chain: message.embed?.chain ?? [],
    chord: message.embed?.chord ?? null,
    replacedTaskNesting: message.replacedTaskNesting,
    children: [],
    stampedHeaders: message.stampedHeaders ?? [],
    stamps: toPlain(message.stamps) as Record<string, unknown>,
  };
}

/** Celery's task info, as `active`, `reserved` and others answer. */
export function toTaskInfo(held: HeldRequest, hostname: string, safe: boolean): PyDict {
  const { message, delivery } = held;
  return {
    id: message.id,
    name: displayName(held),
    args: safe ? (message.argsRepr ?? shortRepr(message.args)) : message.args,
    kwargs: safe ? (message.kwargsRepr ?? shortRepr(message.kwargs)) : message.kwargs,
    type: message.name,
    hostname,
    time_start: held.startedAt === null ? null : held.startedAt / 1000,
    acknowledged: held.acknowledged,
    delivery_info: {
      exchange: message.exchange ?? '',
      routing_key: message.routingKey ?? delivery.queue,
      priority: message.priority ?? 0,
      redelivered: message.redelivered ?? false,
    },
    worker_pid: held.state === 'active' ? (held.pid ?? process.pid) : null,
  };
}
