// Celery's signals: moments at which an application may do something of its own. A handler that throws harms nobody: the
// error goes to the sender of the signal, who logs it. Task signals fire in the pool, the others where their event happens.
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import type { Configuration } from './settings.ts';
import type { RetryPlan } from './task-errors.ts';
import type { TaskContext, TaskRequest } from './task-types.ts';

type OfTask = { task: string; id: string };
type OfWorker = { hostname: string };

/** What each signal tells; beside each its name in Python. */
export type SignalPayloads = {
  /** before_task_publish: headers may be changed. */
  beforeTaskPublish: OfTask & {
    args: PyValue[];
    kwargs: PyDict;
    headers: Record<string, unknown>;
    exchange: string;
    routingKey: string;
  };
  /** after_task_publish */
  afterTaskPublish: OfTask & { exchange: string; routingKey: string };
  /** task_received; in the consumer. */
  taskReceived: OfTask & OfWorker;
  /** task_prerun */
  taskPrerun: OfTask & { context: TaskContext };
  /** task_postrun */
  taskPostrun: OfTask & { context: TaskContext; state: string; result: unknown };
  /** task_success */
  taskSuccess: OfTask & { request: TaskRequest; result: unknown };
  /** task_retry */
  taskRetry: OfTask & { request: TaskRequest; reason: unknown; plan: RetryPlan };
  /** task_failure */
  taskFailure: OfTask & { request: TaskRequest; error: unknown };
  /** task_revoked; in the consumer. */
  taskRevoked: OfTask & { terminated: boolean; signum: string | null; expired: boolean };
  /** task_unknown; in the consumer. */
  taskUnknown: OfTask;
  /** task_rejected; in the consumer: a message that is no task, or cannot be read. */
  taskRejected: { reason: string };
  /** task_internal_error; in the consumer: the worker itself failed around a task, e.g. its result could not be stored. */
  taskInternalError: OfTask & { error: unknown };
  /** celeryd_init: before the worker reads its settings; they may be changed, e.g. by its name. */
  celerydInit: OfWorker & { conf: Configuration };
  /** celeryd_after_setup: before it takes from its queues; the list may be changed. */
  celerydAfterSetup: OfWorker & { queues: string[] };
  /** worker_init: before anything is opened. */
  workerInit: OfWorker;
  /** worker_ready: it takes tasks. */
  workerReady: OfWorker;
  /** worker_process_init: in each thread or process of the pool, before its first task. */
  workerProcessInit: OfWorker;
  /** worker_process_shutdown: in a process or thread of the pool that ends in peace. */
  workerProcessShutdown: OfWorker;
  /** worker_shutting_down: it was told to stop. */
  workerShuttingDown: OfWorker & { how: 'warm' | 'soft' | 'cold' };
  /** worker_shutdown: all is closed. */
  workerShutdown: OfWorker;
  /** heartbeat_sent */
  heartbeatSent: OfWorker;
  /** beat_init */
  beatInit: { entries: readonly string[] };
  /** beat_embedded_init: as beat_init, of a beat inside a worker. */
  beatEmbeddedInit: { entries: readonly string[] };
};

/** The name of a signal, in camelCase. */
export type SignalName = keyof SignalPayloads;

type Handler<T> = (payload: T) => unknown;

/** One signal: `connect` a handler to it. */
export interface Signal<T> {
  /** Calls `handler` from now on; with `task`, only for that task. Answers how to stop it. */
  connect(handler: Handler<T>, options?: { task?: string }): () => void;
  /** Whether anybody listens; lets a sender save the work of a payload. */
  readonly isHeard: boolean;
  /** Calls the handlers one after the other; the errors they threw. */
  send(payload: T): Promise<unknown[]>;
}

/** The signals of an app, by name. */
export type Signals = { readonly [K in SignalName]: Signal<SignalPayloads[K]> };

function createSignal<T>(): Signal<T> {
  const handlers = new Set<Handler<T>>();
  return {
    get isHeard() {
      return handlers.size > 0;
    },
    connect: (handler, { task } = {}) => {
      const heard: Handler<T> =
        task === undefined
          ? (payload) => handler(payload)
          : (payload) =>
              (payload as { task?: string }).task === task ? handler(payload) : undefined;
      handlers.add(heard);
      return () => handlers.delete(heard);
    },
    send: async (payload) => {
      const errors: unknown[] = [];
      for (const handler of [...handlers]) {
        try {
          await handler(payload);
        } catch (error) {
          errors.push(error);
        }
      }
      return errors;
    },
  };
}

const NAMES: readonly SignalName[] = [
  'beforeTaskPublish',
  'afterTaskPublish',
  'taskReceived',
  'taskPrerun',
  'taskPostrun',
  'taskSuccess',
  'taskRetry',
  'taskFailure',
  'taskRevoked',
  'taskUnknown',
  'taskRejected',
  'taskInternalError',
  'celerydInit',
  'celerydAfterSetup',
  'workerInit',
  'workerReady',
  'workerProcessInit',
  'workerProcessShutdown',
  'workerShuttingDown',
  'workerShutdown',
  'heartbeatSent',
  'beatInit',
  'beatEmbeddedInit',
];

export function createSignals(): Signals {
  return Object.fromEntries(NAMES.map((name) => [name, createSignal()])) as unknown as Signals;
}
