// The task that is running around a call, so that what it sends becomes its child and leaves through its worker. One for the
// whole process, whatever copy of this module asks.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PyValue } from '../../lib/python/values.ts';
import type { Signature } from '../celery/signature.ts';
import type { ApplyOptions } from './apply-options.ts';
import type { Sent } from './expand.ts';
import type { TaskRequest } from './task-types.ts';

export type TaskScope = {
  request: TaskRequest;
  /** Sends by the worker's own connections, as a child of the running task, and remembers it among the task's children. */
  send: (sig: Signature, args: PyValue[], options: ApplyOptions) => Promise<Sent>;
};

const KEY = Symbol.for('umbel.task-scope');
const shared = globalThis as unknown as Record<symbol, AsyncLocalStorage<TaskScope> | undefined>;
const scopes = (shared[KEY] ??= new AsyncLocalStorage<TaskScope>());

/** What a pool runs a task's body and handlers in. */
export function runInTask<T>(scope: TaskScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Null outside a task. */
export function currentTask(): TaskScope | null {
  return scopes.getStore() ?? null;
}
