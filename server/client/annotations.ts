// The setting task_annotations: options and handlers of tasks that are defined elsewhere. Mirrors celery.app.annotations: of a list the first
// that knows the task counts, and after it the first that speaks of all tasks (`*`), which therefore wins where both name an option.
import { celeryName, inOurUnits, type InCelery } from './celery-names.ts';
import { defineTask, HANDLERS } from './define-task.ts';
import type { TaskDeclaration, TaskDefinition, TaskOptions } from './task-types.ts';

/** Options and handlers of a task, under our names or under Celery's: `timeLimitMs: 500`, `time_limit: 0.5`. */
export type TaskAnnotation = Annotated & InCelery<Annotated>;
type Annotated = Partial<Omit<TaskDeclaration<never>, 'bind' | 'errback' | 'params'>>;

/** By names of tasks; `*` is every task. */
export type AnnotationMap = Readonly<Record<string, TaskAnnotation>>;

/** What is to change of a task; null: nothing. */
export type AnnotationFunction = (
  task: Readonly<{ name: string; options: TaskOptions }>,
) => TaskAnnotation | null | undefined;

export type TaskAnnotations =
  AnnotationMap | AnnotationFunction | readonly (AnnotationMap | AnnotationFunction)[];

const OPTIONS = [
  'queue',
  'priority',
  'serializer',
  'compression',
  'acksLate',
  'acksOnFailureOrTimeout',
  'acksOnFailure',
  'acksOnTimeout',
  'rejectOnWorkerLost',
  'trackStarted',
  'ignoreResult',
  'storeErrorsEvenIfIgnored',
  'sendEvents',
  'rateLimit',
  'maxRetries',
  'defaultRetryDelayMs',
  'autoretryFor',
  'dontAutoretryFor',
  'throws',
  'retryBackoff',
  'retryBackoffMaxMs',
  'retryJitter',
  'softTimeLimitMs',
  'timeLimitMs',
  'abortable',
] as const satisfies readonly Exclude<keyof TaskOptions, 'bind' | 'errback' | 'params'>[];
const KEYS: readonly string[] = [...OPTIONS, ...HANDLERS];
const BY_CELERY_NAME = new Map(KEYS.map((key) => [celeryName(key), key]));

/** The task as the annotations want it. Throws TypeError when a function answers what is no option. */
export function annotated(
  definition: TaskDefinition,
  annotations: TaskAnnotations | null,
): TaskDefinition {
  let { options, handlers } = definition;
  for (const annotation of annotationsOf(definition, annotations)) {
    const { declaration, unknown } = readAnnotation(annotation);
    if (unknown.length > 0) throw new TypeError(refusalOf(unknown));
    const more = defineTask(definition.name, definition.body, declaration);
    options = { ...options, ...more.options };
    handlers = { ...handlers, ...more.handlers };
  }
  return { ...definition, options, handlers };
}

/** The same for a task of which only the options are known. */
export function annotatedOptions(
  name: string,
  options: TaskOptions,
  annotations: TaskAnnotations | null,
): TaskOptions {
  return annotated({ name, options, body: () => undefined, handlers: {} }, annotations).options;
}

/** What is wrong with annotations that can be read without a task; null: nothing. */
export function troubleOf(annotations: TaskAnnotations | null): string | null {
  const unknown = listOf(annotations).flatMap((one) =>
    typeof one === 'function'
      ? []
      : Object.values(one).flatMap((annotation) => readAnnotation(annotation).unknown),
  );
  return unknown.length === 0 ? null : refusalOf(unknown);
}

function refusalOf(unknown: readonly string[]): string {
  return `task_annotations: no option of a task is called ${unknown.map((name) => `"${name}"`).join(', ')}.`;
}

function listOf(annotations: TaskAnnotations | null) {
  if (annotations === null) return [];
  return (Array.isArray(annotations) ? annotations : [annotations]) as (
    AnnotationMap | AnnotationFunction
  )[];
}

function annotationsOf(
  { name, options }: TaskDefinition,
  annotations: TaskAnnotations | null,
): TaskAnnotation[] {
  const all = listOf(annotations);
  const ask = (one: AnnotationMap | AnnotationFunction) =>
    typeof one === 'function' ? one({ name, options }) : one[name];
  const own = firstOf(all.map(ask));
  const any = firstOf(all.map((one) => (typeof one === 'function' ? null : one['*'])));
  return [own, any].filter((one) => one !== null);
}

function firstOf(found: readonly (TaskAnnotation | null | undefined)[]): TaskAnnotation | null {
  return found.find((one) => one !== null && one !== undefined) ?? null;
}

function readAnnotation(annotation: TaskAnnotation) {
  const declaration: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [given, value] of Object.entries<unknown>(annotation)) {
    const key = KEYS.includes(given) ? given : BY_CELERY_NAME.get(given);
    if (key === undefined) unknown.push(given);
    else if (value !== undefined) declaration[key] = inOurUnits(given, key, value);
  }
  return { declaration: declaration as TaskDeclaration<never>, unknown };
}
