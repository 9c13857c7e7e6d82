// What tasks are to those who write them: bodies, their options and handlers, and the context of a bound one. Types only,
// so that a module of tasks loads the same in a client, in a worker and in its pool.
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import type { Signature } from '../celery/signature.ts';
import type { Logger } from '../core/logger.ts';
import type { ApplyOptions, EagerOptions } from './apply-options.ts';
import type { SignatureOptions, TaskSignature } from './canvas.ts';
import type { AsyncResult, GroupResult } from './results.ts';

/** Everything that is known of one attempt. Times are epoch milliseconds. */
export type TaskRequest = {
  /** The same in every attempt. */
  id: string;
  /** Of the task. */
  name: string;
  /** As the message has them. */
  args: unknown[];
  /** Those given by keyword. */
  kwargs: Record<string, unknown>;
  /** Attempts made before this one. */
  retries: number;
  /** The first task of the workflow. */
  rootId: string | null;
  /** The task that sent it. */
  parentId: string | null;
  /** The group that it is a member of. */
  groupId: string | null;
  /** Its place there. */
  groupIndex: number | null;
  /** Node name of the worker. */
  hostname: string;
  /** It was not to run before. */
  etaAt: number | null;
  /** It would not have run after. */
  expiresAt: number | null;
  /** The caller's own headers. */
  headers: Record<string, unknown>;
  /** How it came. */
  deliveryInfo: {
    exchange: string | null;
    routingKey: string | null;
    priority: number | null;
    redelivered: boolean | null;
  };
  /** The id, once more, for rpc:// results. */
  correlationId: string | null;
  /** The queue that rpc:// results go to. */
  replyTo: string | null;
  /** `gen<pid>@<host>` of the sender. */
  origin: string | null;
  /** The name that logs and monitors show instead. */
  shadow: string | null;
  /** Nobody wants its result. */
  ignoreResult: boolean;
  /** It runs in the process that called it, and did not travel. */
  isEager: boolean;
  /** Limits of this call, when it has its own. */
  timeLimitMs: number | null;
  /** The soft one of this call. */
  softTimeLimitMs: number | null;
  /** Called with its result. */
  callbacks: readonly Signature[];
  /** Called when it fails. */
  errbacks: readonly Signature[];
  /** The rest of the chain, reversed: the next step is the last element. */
  chain: readonly Signature[];
  /** The body of the chord that it is a member of. */
  chord: Signature | null;
  /** How many tasks it takes the place of. */
  replacedTaskNesting: number;
  /** Ids of what this attempt has sent so far. */
  children: string[];
  /** Names of its stamps. */
  stampedHeaders: readonly string[];
  /** Stamps by name. */
  stamps: Record<string, unknown>;
};

/** How `context.retry` goes on; what is left out is as the task's options say. */
export type RetryOptions = {
  /** What went wrong: thrown once the retries are used up, shown in the RETRY state before. */
  error?: unknown;
  /** Runs so much later. Default: `defaultRetryDelayMs` of the task. */
  countdownMs?: number;
  /** Runs not before; epoch milliseconds. */
  etaAt?: number;
  /** Other arguments than this time. */
  args?: unknown[];
  kwargs?: Record<string, unknown>;
  /** Null: for ever. */
  maxRetries?: number | null;
};

