// What waiting for a result may throw.
import type { ResultMeta } from '../celery/result-meta.ts';
import { AppError } from '../core/errors.ts';
import { messageOf, TaskError } from './task-errors.ts';

export function createAppErrorTimeout(id: string, timeoutMs: number): AppError {
  return new AppError('timeout', `Task ${id} was not done within ${timeoutMs} ms.`);
}

export function describeFailure(meta: ResultMeta): TaskError {
  const message = meta.exception?.excMessage ?? null;
  return new TaskError({
    taskId: meta.taskId,
    state: meta.status,
    name: meta.exception?.excType ?? meta.status,
    message: messageOf(Array.isArray(message) ? message : [message]),
    module: meta.exception?.excModule ?? null,
    traceback: meta.traceback,
  });
}
