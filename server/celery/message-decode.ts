// Reads task messages: protocol 2, protocol 1 and the mixture that workers also take. A body that
// cannot be read leaves `args` null and says why; what the headers tell is kept all the same.
// Mirrors celery.worker.strategy and celery.worker.request.

import { isPyDict, PyOpaque, PyTuple, type PyValue } from '../../lib/python/values.ts';
import { decodeMessageBody } from './codec/body.ts';
import { PICKLE_CONTENT_TYPE } from './codec/serializer.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import { textOrNull } from './fields.ts';
import { taskMessageOf, unreadable, withArguments, type TaskBody } from './message-base.ts';
import type { TaskMessage, TaskMessageLimits, WireMessage } from './message.ts';
import { fromProtocol1 } from './message-v1.ts';

/** Never throws. A message that no worker would take for a task is an error value. */
export function decodeTaskMessage(
  message: WireMessage,
  limits: TaskMessageLimits = {},
): Decoded<TaskMessage> {
  const headers = isPyDict(message.headers) ? message.headers : {};
  const body = decodeMessageBody(message, limits.maxOutputBytes);
  if (headers['task'] === undefined) {
    if (!body.ok) return body;
    return fromProtocol1(body.value, headers, message);
  }
  const name = textOrNull(headers['task']);
  const id = textOrNull(headers['id']);
  if (name === null || name === '') {
    return undecodable('not_a_task', 'The header task is not a name', 'headers.task');
  }
  if (id === null || id === '') {
    return undecodable('not_a_task', 'A task message has an id', 'headers.id');
  }
  const content = body.ok ? readTaskBody(body.value) : unreadable(body.message);
  const isPickle = message.contentType === PICKLE_CONTENT_TYPE;
  const shown = isPickle ? pickledBody(content) : content;
  return decoded(taskMessageOf({ id, name, protocol: 2 }, headers, message, shown));
}

/** A pickle of plain data is as good as any body; one with anything else is only for looking at. */
function pickledBody(content: TaskBody): TaskBody {
  const isPlain = !hasOpaque(content.args) && !hasOpaque(content.kwargs);
  if (content.bodyIssue !== null || isPlain) return content;
  return { ...content, bodyIssue: 'The body is a pickle with parts that are not plain data' };
}

function hasOpaque(value: PyValue): boolean {
  if (value instanceof PyOpaque) return true;
  if (Array.isArray(value)) return value.some(hasOpaque);
  if (value instanceof PyTuple) return value.items.some(hasOpaque);
  return isPyDict(value) && Object.values(value).some(hasOpaque);
}

/** `[args, kwargs, embed]`, or the object of the mixture. */
function readTaskBody(body: PyValue): TaskBody {
  if (isPyDict(body) && ('args' in body || 'kwargs' in body)) {
    return withArguments(body['args'] ?? [], body['kwargs'] ?? {}, body);
  }
  const parts = body instanceof PyTuple ? body.items : body;
  if (!Array.isArray(parts)) return unreadable('The body is not a list of three');
  const [args, kwargs, embed] = parts as readonly PyValue[];
  if (parts.length !== 3 || args === undefined || kwargs === undefined) {
    return unreadable('The body is not a list of three');
  }
  return withArguments(args, kwargs, isPyDict(embed) ? embed : {});
}