/** What a task of `bind: true` is given before its arguments: Celery's `self`. */
export interface TaskContext {
  /** What is known of this attempt. */
  readonly request: TaskRequest;
  /** Aborts at the soft time limit, with SoftTimeLimitExceeded as its reason, and when the task is terminated or aborted. */
  readonly signal: AbortSignal;
  /** Lines carry the id and the name of the task. */
  readonly logger: Logger;
  /** Ends this attempt; the task runs again under the same id. Throws `error` once the retries are used up. */
  retry(options?: RetryOptions): never;
  /** Ends this task; `signature` takes its place: its id, group, chord, callbacks and the rest of its chain. */
  replace(signature: Signature): never;
  /** Adds a member to the chord that this task is a header member of, and sends it; its id. */
  addToChord(signature: Signature): Promise<string>;
  /** Stores a state of the task's own, e.g. PROGRESS, with anything about it. */
  updateState(state: string, meta?: unknown): void;
  /** Publishes an event about this task. */
  sendEvent(type: string, fields?: Record<string, PyValue>): void;
  /** Sends another task as a child of this one; its id. */
  apply(signature: Signature): Promise<string>;
  /** Waits, or rejects with the reason when `signal` aborts. */
  sleep(ms: number): Promise<void>;
  /** Whether somebody stored ABORTED for this task (`AsyncResult.abort`); see `abortable` of TaskOptions. */
  isAborted(): Promise<boolean>;
}

/** How an attempt ended, for `afterReturn`: SUCCESS, FAILURE or RETRY. */
export type TaskEnd = { state: string; result: unknown; error: unknown };

/** Called in the pool, around the body. What they throw is logged and changes nothing, except in `beforeStart`: it fails the task. */
export type TaskHandlers<R = unknown> = {
  /** Before the body. */
  beforeStart?: (context: TaskContext) => unknown;
  /** It returned. */
  onSuccess?: (result: R, context: TaskContext) => unknown;
  /** It threw, and is not tried again. */
  onFailure?: (error: unknown, context: TaskContext) => unknown;
  /** It is tried again. */
  onRetry?: (error: unknown, context: TaskContext) => unknown;
  /** After the others, whatever the end. */
  afterReturn?: (end: TaskEnd, context: TaskContext) => unknown;
};

/** Options as they are kept: plain data. */
export type TaskOptions = {
  /** The first parameter is the TaskContext. */
  bind?: boolean;
  /** Names of the parameters in order, so that keyword arguments find their places. Without it they come as one object, last. */
  params?: readonly string[];
  /** Of its calls that name none. */
  queue?: string;
  /** Of its calls that say none; so are the next two. */
  priority?: number;
  /** json, yaml or msgpack. */
  serializer?: string;
  /** gzip (or zlib) or brotli. */
  compression?: string;
  /** Acknowledge after the end instead of at the start. */
  acksLate?: boolean;
  /** With `acksLate`: whether failures and time limits are acknowledged (default) or rejected. */
  acksOnFailureOrTimeout?: boolean;
  /** The same for failures alone. */
  acksOnFailure?: boolean;
  /** The same for time limits alone. */
  acksOnTimeout?: boolean;
  /** With `acksLate`: the message goes back when the thread or process of the task died. */
  rejectOnWorkerLost?: boolean;
  /** Stores STARTED. */
  trackStarted?: boolean;
  /** Stores no result. */
  ignoreResult?: boolean;
  /** Stores failures of a task that ignores its result. */
  storeErrorsEvenIfIgnored?: boolean;
  /** False: no events about it. */
  sendEvents?: boolean;
  /** `10/s`, `100/m`, `1000/h`, or a number a second. */
  rateLimit?: string | number | null;
  /** Default 3; null: for ever. */
  maxRetries?: number | null;
  /** Default three minutes. */
  defaultRetryDelayMs?: number;
  /** Names of errors, or of classes that they belong to, on which the task retries by itself; `*` is every error. */
  autoretryFor?: readonly string[];
  /** Those that `autoretryFor` would take and that fail the task all the same. */
  dontAutoretryFor?: readonly string[];
  /** Names of errors, or of classes that they belong to, with which it is expected to fail: logged as information, without a traceback. */
  throws?: readonly string[];
  /** Seconds to begin with, doubled each time; true is 1. */
  retryBackoff?: boolean | number;
  /** Default ten minutes. */
  retryBackoffMaxMs?: number;
  /** Default true: a random time up to the computed one. */
  retryJitter?: boolean;
  /** Aborts the task's signal after so long; null: the worker's own limit. */
  softTimeLimitMs?: number | null;
  /** Ends the thread or process after so long. */
  timeLimitMs?: number | null;
  /** The task's signal aborts within half a second of `AsyncResult.abort()`, here or in Python; one more look at the backend each. */
  abortable?: boolean;
  /** Its first parameter is the failed request, the second the error, the third the traceback: an errback of the new style. */
  errback?: boolean;
};

