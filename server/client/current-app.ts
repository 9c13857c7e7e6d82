// The app that signatures leave by when they were built without one: the last that was made, as in Celery; inside a task of a
// module that makes none, the worker.
import { toPyValue } from '../celery/fields.ts';
import type { Signature } from '../celery/signature.ts';
import { AppError } from '../core/errors.ts';
import type { ApplyOptions, EagerOptions } from './apply-options.ts';
import { resultOf, type AsyncResult, type ResultSource } from './results.ts';
import { currentTask, type TaskScope } from './task-scope.ts';

export interface SignatureSender {
  apply(sig: Signature, args: readonly unknown[], options: ApplyOptions): Promise<AsyncResult>;
  runHere(sig: Signature, args: readonly unknown[], options: EagerOptions): Promise<AsyncResult>;
}

let current: SignatureSender | null = null;

export function setCurrentApp(app: SignatureSender): void {
  current = app;
}

/** Throws AppError bad_configuration when there is none. */
export function currentApp(): SignatureSender {
  const around = currentTask();
  if (current !== null) return current;
  if (around !== null) return workerOf(around);
  throw new AppError(
    'bad_configuration',
    'There is no app to send by: make one with new Celery().',
  );
}

/** Results cannot be waited for there: the pool has no connection of its own. */
const NO_RESULTS: ResultSource = {
  backend: null,
  revoke: () => Promise.reject(new AppError('unsupported', 'Revoke tasks from an app.')),
};

function workerOf(around: TaskScope): SignatureSender {
  return {
    apply: async (sig, args, options) => {
      const plain = args.map((arg) => toPyValue(arg));
      return resultOf(await around.send(sig, plain, options), NO_RESULTS);
    },
    runHere: () => Promise.reject(new AppError('unsupported', 'Run tasks in place from an app.')),
  };
}
