// From the end of a task to everything that tells the world: results, what follows, events, the acknowledgement. The order is
// Celery's: successors, result, chord, event, ack. Mirrors celery.app.trace and celery.worker.request.
import { shortRepr } from '../../lib/python/repr.ts';
import { pyFloat, type PyValue } from '../../lib/python/values.ts';
import { exceptionValue, type ExceptionInfo } from '../celery/result-meta.ts';
import type { Signature } from '../celery/signature.ts';
import type { Celery } from '../client/celery.ts';
import type { AppConfig } from '../client/config.ts';
import { errorText, isAppError } from '../core/errors.ts';
import { isPassing } from '../core/passing-trouble.ts';
import type { Logger } from '../core/logger.ts';
import { countInChord, followFailure, sendSuccessors } from './follow-up.ts';
import { describeError } from '../client/attempt/error-report.ts';
import type { ErrorReport, Outcome } from '../client/attempt/attempt.ts';
import type { HeldRequest } from './request.ts';
import type { TaskOptions } from '../client/task-types.ts';
import { sendReplacement } from './send-replacement.ts';
import { sendRetry } from './send-retry.ts';
import { storeResult } from './store-result.ts';
import type { WorkerEvents } from './worker-events.ts';

export type OutcomeParts = {
  app: Celery;
  hostname: string;
  events: WorkerEvents;
  logger: Logger;
};

type Settlement = 'ack' | 'reject' | 'requeue';

/**
 * Tells of the end of a task; afterwards its message is settled, also where telling went wrong: it has ended. Only what a hurried shutdown did
 * not wait for goes back, so that another worker tells it.
 */
export async function concludeTask(
  parts: OutcomeParts,
  held: HeldRequest,
  outcome: Outcome,
): Promise<void> {
  let settlement: Settlement = 'ack';
  try {
    settlement = await settlementOf(parts, held, outcome);
  } catch (error) {
    if (held.hurry.aborted && mayComeTrue(error)) settlement = 'requeue';
    throw error;
  } finally {
    await settle(parts, held, outcome, settlement);
  }
}

/** What more patience might have mended. */
function mayComeTrue(error: unknown): boolean {
  return isPassing(error) || (isAppError(error) && error.code === 'closed');
}

async function settle(
  parts: OutcomeParts,
  held: HeldRequest,
  outcome: Outcome,
  settlement: Settlement,
): Promise<void> {
  if (held.acknowledged) return;
  held.acknowledged = true;
  if (settlement === 'ack') await held.delivery.ack();
  else {
    const requeue = settlement === 'requeue';
    await held.delivery.reject({ requeue });
    if (outcome.type === 'reject') event(parts, held, 'task-rejected', { requeue });
  }
}

async function settlementOf(
  parts: OutcomeParts,
  held: HeldRequest,
  outcome: Outcome,
): Promise<Settlement> {
  switch (outcome.type) {
    case 'success':
      await succeed(parts, held, outcome.result, outcome.runtimeMs);
      return 'ack';
    case 'failure':
      return afterFailure(parts, held, outcome);
    case 'retry':
      return retry(parts, held, outcome);
    case 'ignore':
      return 'ack';
    case 'replace':
      return replace(parts, held, outcome.signature);
    case 'cancelled':
      return cancel(parts, held);
    case 'reject':
      if (!outcome.requeue) await fail(parts, held, outcome.error);
      return outcome.requeue ? 'requeue' : 'reject';
    case 'terminated':
      await revoke(parts, held, { terminated: true, signum: outcome.signal, expired: false });
      return 'ack';
  }
}

/** What counts only for messages that are not acknowledged yet. */
async function afterFailure(
  parts: OutcomeParts,
  held: HeldRequest,
  { error, lost, timedOut, errbacksCalled }: Extract<Outcome, { type: 'failure' }>,
): Promise<Settlement> {
  const { conf } = parts.app;
  const { rejectOnWorkerLost } = held.options;
  const goesBack = rejectOnWorkerLost ?? conf.taskRejectOnWorkerLost;
  if (lost === true && !held.acknowledged && goesBack) return 'requeue';
  await fail(parts, held, error, errbacksCalled);
  const isTimeout = timedOut === true;
  if (acknowledgesEnd(held.options, conf, isTimeout)) return 'ack';
  return isTimeout ? 'requeue' : 'reject';
}

/** The setting of the one kind of end wins over that of both, whether of the task or of the app. */
function acknowledgesEnd(own: TaskOptions, conf: AppConfig, isTimeout: boolean): boolean {
  const one = isTimeout
    ? (own.acksOnTimeout ?? conf.taskAcksOnTimeout)
    : (own.acksOnFailure ?? conf.taskAcksOnFailure);
  return one ?? own.acksOnFailureOrTimeout ?? conf.taskAcksOnFailureOrTimeout;
}

