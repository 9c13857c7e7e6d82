// The message of the next attempt: the same id, one retry more, and everything else as it came. Mirrors
// celery.app.task.Task.signature_from_request.
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import type { ApplyOptions } from '../client/apply-options.ts';
import { signature } from '../client/canvas.ts';
import type { Celery } from '../client/celery.ts';
import type { HeldRequest } from './request.ts';

export async function sendRetry(
  app: Celery,
  held: HeldRequest,
  next: { etaAt: number; args: PyValue[] | null; kwargs: PyDict | null },
): Promise<void> {
  const { message, delivery } = held;
  const [hard, soft] = message.timeLimit ?? [null, null];
  const options: ApplyOptions = {
    taskId: message.id,
    retries: message.retries + 1,
    etaAt: next.etaAt,
    rootId: message.rootId ?? message.id,
    parentId: message.parentId ?? message.id,
    headers: message.customHeaders,
    replacedTaskNesting: message.replacedTaskNesting,
    stamps: message.stamps,
    kwargs: next.kwargs ?? message.kwargs,
  };
  const set = <K extends keyof ApplyOptions>(key: K, value: ApplyOptions[K] | null) => {
    if (value !== null && value !== undefined) options[key] = value;
  };
  set('expiresAt', message.expiresAt);
  set('ignoreResult', message.ignoreResult);
  set('shadow', message.shadow);
  set('replyTo', message.replyTo);
  set('priority', message.priority);
  set('groupId', message.group);
  set('groupIndex', message.groupIndex);
  set('stampedHeaders', message.stampedHeaders);
  set('timeLimitMs', hard === null ? null : hard * 1000);
  set('softTimeLimitMs', soft === null ? null : soft * 1000);
  set('link', message.embed?.callbacks ?? null);
  set('linkError', message.embed?.errbacks ?? null);
  set('chain', message.embed?.chain ?? null);
  set('chord', message.embed?.chord ?? null);
  const { exchange, routingKey } = message;
  if (exchange !== null && exchange !== '') {
    set('exchange', exchange);
    set('routingKey', routingKey);
  } else set('queue', routingKey ?? delivery.queue);
  await app.send(signature(message.name), next.args ?? message.args, options);
}
