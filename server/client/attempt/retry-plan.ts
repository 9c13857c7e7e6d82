// Whether and when an attempt is followed by another one. Celery's numbers: three minutes, three times, back-off doubled from its factor
// and capped, jitter over the whole of it. Mirrors celery.app.task.Task.retry and celery.app.autoretry.
import { pythonRepr } from '../../../lib/python/repr.ts';
import { PyTuple } from '../../../lib/python/values.ts';
import { toPyValue } from '../../celery/fields.ts';
import { Ignore, MaxRetriesExceededError, Reject, Replace, Retry } from '../task-errors.ts';
import type { RetryOptions, TaskOptions } from '../task-types.ts';
import { reportError } from './error-report.ts';
import type { Job } from './attempt.ts';

const DEFAULT_RETRY_DELAY_MS = 180_000;
const DEFAULT_MAX_RETRIES = 3;
const DEFAULT_BACKOFF_MAX_MS = 600_000;

/** Throws Retry, or what the task fails with once its retries are used up. */
export function planRetry(options: TaskOptions, job: Job, given: RetryOptions): never {
  const { request } = job;
  const most = given.maxRetries === undefined ? maxRetriesOf(options) : given.maxRetries;
  if (most !== null && request.retries + 1 > most) {
    if (given.error !== undefined && given.error !== null) throw toThrow(given.error);
    throw new MaxRetriesExceededError(
      job.name,
      job.id,
      pythonRepr(new PyTuple(request.args.map((arg) => toPyValue(arg)))),
      pythonRepr(toPyValue(request.kwargs)),
    );
  }
  const delayMs = given.countdownMs ?? options.defaultRetryDelayMs ?? DEFAULT_RETRY_DELAY_MS;
  throw new Retry({
    cause: given.error ?? null,
    etaAt: given.etaAt ?? Date.now() + delayMs,
    args: given.args ?? null,
    kwargs: given.kwargs ?? null,
  });
}

/** What to go on with after a throw: the error itself, or a Retry in its place. */
export function afterThrow(options: TaskOptions, job: Job, thrown: unknown): unknown {
  const { autoretryFor = [], dontAutoretryFor = [] } = options;
  if (autoretryFor.length === 0 || isControl(thrown)) return thrown;
  if (!isOneOf(thrown, autoretryFor) || isOneOf(thrown, dontAutoretryFor)) return thrown;
  const countdownMs = backoffMs(options, job.request.retries);
  try {
    return planRetry(options, job, {
      error: thrown,
      ...(countdownMs === null ? {} : { countdownMs }),
    });
  } catch (planned) {
    return planned;
  }
}

export function isOneOf(thrown: unknown, names: readonly string[]): boolean {
  if (names.length === 0) return false;
  const kinds = kindsOf(thrown);
  return names.some((name) => kinds.includes(name));
}

/** Its name, and the names of the classes that it belongs to; `*` is every error. */
function kindsOf(thrown: unknown): string[] {
  const kinds = [reportError(thrown).excType, '*'];
  if (!(thrown instanceof Error)) return kinds;
  let prototype = Object.getPrototypeOf(thrown) as Error;
  while (prototype !== Error.prototype && prototype instanceof Error) {
    kinds.push(prototype.constructor.name);
    prototype = Object.getPrototypeOf(prototype) as Error;
  }
  return kinds;
}

/** Null without back-off: the task's default delay. */
export function backoffMs(
  options: TaskOptions,
  retries: number,
  random: () => number = Math.random,
): number | null {
  const { retryBackoff = false, retryJitter = true } = options;
  if (retryBackoff === false) return null;
  const factor = Math.max(1, retryBackoff === true ? 1 : Math.floor(retryBackoff));
  const most = (options.retryBackoffMaxMs ?? DEFAULT_BACKOFF_MAX_MS) / 1000;
  const seconds = Math.min(most, factor * 2 ** retries);
  return (retryJitter ? Math.floor(random() * (Math.floor(seconds) + 1)) : seconds) * 1000;
}

function maxRetriesOf(options: TaskOptions): number | null {
  return options.maxRetries === undefined ? DEFAULT_MAX_RETRIES : options.maxRetries;
}

function isControl(thrown: unknown): boolean {
  return (
    thrown instanceof Retry ||
    thrown instanceof Ignore ||
    thrown instanceof Reject ||
    thrown instanceof Replace
  );
}

function toThrow(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
