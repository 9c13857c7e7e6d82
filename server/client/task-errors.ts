// The errors that mean something to the runtime, with the Python classes they stand for. `pythonModule` and `pythonArgs`
// say how an error crosses to Python; errors without them get a class made of their name.
import { pythonRepr } from '../../lib/python/repr.ts';
import { isPyDict, toPlain, type PyValue } from '../../lib/python/values.ts';
import { toPyValue } from '../celery/fields.ts';
import type { Signature } from '../celery/signature.ts';

/** The arguments of an error as one text; what JSON has no form for as Python shows it. */
export function messageOf(args: readonly PyValue[]): string {
  return args.map(textOf).join(', ');
}

function textOf(arg: PyValue): string {
  if (typeof arg === 'string') return arg;
  const isPlain = typeof arg !== 'object' || arg === null || Array.isArray(arg) || isPyDict(arg);
  try {
    return isPlain ? JSON.stringify(toPlain(arg)) : pythonRepr(toPyValue(arg));
  } catch {
    return pythonRepr(arg);
  }
}

/** An error that is raised in Python as the class of that name and module, with these arguments. */
export class PythonError extends Error {
  /** Where the class is: `builtins`, `celery.exceptions`. */
  readonly pythonModule: string;
  /** What its constructor is given in Python. */
  readonly pythonArgs: PyValue[];

  constructor(name: string, module: string, args: PyValue[]) {
    super(messageOf(args));
    this.name = name;
    this.pythonModule = module;
    this.pythonArgs = args;
  }
}

/** Python's ValueError: an argument of the right type but an inappropriate value. */
export class ValueError extends PythonError {
  constructor(message: string) {
    super('ValueError', 'builtins', [message]);
  }
}

/** The task held its soft time limit; its abort signal carries this as the reason. */
export class SoftTimeLimitExceeded extends PythonError {
  constructor(seconds: number) {
    super('SoftTimeLimitExceeded', 'billiard.exceptions', [seconds]);
  }
}

/** What was asked for cannot be, as it was put together. */
export class ImproperlyConfigured extends PythonError {
  constructor(message: string) {
    super('ImproperlyConfigured', 'celery.exceptions', [message]);
  }
}

/** What a task fails with after its last retry, when `retry` was given no error. */
export class MaxRetriesExceededError extends PythonError {
  constructor(name: string, id: string, args: string, kwargs: string) {
    super('MaxRetriesExceededError', 'celery.exceptions', [
      `Can't retry ${name}[${id}] args:${args} kwargs:${kwargs}`,
    ]);
  }
}

/** Ends the task without a result: nothing is stored, nothing follows. */
export class Ignore extends Error {
  constructor() {
    super('Ignore()');
    this.name = 'Ignore';
  }
}

/** Rejects the message; with `requeue` it goes back to its queue. Only with `acksLate`. */
export class Reject extends Error {
  /** Whether the message goes back to its queue. */
  readonly requeue: boolean;
  readonly pythonModule = 'celery.exceptions';
  readonly pythonArgs: PyValue[];

  constructor(reason: string, options: { requeue?: boolean } = {}) {
    super(reason);
    this.name = 'Reject';
    this.requeue = options.requeue ?? false;
    this.pythonArgs = [reason, this.requeue];
  }
}

/** Thrown by `context.retry`: the attempt ends and the task runs again. */
export class Retry extends Error {
  /** When, and with which arguments. */
  readonly plan: RetryPlan;

  constructor(plan: RetryPlan) {
    super('Task can be retried');
    this.name = 'Retry';
    this.plan = plan;
  }
}

/** Thrown by `context.replace`: the task ends like one that ignores, and the signature takes its place. */
export class Replace extends Error {
  readonly signature: Signature;

  constructor(signature: Signature) {
    super('Replaced by new task');
    this.name = 'Replace';
    this.signature = signature;
  }
}

/** The next attempt of a task. */
export type RetryPlan = {
  /** What went wrong; null when nobody said. */
  cause: unknown;
  /** Epoch milliseconds. */
  etaAt: number;
  args: unknown[] | null;
  kwargs: Record<string, unknown> | null;
};

/** What waiting for a task's result throws when the task did not succeed; `name` is the class the task raised. */
export class TaskError extends Error {
  readonly taskId: string;
  /** FAILURE or REVOKED. */
  readonly state: string;
  /** The module of the class in Python. */
  readonly module: string | null;
  /** Of the task, in Python's layout. */
  readonly traceback: string | null;

  constructor(parts: {
    taskId: string;
    state: string;
    name: string;
    message: string;
    module: string | null;
    traceback: string | null;
  }) {
    super(parts.message);
    this.name = parts.name;
    this.taskId = parts.taskId;
    this.state = parts.state;
    this.module = parts.module;
    this.traceback = parts.traceback;
  }
}
