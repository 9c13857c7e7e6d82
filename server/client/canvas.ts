// Signatures as people work with them: calls as values, joined to chains, groups and chords, with the types of what goes in
// and what comes out. A signature never changes: each method answers a new one. Builds data only; expand.ts sends it.
import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { toPyValue } from '../celery/fields.ts';
import { createSignature, encodeSignature, type Signature } from '../celery/signature.ts';
import { toCeleryOptions, type ApplyOptions, type EagerOptions } from './apply-options.ts';
import {
  chordOf,
  errorLinked,
  fold,
  groupOf,
  join,
  linked,
  readSignature,
  stamped,
} from './canvas-algebra.ts';
import { currentApp, type SignatureSender } from './current-app.ts';
import type { AsyncResult, GroupResult } from './results.ts';

/** Options of a call that is kept for later. */
export type SignatureOptions = ApplyOptions & {
  /** Takes no results of what comes before it. */
  immutable?: boolean;
};

/**
 * A call as a value. `A` are the arguments that it still takes, `R` is its result, `H` the handle that sending it answers.
 * In JSON, as an argument or a result it is Celery's own dictionary; `toSignature` reads it there.
 */
export class TaskSignature<
  A extends unknown[] = unknown[],
  R = unknown,
  H extends AsyncResult<R> = AsyncResult<R>,
