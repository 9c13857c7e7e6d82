// What a running task sees of the world of Celery. Everything goes through the worker, by notes and wishes.
import { toPyValue } from '../../celery/fields.ts';
import type { Sent } from '../../client/expand.ts';
import { planReplacement } from '../../client/attempt/replacement.ts';
import type { TaskScope } from '../../client/task-scope.ts';
import type { TaskContext, TaskOptions } from '../../client/task-types.ts';
import { after } from '../../core/after.ts';
import type { Logger } from '../../core/logger.ts';
import type { Job } from '../../client/attempt/attempt.ts';
import type { Note, Wish } from './messages.ts';
import type { LazyAbort } from './lazy-abort.ts';
import { packCall, packSignature, packValue } from './packed-call.ts';
import { planRetry } from '../../client/attempt/retry-plan.ts';

export type TaskPort = {
  note: (note: Note) => void;
  wish: (wish: Wish) => Promise<unknown>;
};

export function createTaskContext(
  options: TaskOptions,
  job: Job,
  abort: LazyAbort,
  { note, wish }: TaskPort,
): TaskContext {
  return Object.assign(new Abortable(abort), {
    request: job.request,
    logger: createTaskLogger(job, note),
    retry: (given = {}) => planRetry(options, job, given),
    replace: planReplacement,
    addToChord: async (signature) => {
      const packed = packSignature(signature);
      const id = (await wish({ type: 'add-to-chord', signature: packed })) as string;
      job.request.children.push(id);
      return id;
    },
    updateState: (state, meta = null) => {
      note({ type: 'state', state, meta: packValue(toPyValue(meta)) });
    },
    sendEvent: (event, fields = {}) => {
      note({ type: 'event', event, fields: packValue(toPyValue(fields)) });
    },
    apply: async (signature) => {
      const call = packCall({ signature, args: [], options: {} });
      const { id } = (await wish({ type: 'send', call })) as Sent;
      job.request.children.push(id);
      return id;
    },
    sleep: (ms) => sleep(ms, abort.signal),
    isAborted: async () => (await wish({ type: 'is-aborted' })) === true,
  } satisfies Omit<TaskContext, 'signal'>);
}

/** A getter in a literal would give each context a hidden class of its own, which only a full collection frees. */
class Abortable {
  readonly #abort: LazyAbort;

  constructor(abort: LazyAbort) {
    this.#abort = abort;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }
}

export function createTaskScope({ request }: Job, { wish }: TaskPort): TaskScope {
  return {
    request,
    send: async (signature, args, options) => {
      const call = packCall({ signature, args, options });
      const sent = (await wish({ type: 'send', call })) as Sent;
      request.children.push(sent.id);
      return sent;
    },
  };
}

function createTaskLogger({ id, name }: Job, note: TaskPort['note'], more: object = {}): Logger {
  const say =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      const all = JSON.parse(JSON.stringify({ task: name, id, ...more, ...fields })) as object;
      note({ type: 'log', level, fields: all, message });
    };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (fields) => createTaskLogger({ id, name } as Job, note, { ...more, ...fields }),
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      end();
      reject(signal.reason as Error);
    };
    const end = after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
