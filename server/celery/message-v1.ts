// Protocol 1: no task headers, everything in one object. Read only; nothing is sent this way.
// Mirrors celery.worker.strategy.proto1_to_proto2.

import { isPyDict, type PyValue } from '../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import { integerOrNull, isoToMs, textOrNull } from './fields.ts';
import { taskMessageOf, timeLimitOf, withArguments } from './message-base.ts';
import type { TaskMessage, WireMessage } from './message.ts';

export function fromProtocol1(
  body: PyValue,
  headers: Readonly<Record<string, unknown>>,
  message: WireMessage,
): Decoded<TaskMessage> {
  if (!isPyDict(body) || body['task'] === undefined) {
    return undecodable('not_a_task', 'Neither the headers nor the body name a task');
  }
  const name = textOrNull(body['task']);
  const id = textOrNull(body['id']);
  if (name === null || name === '') return undecodable('not_a_task', 'task is a name', 'body.task');
  if (id === null || id === '') return undecodable('not_a_task', 'A task has an id', 'body.id');
  const content = withArguments(body['args'] ?? [], body['kwargs'] ?? {}, body);
  return decoded({
    ...taskMessageOf({ id, name, protocol: 1 }, headers, message, content),
    retries: Math.max(0, integerOrNull(body['retries']) ?? 0),
    etaAt: isoToMs(body['eta']),
    expiresAt: isoToMs(body['expires']),
    group: textOrNull(body['group']) ?? textOrNull(body['taskset']),
    groupIndex: integerOrNull(body['group_index']),
    timeLimit: timeLimitOf(body['timelimit']),
  });
}