> implements Signature {
  readonly task: string;
  readonly args: PyValue[];
  readonly kwargs: PyDict;
  readonly options: PyDict;
  readonly subtaskType: string | null;
  readonly immutable: boolean;
  readonly extra: PyDict;
  readonly #sender: SignatureSender | null;

  constructor(parts: Signature, sender: SignatureSender | null = null) {
    this.task = parts.task;
    this.args = parts.args;
    this.kwargs = parts.kwargs;
    this.options = parts.options;
    this.subtaskType = parts.subtaskType;
    this.immutable = parts.immutable;
    this.extra = parts.extra;
    this.#sender = sender ?? senderOf(parts);
  }

  static senderOf(sig: TaskSignature): SignatureSender | null {
    return sig.#sender;
  }

  /** Sends it; the arguments come before those that it has. */
  delay(...args: A): Promise<H> {
    return this.applyAsync(args);
  }

  applyAsync(args?: Partial<A>, options: ApplyOptions = {}): Promise<H> {
    const app = this.#sender ?? currentApp();
    return app.apply(this, args ?? [], options) as Promise<H>;
  }

  /** Runs it in this process and waits for its end, all steps of a workflow one after the other. */
  apply(args?: Partial<A>, options: EagerOptions = {}): Promise<H> {
    const app = this.#sender ?? currentApp();
    return app.runHere(this, args ?? [], options) as Promise<H>;
  }

  /** With further options; links are added to those it has. */
  set(options: SignatureOptions): TaskSignature<A, R, H> {
    const { immutable, ...rest } = options;
    const changed = withOptions(this, rest);
    return this.#like(immutable === undefined ? changed : { ...changed, immutable });
  }

  /** With these arguments before its own. */
  clone(...args: unknown[]): TaskSignature<unknown[], R, H> {
    return new TaskSignature(
      { ...plain(this), args: [...args.map((arg) => toPyValue(arg)), ...this.args] },
      this.#sender,
    );
  }

  /** Python's `|`: then `next`, with this one's result as its first argument. */
  pipe<R2, H2 extends AsyncResult<R2>>(next: TaskSignature<[R], R2, H2>): TaskSignature<A, R2, H2> {
    return new TaskSignature(join(plain(this), plain(next)), this.#sender ?? senderOf(next));
  }

  /** The same as `pipe`. */
  or<R2, H2 extends AsyncResult<R2>>(next: TaskSignature<[R], R2, H2>): TaskSignature<A, R2, H2> {
    return this.pipe(next);
  }

  /** Calls `callback` with the result when it succeeded. */
  link(callback: TaskSignature<[R]>): TaskSignature<A, R, H> {
    return this.#like(linked(plain(this), plain(callback)));
  }

  /** Calls `errback` when it failed: with the id of the failed task, or with request, error and traceback if it takes several. */
  linkError(errback: TaskSignature): TaskSignature<A, R, H> {
    return this.#like(errorLinked(plain(this), plain(errback)));
  }

  /** Marks it and all that is in it, so that the tasks can be found by the mark; a function marks each by itself. */
  stamp(
    stamps: Readonly<Record<string, unknown>> | ((sig: Signature) => Record<string, unknown>),
  ): TaskSignature<A, R, H> {
    const stampsOf = typeof stamps === 'function' ? stamps : () => stamps;
    return this.#like(stamped(plain(this), (sig) => toPyValue(stampsOf(sig)) as PyDict));
  }

  /** Celery's dictionary. */
  toJSON(): PyDict {
    return encodeSignature(this);
  }

  #like(parts: Signature): TaskSignature<A, R, H> {
    return new TaskSignature(parts, this.#sender);
  }
}

/** Any signature, whatever it takes and answers. */
type Some = TaskSignature;
type ResultOf<S> = S extends TaskSignature<infer _A, infer R, infer _H> ? R : unknown;
type ResultsOf<T extends readonly Some[]> = { -readonly [K in keyof T]: ResultOf<T[K]> };

function senderOf(sig: Signature): SignatureSender | null {
  return sig instanceof TaskSignature ? TaskSignature.senderOf(sig as TaskSignature) : null;
}

function plain(sig: Signature): Signature {
  const { task, args, kwargs, options, subtaskType, immutable, extra } = sig;
  return { task, args, kwargs, options, subtaskType, immutable, extra };
}

/** A call of a task by name; of the app that was made last unless an app makes it. */
export function signature<R = unknown>(
  name: string,
  args: readonly unknown[] = [],
  options: SignatureOptions = {},
  sender: SignatureSender | null = null,
): TaskSignature<unknown[], R> {
  const { kwargs = {}, immutable = false, ...rest } = options;
  const parts = {
    args: args.map((arg) => toPyValue(arg)),
    kwargs: toPyValue(kwargs) as PyDict,
    immutable,
    options: toCeleryOptions(rest),
  };
  return new TaskSignature(createSignature(name, parts), sender);
}

/** A signature that came as an argument or a result. Throws AppError bad_request when it is none. */
export function toSignature<R = unknown>(value: unknown): TaskSignature<unknown[], R> {
  if (value instanceof TaskSignature) return value as TaskSignature<unknown[], R>;
  return new TaskSignature(readSignature(toPyValue(value)));
}

/** Whether a value has the form of a signature. */
export function isSignature(value: unknown): boolean {
  return isPyDict(value) && typeof value['task'] === 'string' && 'subtask_type' in value;
}

function withOptions(sig: Signature, options: ApplyOptions): Signature {
  const more = toCeleryOptions(options);
  for (const key of ['link', 'link_error']) {
    const had = sig.options[key];
    const has = more[key];
    if (Array.isArray(had) && Array.isArray(has)) more[key] = [...had, ...has];
  }
  return { ...plain(sig), options: { ...sig.options, ...more } };
}

type Step<A extends unknown[], R> = TaskSignature<A, R>;

/** One after the other, each with the result of the one before as its first argument. */
export function chain<A extends unknown[], R>(first: Step<A, R>): TaskSignature<A, R>;
export function chain<A extends unknown[], B, R>(
  first: Step<A, B>,
  last: Step<[B], R>,
): TaskSignature<A, R>;
export function chain<A extends unknown[], B, C, R>(
  first: Step<A, B>,
  second: Step<[B], C>,
  last: Step<[C], R>,
): TaskSignature<A, R>;
export function chain<A extends unknown[], B, C, D, R>(
  first: Step<A, B>,
  second: Step<[B], C>,
  third: Step<[C], D>,
  last: Step<[D], R>,
): TaskSignature<A, R>;
export function chain<A extends unknown[], B, C, D, E, R>(
  first: Step<A, B>,
  second: Step<[B], C>,
  third: Step<[C], D>,
  fourth: Step<[D], E>,
  last: Step<[E], R>,
): TaskSignature<A, R>;
/** Of a list, whose steps are not checked against each other. */
export function chain(tasks: readonly Some[]): TaskSignature;
export function chain(...given: readonly (Some | readonly Some[])[]): TaskSignature {
  const tasks = given.flatMap((one) => one as Some | Some[]);
  return new TaskSignature(fold(tasks.map(plain)), firstSender(tasks));
}

/** All at once; the result is the list of their results, in their order. */
export function group<const T extends readonly Some[]>(
  tasks: T,
): TaskSignature<unknown[], ResultsOf<T>, GroupResult<ResultsOf<T>>> {
  return new TaskSignature(groupOf(tasks.map(plain)), firstSender(tasks));
}

/** All at once, then `body` with the list of their results. */
export function chord<const T extends readonly Some[], R, H extends AsyncResult<R>>(
  header: T,
  body: TaskSignature<[ResultsOf<T>], R, H>,
): TaskSignature<unknown[], R, H> {
  return new TaskSignature(chordOf(header.map(plain), plain(body)), firstSender([...header, body]));
}

/** One task message that calls the task for each item in turn; the list of results. */
export function map<I, R>(
  task: TaskSignature<[I], R>,
  items: readonly I[],
): TaskSignature<[], R[]> {
  return mapping('celery.map', task, items);
}

/** As `map`, each item being the list of arguments. */
export function starmap<A extends unknown[], R>(
  task: TaskSignature<A, R>,
  items: readonly A[],
): TaskSignature<[], R[]> {
  return mapping('celery.starmap', task, items);
}

/** A group of `starmap` of `size` items each. */
export function chunks<A extends unknown[], R>(
  task: TaskSignature<A, R>,
  items: readonly A[],
  size: number,
): TaskSignature<[], R[][], GroupResult<R[][]>> {
  const tasks = [];
  for (let at = 0; at < items.length; at += Math.max(1, size)) {
    tasks.push(plain(starmap(task, items.slice(at, at + Math.max(1, size)))));
  }
  return new TaskSignature(groupOf(tasks), senderOf(task));
}

function mapping<R>(
  name: string,
  task: Signature,
  items: readonly unknown[],
): TaskSignature<[], R[]> {
  const kwargs = { task: encodeSignature(task), it: items.map((item) => toPyValue(item)) };
  return new TaskSignature(createSignature(name, { kwargs, immutable: true }), senderOf(task));
}

function firstSender(tasks: readonly Some[]): SignatureSender | null {
  for (const task of tasks) {
    const sender = senderOf(task);
    if (sender !== null) return sender;
  }
  return null;
}
