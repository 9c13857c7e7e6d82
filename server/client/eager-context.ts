// What a task sees that runs in the process that called it: the same as in a worker, but there is none whom it could tell.
import { after } from '../core/after.ts';
import { AppError } from '../core/errors.ts';
import { silentLogger } from '../core/silent-logger.ts';
import type { Job } from './attempt/attempt.ts';
import { planRetry } from './attempt/retry-plan.ts';
import { planReplacement } from './attempt/replacement.ts';
import type { Signature } from '../celery/signature.ts';
import type { TaskContext, TaskOptions } from './task-types.ts';

/** `call` sends a child of the task; its id. */
export function createEagerContext(
  options: TaskOptions,
  job: Job,
  call: (sig: Signature) => Promise<string>,
): TaskContext {
  const { signal } = new AbortController();
  return {
    request: job.request,
    signal,
    logger: silentLogger,
    retry: (given = {}) => planRetry(options, job, given),
    replace: planReplacement,
    addToChord: () =>
      Promise.reject(new AppError('bad_request', 'Current task is not member of any chord')),
    updateState: () => undefined,
    sendEvent: () => undefined,
    apply: call,
    sleep: (ms) =>
      new Promise((resolve) => {
        after(ms, resolve);
      }),
    isAborted: () => Promise.resolve(false),
  };
}
