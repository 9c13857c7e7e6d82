// Publishes a task that the dashboard sends: checked first, because a malformed message can end a Python worker, and announced to
// other monitors as any client does.
import os from 'node:os';
import { shortRepr } from '../../lib/python/repr.ts';
import { PyTuple, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { EncodingError } from '../celery/encoding-error.ts';
import { createEvent, encodeSingleEvent } from '../celery/event.ts';
import {
  encodeTaskMessage,
  validateTaskMessage,
  type TaskMessageDraft,
  type WireMessage,
} from '../celery/message.ts';
import { AppError, errorText } from '../core/errors.ts';
import type { ControlDeps } from './deps.ts';

export type NewTask = Omit<TaskMessageDraft, 'id' | 'args' | 'kwargs' | 'origin' | 'sentAt'> & {
  id: string;
  args: PyValue[];
  kwargs: PyDict;
  /** Where it is expected to arrive; the exchange and the routing key decide. */
  queue: string;
  exchange: string;
  routingKey: string;
};

/** Answers with notes on what went less well. Throws AppError bad_request, or what the broker says. */
export async function publishNew(
  deps: ControlDeps,
  task: NewTask,
  serializer: string,
): Promise<string[]> {
  const origin = `gen${String(process.pid)}@${os.hostname()}`;
  const { queue, ...draft } = task;
  const encoded = encode({ ...draft, origin, sentAt: deps.clock.now() }, { serializer });
  const faults = validateTaskMessage(encoded);
  if (faults.length > 0)
    throw new AppError('bad_request', `This message would harm a worker: ${faults.join('; ')}`);
  await deps.transport.publish(encoded, { exchange: task.exchange, routingKey: task.routingKey });
  return announce(deps, task, queue, origin);
}

function encode(...parameters: Parameters<typeof encodeTaskMessage>): WireMessage {
  try {
    return encodeTaskMessage(...parameters);
  } catch (error) {
    if (error instanceof EncodingError)
      throw new AppError(error.code, error.message, { cause: error });
    throw error;
  }
}

/** Other monitors learn of the publication as from any client; failing to tell them does not undo it. */
async function announce(
  deps: ControlDeps,
  task: NewTask,
  queue: string,
  origin: string,
): Promise<string[]> {
  const sender = { hostname: origin, pid: process.pid, clock: null, sentAt: deps.clock.now() };
  const iso = (at: number | null | undefined) => (at == null ? null : new Date(at).toISOString());
  const event = createEvent('task-sent', sender, {
    uuid: task.id,
    name: task.name,
    args: shortRepr(new PyTuple(task.args)),
    kwargs: shortRepr(task.kwargs),
    root_id: task.id,
    parent_id: null,
    retries: 0,
    eta: iso(task.etaAt),
    expires: iso(task.expiresAt),
    queue,
    exchange: task.exchange,
    routing_key: task.routingKey,
  });
  const { routingKey, body, ...format } = encodeSingleEvent(event);
  try {
    const properties = { deliveryMode: 1, priority: 0 };
    await deps.transport.publishEvent(
      { ...format, properties, body: Buffer.from(body) },
      routingKey,
    );
    return [];
  } catch (error) {
    return [`Other monitors were not told of the new task: ${errorText(error)}`];
  }
}
