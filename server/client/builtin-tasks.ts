// The tasks that every Celery worker has: what canvases are made of besides the user's own tasks. Mirrors celery.app.builtins.
import { isPyDict, type PyValue } from '../../lib/python/values.ts';
import type { ResultBackend } from '../backend/result-backend.ts';
import { toPyValue } from '../celery/fields.ts';
import { decodeResultTuple, type ResultTuple } from '../celery/result-tuple.ts';
import { exceptionValue } from '../celery/result-meta.ts';
import { READY_STATES } from '../celery/states.ts';
import { AppError } from '../core/errors.ts';
import { readSignature } from './canvas-algebra.ts';
import { failChord, type ChordApp } from './chords.ts';
import { defineTask } from './define-task.ts';
import type { TaskContext, TaskDefinition } from './task-types.ts';

/** `map`, `starmap` and `accumulate`; they need nothing but the other tasks. */
export function pureBuiltins(tasks: ReadonlyMap<string, TaskDefinition>): TaskDefinition[] {
  const each = async (context: TaskContext, inner: unknown, calls: readonly unknown[][]) => {
    const { task, args } = readSignature(toPyValue(inner));
    const definition = tasks.get(task);
    if (definition === undefined) throw new AppError('not_found', `There is no task "${task}".`);
    const results: unknown[] = [];
    for (const call of calls) {
      const all =
        definition.options.bind === true ? [context, ...call, ...args] : [...call, ...args];
      results.push(await definition.body(...(all as never[])));
    }
    return results;
  };
  const params = ['task', 'it'];
  return [
    defineTask(
      'celery.map',
      (context: TaskContext, task: unknown, it: unknown[]) =>
        each(
          context,
          task,
          it.map((item) => [item]),
        ),
      { bind: true, params },
    ),
    defineTask(
      'celery.starmap',
      (context: TaskContext, task: unknown, it: unknown[][]) => each(context, task, it),
      { bind: true, params },
    ),
    defineTask('celery.accumulate', (...given: unknown[]) => {
      const last = given.at(-1);
      const options = isPyDict(last) ? last : null;
      const index = options?.['index'];
      return typeof index === 'number' ? given.slice(0, -1)[index] : given;
    }),
  ];
}

/** What chords without a counting backend and the clean-up of results need of an app. */
export interface BuiltinsApp extends ChordApp {
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
}

const UNLOCK_EVERY_MS = 1000;

export function builtinTasks(app: BuiltinsApp): TaskDefinition[] {
  const required = (): ResultBackend => {
    if (app.backend === null) throw new AppError('backend_missing', 'There is no result backend.');
    return app.backend;
  };

  /** Asks once a second whether all members are done. */
  const unlock = async (context: TaskContext, ...given: unknown[]) => {
    const { body, interval, members } = unlockArguments(given);
    const backend = required();
    const metas = await backend.getMany(members.flatMap(leavesOf));
    const byId = new Map(metas.flatMap((meta) => (meta === null ? [] : [[meta.taskId, meta]])));
    const isDone = metas.every((meta) => meta !== null && READY_STATES.has(meta.status));
    if (!isDone) context.retry({ countdownMs: interval, maxRetries: null });
    const failed = metas.find((meta) => meta?.status !== 'SUCCESS');
    if (failed !== undefined && failed !== null) {
      const { taskId: id, status: state, exception } = failed;
      const result = exception === null ? failed.result : exceptionValue(exception);
      await failChord(app, body, { id, state, result });
      return;
    }
    const valueOf = ({ id, children }: ResultTuple): PyValue =>
      children === null ? (byId.get(id)?.result ?? null) : children.map(valueOf);
    await app.send(body, [members.map(valueOf)]);
  };

  return [
    ...pureBuiltins(app.tasks),
    defineTask('celery.chord_unlock', unlock, { bind: true, ignoreResult: true, maxRetries: null }),
    defineTask('celery.backend_cleanup', async () => {
      await required().cleanup();
    }),
  ];
}

function unlockArguments(given: readonly unknown[]) {
  const [, callback, named] = given;
  const kwargs = isPyDict(named) ? named : {};
  const { interval, result } = kwargs;
  const tuples = (Array.isArray(result) ? result : []).flatMap(
    (tuple) => decodeResultTuple(tuple) ?? [],
  );
  return {
    body: readSignature(toPyValue(callback)),
    interval: typeof interval === 'number' ? interval * 1000 : UNLOCK_EVERY_MS,
    members: tuples,
  };
}

function leavesOf({ id, children }: ResultTuple): string[] {
  return children === null ? [id] : children.flatMap(leavesOf);
}
