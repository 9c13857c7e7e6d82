// A registry that only collects definitions: what a module of tasks is given that exports `registerTasks` instead of an app.
import { defineTask } from './define-task.ts';
import { createTask } from './task.ts';
import type {
  Task,
  TaskBody,
  TaskDeclaration,
  TaskDefinition,
  TaskRegistry,
} from './task-types.ts';

export function createRegistry(into: Map<string, TaskDefinition>): TaskRegistry {
  return {
    task: <A extends unknown[], R>(
      name: string,
      body: TaskBody,
      declaration: TaskDeclaration<never> = {},
    ): Task<A, R> => {
      const definition = defineTask(name, body, declaration);
      into.set(name, definition);
      return createTask<A, R>(definition, null);
    },
  };
}
