// From what `app.task` was given to a definition: options as plain data, handlers apart.
import type {
  ErrorKind,
  TaskBody,
  TaskDeclaration,
  TaskDefinition,
  TaskHandlers,
  TaskOptions,
} from './task-types.ts';

export const HANDLERS = [
  'beforeStart',
  'onSuccess',
  'onFailure',
  'onRetry',
  'afterReturn',
] as const;

export function defineTask(
  name: string,
  body: TaskBody,
  declaration: TaskDeclaration<never> = {},
): TaskDefinition {
  const { autoretryFor, dontAutoretryFor, throws, ...given } = declaration;
  const options: TaskOptions & TaskHandlers<never> = { ...given };
  const handlers: Record<string, unknown> = {};
  for (const key of HANDLERS) {
    if (options[key] !== undefined) handlers[key] = options[key];
    delete options[key];
  }
  if (autoretryFor !== undefined) options.autoretryFor = autoretryFor.map(errorName);
  if (throws !== undefined) options.throws = throws.map(errorName);
  if (dontAutoretryFor !== undefined) options.dontAutoretryFor = dontAutoretryFor.map(errorName);
  return { name, body, options, handlers: handlers };
}

/** Error is the base of all, so that its class stands for every error. */
function errorName(kind: ErrorKind): string {
  if (typeof kind === 'string') return kind;
  return kind === Error ? '*' : kind.name;
}
