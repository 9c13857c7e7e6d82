// What `import … from 'umbel'` is: tasks, canvases and results for applications in TypeScript.
export { Celery, type BroadcastOptions, type CeleryOptions } from './client/celery.ts';
export {
  chain,
  chord,
  chunks,
  group,
  isSignature,
  map,
  signature,
  starmap,
  TaskSignature as Signature,
  toSignature,
  type SignatureOptions,
} from './client/canvas.ts';
export { AsyncResult, GroupResult, type GetOptions, type RevokeOptions } from './client/results.ts';
export {
  Ignore,
  MaxRetriesExceededError,
  PythonError,
  Reject,
  Retry,
  SoftTimeLimitExceeded,
  TaskError,
  ValueError,
} from './client/task-errors.ts';
// Python's types that JavaScript has none for; a Date is a datetime, a Uint8Array is bytes.
export { PyDate, PyDecimal, PyFloat, PyTime, PyUuid } from '../lib/python/values.ts';
export { crontab, every } from './beat/beat.ts';
export { EagerResult } from './client/eager-result.ts';
export type {
  AnnotationFunction,
  AnnotationMap,
  TaskAnnotation,
  TaskAnnotations,
} from './client/annotations.ts';
export type { ApplyOptions, EagerOptions } from './client/apply-options.ts';
export type { AppConfig, ScheduleEntry } from './client/config.ts';
export type { ControlCommand } from './client/control-command.ts';
export type { PublishRetryPolicy } from './client/publish-retry.ts';
export type { QueueDefinition } from './client/queues.ts';
export type { Route, RouteFunction, RouteTable } from './client/routes.ts';
export type { CelerySettings, Settings } from './client/settings.ts';
export type { SignalName, SignalPayloads, Signals } from './client/signals.ts';
export type {
  RetryOptions,
  Task,
  TaskContext,
  TaskDeclaration,
  TaskEnd,
  TaskRequest,
} from './client/task-types.ts';