export type TaskBody = (...args: never[]) => unknown;

/** A name of an error, or its class. */
export type ErrorKind = string | (new (...args: never[]) => Error);

/** What `app.task` takes: options and handlers together, errors by name or by class. */
export type TaskDeclaration<R = unknown> = Omit<
  TaskOptions,
  'autoretryFor' | 'dontAutoretryFor' | 'throws'
> &
  TaskHandlers<R> & {
    /** Errors on which the task retries by itself: names, or classes for all that extend them. */
    autoretryFor?: readonly ErrorKind[];
    /** Those that `autoretryFor` would take and that fail the task all the same. */
    dontAutoretryFor?: readonly ErrorKind[];
    /** Errors with which it is expected to fail, by class or by name: logged as information, without a traceback. */
    throws?: readonly ErrorKind[];
  };

export type TaskDefinition = {
  name: string;
  body: TaskBody;
  /** Plain data: it crosses to the consumer. */
  options: TaskOptions;
  handlers: TaskHandlers;
};

/** The ends of a list of parameters: of [a, b] also [b] and []. */
export type Ends<A extends unknown[]> = A | (A extends [unknown, ...infer Rest] ? Ends<Rest> : []);

/** The list without as many of its last as `B` has. */
export type Without<A extends unknown[], B extends unknown[]> = B extends [unknown, ...infer Rest]
  ? A extends [...infer Front, unknown]
    ? Without<Front, Rest>
    : unknown[]
  : A;

/** The handle on a registered task: calls it, and makes signatures of it. */
export interface Task<A extends unknown[], R> {
  readonly name: string;
  /** As it was declared. */
  readonly options: TaskOptions;
  /** Sends it. */
  delay(...args: A): Promise<AsyncResult<R>>;
  /** Sends it with options; keyword arguments are among them, for parameters that the list leaves out. */
  applyAsync(args: Partial<A>, options?: ApplyOptions): Promise<AsyncResult<R>>;
  /** Runs it in this process, whether a worker would or not, and waits for its end. */
  apply(args: Partial<A>, options?: EagerOptions): Promise<AsyncResult<R>>;
  /** A call as a value. What comes before it in a chain comes before these arguments, so they are the last ones. */
  s<B extends Ends<A>>(...args: B): TaskSignature<Without<A, B>, R>;
  /** Takes nothing of what comes before it. */
  si(...args: A): TaskSignature<[], R>;
  /** As `s`, with options; unchecked, for calls by keywords. */
  signature(args: readonly unknown[], options?: SignatureOptions): TaskSignature<unknown[], R>;
  /** One message that calls it for each item in turn. */
  map(items: readonly A[0][]): TaskSignature<[], R[]>;
  /** As `map`, each item being the list of arguments. */
  starmap(items: readonly A[]): TaskSignature<[], R[]>;
  /** A group of `starmap` of `size` items each. */
  chunks(items: readonly A[], size: number): TaskSignature<[], R[][], GroupResult<R[][]>>;
}

/** Where a module of tasks registers them. */
export interface TaskRegistry {
  task<A extends unknown[], R>(
    name: string,
    body: (context: TaskContext, ...args: A) => R,
    options: TaskDeclaration<Awaited<R>> & { bind: true },
  ): Task<A, Awaited<R>>;
  task<A extends unknown[], R>(
    name: string,
    body: (...args: A) => R,
    options?: TaskDeclaration<Awaited<R>> & { bind?: false },
  ): Task<A, Awaited<R>>;
}

export type { PyDict, PyValue };
