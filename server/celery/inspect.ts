// What the replies to inspect commands say, as our own types. Workers of many versions answer, so a
// field of another type is `null` and a whole reply of another shape is an error value.
// Mirrors celery.worker.control and the info() of its pools.

import { isPyDict, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decoded, undecodable, type DecodeFailure, type Decoded } from './decoded.ts';
import {
  booleanOrNull,
  dictOrEmpty,
  integerOrNull,
  isoToMs,
  listOrEmpty,
  secondsToMs,
  textOrNull,
} from './fields.ts';

export { decodeStats, type WorkerStats } from './inspect-stats.ts';

export type TaskInfo = {
  id: string;
  /** The shadow name where one is set; `type` is the registered name. */
  name: string;
  type: string | null;
  /** Values, or Python text when the command was asked with `safe`. */
  args: PyValue;
  kwargs: PyValue;
  hostname: string | null;
  startedAt: number | null;
  acknowledged: boolean | null;
  exchange: string | null;
  routingKey: string | null;
  priority: number | null;
  redelivered: boolean | null;
  workerPid: number | null;
};

/** The replies of `active` and `reserved`. Entries without an id are left out. */
export function decodeTaskInfos(value: PyValue): Decoded<TaskInfo[]> {
  if (!Array.isArray(value)) return refused(value, 'A list of tasks is expected');
  return decoded(value.flatMap((item) => taskInfo(item) ?? []));
}

function taskInfo(value: PyValue | undefined): TaskInfo | null {
  if (!isPyDict(value)) return null;
  const id = textOrNull(value['id']);
  if (id === null) return null;
  const delivery = dictOrEmpty(value['delivery_info']);
  const type = textOrNull(value['type']);
  return {
    id,
    name: textOrNull(value['name']) ?? type ?? '',
    type,
    args: value['args'] ?? null,
    kwargs: value['kwargs'] ?? null,
    hostname: textOrNull(value['hostname']),
    startedAt: secondsToMs(value['time_start']),
    acknowledged: booleanOrNull(value['acknowledged']),
    exchange: textOrNull(delivery['exchange']),
    routingKey: textOrNull(delivery['routing_key']),
    priority: integerOrNull(delivery['priority']),
    redelivered: booleanOrNull(delivery['redelivered']),
    workerPid: integerOrNull(value['worker_pid']),
  };
}

export type ScheduledTask = {
  etaAt: number | null;
  /** Of the worker's timer, not the message's. */
  timerPriority: number | null;
  request: TaskInfo;
};

export function decodeScheduled(value: PyValue): Decoded<ScheduledTask[]> {
  if (!Array.isArray(value)) return refused(value, 'A list of scheduled tasks is expected');
  const tasks: ScheduledTask[] = [];
  for (const item of value) {
    if (!isPyDict(item)) continue;
    const request = taskInfo(item['request']);
    if (request === null) continue;
    const etaAt = isoToMs(item['eta']);
    tasks.push({ etaAt, timerPriority: integerOrNull(item['priority']), request });
  }
  return decoded(tasks);
}

/** Where a worker has a task that was asked for by id. */
export type TaskPlace = { place: string; request: TaskInfo };

export function decodeQueryTask(value: PyValue): Decoded<Map<string, TaskPlace>> {
  if (!isPyDict(value)) return refused(value, 'An object of tasks is expected');
  const places = new Map<string, TaskPlace>();
  for (const [id, pair] of Object.entries(value)) {
    const [place, info] = listOrEmpty(pair);
    const request = taskInfo(info);
    if (typeof place === 'string' && request !== null) places.set(id, { place, request });
  }
  return decoded(places);
}

export function decodeRevoked(value: PyValue): Decoded<string[]> {
  if (!Array.isArray(value)) return refused(value, 'A list of task ids is expected');
  return decoded(value.filter((id): id is string => typeof id === 'string'));
}

/** A registered task type; `attributes` has those that are set, e.g. `rate_limit`. */
export type RegisteredTask = { name: string; attributes: Record<string, string> };

export function decodeRegistered(value: PyValue): Decoded<RegisteredTask[]> {
  if (!Array.isArray(value)) return refused(value, 'A list of task names is expected');
  const tasks: RegisteredTask[] = [];
  for (const item of value) {
    if (typeof item === 'string') tasks.push(registeredTask(item));
  }
  return decoded(tasks);
}

function registeredTask(text: string): RegisteredTask {
  const attributes: Record<string, string> = {};
  const open = text.indexOf(' [');
  if (open < 0 || !text.endsWith(']')) return { name: text, attributes };
  for (const part of text.slice(open + 2, -1).split(/ (?=\w+=)/)) {
    const equals = part.indexOf('=');
    if (equals > 0) setKey(attributes, part.slice(0, equals), part.slice(equals + 1));
  }
  return { name: text.slice(0, open), attributes };
}

export type ActiveQueue = {
  name: string;
  exchange: string;
  exchangeType: string | null;
  routingKey: string | null;
  durable: boolean | null;
  exclusive: boolean | null;
  autoDelete: boolean | null;
  noAck: boolean | null;
  maxPriority: number | null;
  maxLength: number | null;
  messageTtlMs: number | null;
  expiresMs: number | null;
  arguments: PyDict;
};

export function decodeActiveQueues(value: PyValue): Decoded<ActiveQueue[]> {
  if (!Array.isArray(value)) return refused(value, 'A list of queues is expected');
  const queues: ActiveQueue[] = [];
  for (const item of value) {
    if (!isPyDict(item)) continue;
    const name = textOrNull(item['name']);
    if (name !== null) queues.push(activeQueue(name, item));
  }
  return decoded(queues);
}

function activeQueue(name: string, item: PyDict): ActiveQueue {
  const exchange = dictOrEmpty(item['exchange']);
  const queueArguments = dictOrEmpty(item['queue_arguments']);
  return {
    name,
    exchange: textOrNull(exchange['name']) ?? '',
    exchangeType: textOrNull(exchange['type']),
    routingKey: textOrNull(item['routing_key']),
    durable: booleanOrNull(item['durable']),
    exclusive: booleanOrNull(item['exclusive']),
    autoDelete: booleanOrNull(item['auto_delete']),
    noAck: booleanOrNull(item['no_ack']),
    maxPriority:
      integerOrNull(item['max_priority']) ?? integerOrNull(queueArguments['x-max-priority']),
    maxLength: integerOrNull(item['max_length']),
    messageTtlMs: secondsToMs(item['message_ttl']),
    expiresMs: secondsToMs(item['expires']),
    arguments: queueArguments,
  };
}

/** Settings by Celery's names; the worker masks secrets itself. */
export function decodeConf(value: PyValue): Decoded<PyDict> {
  return isPyDict(value) && commandError(value) === null
    ? decoded(value)
    : refused(value, 'An object of settings is expected');
}

function commandError(value: PyValue): string | null {
  if (!isPyDict(value) || Object.keys(value).length !== 1) return null;
  return textOrNull(value['error']);
}

function refused(value: PyValue, message: string): DecodeFailure {
  const error = commandError(value);
  if (error !== null) return undecodable('command_failed', error);
  return undecodable('unexpected_reply', message);
}
