// What a module of tasks brings, in whatever form it was written: an app that it exports (`app`, `celery` or the default
// export), or a function `registerTasks`. It must not know who runs the tasks.
import { AppError } from '../core/errors.ts';
import { pureBuiltins } from './builtin-tasks.ts';
import { createSignals, type Signals } from './signals.ts';
import { createRegistry } from './task-registry.ts';
import type { TaskDefinition, TaskRegistry } from './task-types.ts';

/** A Celery app as a pool sees it. */
export interface TaskSource {
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly signals: Signals;
}

export type TaskModule = {
  registerTasks?: (registry: TaskRegistry) => unknown;
  app?: unknown;
  celery?: unknown;
  default?: unknown;
};

/** The app that a module exports, if it exports one. An app of another copy of this package is one, too. */
export function exportedApp(module: TaskModule): TaskSource | null {
  const inner = module.default as TaskModule | undefined;
  const found = [module.app, module.celery, module.default, inner?.app, inner?.celery].find(isApp);
  return found ?? null;
}

/** Throws AppError bad_configuration when the module has neither. */
export async function loadTasks(module: TaskModule): Promise<TaskSource> {
  const app = exportedApp(module);
  if (app !== null) return app;
  if (typeof module.registerTasks !== 'function') {
    throw new AppError(
      'bad_configuration',
      'The module of tasks exports neither an app (app, celery or default) nor registerTasks.',
    );
  }
  const tasks = new Map<string, TaskDefinition>();
  for (const task of pureBuiltins(tasks)) tasks.set(task.name, task);
  await module.registerTasks(createRegistry(tasks));
  return { tasks, signals: createSignals() };
}

function isApp(value: unknown): value is TaskSource {
  if (typeof value !== 'object' || value === null) return false;
  const { tasks, signals } = value as Partial<TaskSource>;
  return tasks instanceof Map && typeof signals === 'object';
}
