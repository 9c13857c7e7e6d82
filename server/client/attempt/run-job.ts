// Runs one attempt of a task, with its handlers and signals around it, and says how it ended. Mirrors celery.app.trace; it knows no
// broker and no backend.
import { isPyDict, type PyDict } from '../../../lib/python/values.ts';
import { encodeKombuJson } from '../../celery/codec/kombu-json.ts';
import { toPyValue } from '../../celery/fields.ts';
import type { Signals } from '../signals.ts';
import { Ignore, Reject, Replace, Retry } from '../task-errors.ts';
import type { TaskContext, TaskDefinition, TaskOptions } from '../task-types.ts';
import { describeError, reportError } from './error-report.ts';
import type { Job, ReportedOutcome } from './attempt.ts';
import { packOutcome } from './packed-outcome.ts';
import { afterThrow, isOneOf } from './retry-plan.ts';

const MAX_DEPTH = 256;

/** `given` stands for the arguments of the message. `end` is what the body returned, or what was thrown, or thrown in its place. */
export async function runJob(
  definition: TaskDefinition,
  job: Job,
  context: TaskContext,
  signals: Signals,
  given: readonly unknown[] | null = null,
): Promise<{ outcome: ReportedOutcome; end: unknown }> {
  const startedAt = performance.now();
  const { options, handlers } = definition;
  const known = { task: job.name, id: job.id };
  let outcome: ReportedOutcome;
  let end: unknown = null;
  try {
    if (signals.taskPrerun.isHeard) {
      await tell(context, signals.taskPrerun.send({ ...known, context }));
    }
    await handlers.beforeStart?.(context);
    const args = given ?? argumentsOf(options, job);
    const all = options.bind === true ? [context, ...args] : args;
    end = await definition.body(...(all as never[]));
    outcome = checked(end, performance.now() - startedAt);
  } catch (thrown) {
    end = afterThrow(options, job, thrown);
    outcome = sendable(outcomeOf(end));
    if (outcome.type === 'failure' && isOneOf(end, options.throws ?? [])) outcome.isExpected = true;
  }
  if (outcome.type === 'failure' && outcome.error.excType === 'EncodeError') end = outcome.error;
  await follow(definition, context, signals, { outcome, end });
  return { outcome, end };
}

/** A result that cannot be written down makes the task fail, here and not later. */
function checked(returned: unknown, runtimeMs: number): ReportedOutcome {
  try {
    refuseUnwritable(returned);
    return { type: 'success', json: encodeKombuJson(toPyValue(returned)), runtimeMs };
  } catch (error) {
    return unwritable(error);
  }
}

/** The same for the arguments of a retry and for a replacement. */
function sendable(outcome: ReportedOutcome): ReportedOutcome {
  try {
    packOutcome(outcome);
    return outcome;
  } catch (error) {
    return unwritable(error);
  }
}

function unwritable(error: unknown): ReportedOutcome {
  const text = error instanceof Error ? error.message : String(error);
  return { type: 'failure', error: describeError('EncodeError', 'kombu.exceptions', [text]) };
}

/** What JSON would leave out in silence. */
function refuseUnwritable(value: unknown, depth = 0): void {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`A ${typeof value} cannot be a result`);
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw new TypeError('The result is nested too deeply');
  const isPlain = Array.isArray(value) || isPyDict(value);
  if (isPlain) for (const item of Object.values(value)) refuseUnwritable(item, depth + 1);
}

function outcomeOf(thrown: unknown): ReportedOutcome {
  if (thrown instanceof Retry) {
    const { cause, etaAt, args, kwargs } = thrown.plan;
    const report = cause === undefined || cause === null ? null : reportError(cause);
    return {
      type: 'retry',
      cause: report,
      traceback: report?.traceback ?? reportError(thrown).traceback,
      etaAt,
      args: args === null ? null : args.map((arg) => toPyValue(arg)),
      kwargs: kwargs === null ? null : (toPyValue(kwargs) as PyDict),
    };
  }
  if (thrown instanceof Replace) return { type: 'replace', signature: thrown.signature };
  if (thrown instanceof Ignore) return { type: 'ignore' };
  if (thrown instanceof Reject) {
    return { type: 'reject', requeue: thrown.requeue, error: reportError(thrown) };
  }
  return { type: 'failure', error: reportError(thrown) };
}

function argumentsOf(options: TaskOptions, job: Job): unknown[] {
  const { args, kwargs } = job.request;
  const names = Object.keys(kwargs);
  if (names.length === 0) return args;
  const { params } = options;
  if (params === undefined) return [...args, kwargs];
  const all = [...args];
  for (const name of names) {
    const at = params.indexOf(name);
    if (at < 0) {
      throw new TypeError(`${job.name}() got an unexpected keyword argument '${name}'`);
    }
    all[at] = kwargs[name];
  }
  return all;
}

/** Handlers and signals after the end. What they throw is logged and changes nothing. */
async function follow(
  { handlers, name: task }: TaskDefinition,
  context: TaskContext,
  signals: Signals,
  { outcome, end }: { outcome: ReportedOutcome; end: unknown },
): Promise<void> {
  const { request } = context;
  const known = { task, id: request.id };
  const guarded = async (work: () => unknown) => {
    try {
      await work();
    } catch (error) {
      warn(context, error);
    }
  };
  let state = outcome.type.toUpperCase();
  switch (outcome.type) {
    case 'success':
      if (handlers.onSuccess !== undefined) await guarded(() => handlers.onSuccess?.(end, context));
      if (signals.taskSuccess.isHeard) {
        await tell(context, signals.taskSuccess.send({ ...known, request, result: end }));
      }
      break;
    case 'failure':
      if (handlers.onFailure !== undefined) await guarded(() => handlers.onFailure?.(end, context));
      if (signals.taskFailure.isHeard) {
        await tell(context, signals.taskFailure.send({ ...known, request, error: end }));
      }
      break;
    case 'retry': {
      const { plan } = end as Retry;
      if (handlers.onRetry !== undefined) {
        await guarded(() => handlers.onRetry?.(plan.cause, context));
      }
      if (signals.taskRetry.isHeard) {
        await tell(
          context,
          signals.taskRetry.send({ ...known, request, reason: plan.cause, plan }),
        );
      }
      break;
    }
    case 'reject':
      state = 'REJECTED';
      break;
    default:
      state = 'IGNORED';
  }
  const isSuccess = outcome.type === 'success';
  if (handlers.afterReturn !== undefined && ['SUCCESS', 'FAILURE', 'RETRY'].includes(state)) {
    const ended = { state, result: isSuccess ? end : null, error: isSuccess ? null : end };
    await guarded(() => handlers.afterReturn?.(ended, context));
  }
  if (signals.taskPostrun.isHeard) {
    const result = isSuccess ? end : null;
    await tell(context, signals.taskPostrun.send({ ...known, context, state, result }));
  }
}

async function tell(context: TaskContext, sending: Promise<unknown[]>): Promise<void> {
  for (const error of await sending) warn(context, error);
}

function warn({ logger }: TaskContext, error: unknown): void {
  logger.error({ error: reportError(error).traceback }, 'a handler of the task failed');
}