function event(
  { events }: OutcomeParts,
  held: HeldRequest,
  type: string,
  fields: Record<string, PyValue>,
): void {
  if (held.options.sendEvents !== false) events.task(type, held.message.id, fields);
}

async function succeed(
  parts: OutcomeParts,
  held: HeldRequest,
  result: PyValue,
  runtimeMs: number,
): Promise<void> {
  const { app, hostname } = parts;
  const { embed } = held.message;
  const isFollowed = embed !== null && (embed.callbacks !== null || embed.chain !== null);
  try {
    if (isFollowed) held.children.push(...(await sendSuccessors(app, held, result)));
  } catch (error) {
    await fail(parts, held, unsent(error));
    return;
  }
  await storeResult(app, held, hostname, { status: 'SUCCESS', result, doneAt: app.clock.now() });
  if (embed?.chord != null) await countInChord(app, held, { state: 'SUCCESS', result });
  if (!parts.events.enabled) return;
  event(parts, held, 'task-succeeded', {
    result: shortRepr(result),
    runtime: pyFloat(runtimeMs / 1000),
  });
}

async function fail(
  parts: OutcomeParts,
  held: HeldRequest,
  error: ErrorReport,
  errbacksCalled: readonly string[] = [],
): Promise<void> {
  const { app, hostname } = parts;
  const exception = toExceptionInfo(error);
  await storeResult(app, held, hostname, {
    status: 'FAILURE',
    exception,
    traceback: error.traceback,
    doneAt: app.clock.now(),
  });
  await followFailure(app, held, exception, error.traceback, errbacksCalled);
  event(parts, held, 'task-failed', {
    exception: error.repr,
    traceback: error.traceback ?? '',
  });
}

async function retry(
  parts: OutcomeParts,
  held: HeldRequest,
  outcome: Extract<Outcome, { type: 'retry' }>,
): Promise<Settlement> {
  const { app, hostname } = parts;
  try {
    await sendRetry(app, held, outcome);
  } catch (error) {
    // What is not acknowledged comes again when the broker is back, and retries then.
    if (!held.acknowledged && isPassing(error)) return 'requeue';
    await fail(parts, held, unsent(error));
    return 'ack';
  }
  const { cause, traceback } = outcome;
  await storeResult(app, held, hostname, {
    status: 'RETRY',
    ...(cause === null ? {} : { exception: toExceptionInfo(cause) }),
    traceback,
  });
  event(parts, held, 'task-retried', {
    exception: cause?.repr ?? 'None',
    traceback: traceback ?? '',
  });
  return 'ack';
}

/** What a task fails with when something that it wanted sent could not be. */
function unsent(error: unknown): ErrorReport {
  return describeError('OperationalError', 'kombu.exceptions', [errorText(error)]);
}

/** The signature takes the task's place: its id, group, chord, callbacks and the rest of its chain. */
async function replace(
  parts: OutcomeParts,
  held: HeldRequest,
  sig: Signature,
): Promise<Settlement> {
  try {
    await sendReplacement(parts.app, held, sig);
  } catch (error) {
    await fail(parts, held, unsent(error));
  }
  return 'ack';
}

/** Cut off by a shutdown: goes back to its queue, or, acknowledged before, is at least known to have been lost. */
async function cancel(parts: OutcomeParts, held: HeldRequest): Promise<Settlement> {
  if (!held.acknowledged) return 'requeue';
  const text = 'The worker was shut down before the task ended.';
  await fail(parts, held, describeError('WorkerLostError', 'billiard.exceptions', [text]));
  return 'ack';
}

/** Before its start, past its time, or in the middle: the task does not run to its end. */
export async function revoke(
  parts: OutcomeParts,
  held: HeldRequest,
  how: { terminated: boolean; signum: string | null; expired: boolean },
): Promise<void> {
  const { app, hostname } = parts;
  const reason = how.terminated ? 'terminated' : how.expired ? 'expired' : 'revoked';
  const exception: ExceptionInfo = {
    excType: 'TaskRevokedError',
    excModule: 'celery.exceptions',
    excMessage: [reason],
  };
  await storeResult(app, held, hostname, {
    status: 'REVOKED',
    exception,
    doneAt: app.clock.now(),
  });
  await countInChord(app, held, { state: 'REVOKED', result: exceptionValue(exception) });
  event(parts, held, 'task-revoked', how);
  const { id, name: task } = held.message;
  for (const error of await app.signals.taskRevoked.send({ task, id, ...how })) {
    parts.logger.error({ error: errorText(error) }, 'a handler of a signal failed');
  }
}

export function toExceptionInfo(error: ErrorReport): ExceptionInfo {
  const { excType, excModule, excMessage } = error;
  return { excType, excModule, excMessage };
}
