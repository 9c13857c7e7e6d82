// What waiting for a result may throw.
import { toPlain } from '../../lib/python/values.ts';
import type { ResultMeta } from '../celery/result-meta.ts';
import { AppError } from '../core/errors.ts';
import { TaskError } from './task-errors.ts';

export function createAppErrorTimeout(id: string, timeoutMs: number): AppError {
  return new AppError('timeout', `Task ${id} was not done within ${timeoutMs} ms.`);
}

export function describeFailure(meta: ResultMeta): TaskError {
  const message = toPlain(meta.exception?.excMessage ?? null);
  const parts: unknown[] = Array.isArray(message) ? message : [message];
  return new TaskError({
    taskId: meta.taskId,
    state: meta.status,
    name: meta.exception?.excType ?? meta.status,
    message: parts
      .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
      .join(', '),
    module: meta.exception?.excModule ?? null,
    traceback: meta.traceback,
  });
}
