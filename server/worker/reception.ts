// What becomes of a message before it is a request of this worker: refused, unknown, or done already by somebody else. Mirrors
// celery.worker.consumer's handlers of invalid and unknown messages.
import type { Delivery } from '../broker/transport.ts';
import { msToIso } from '../celery/fields.ts';
import type { TaskMessage } from '../celery/message.ts';
import type { TaskOptions } from '../client/task-types.ts';
import { errorText } from '../core/errors.ts';
import { countInChord } from './follow-up.ts';
import type { OutcomeParts } from './outcome.ts';
import { describeError } from '../client/attempt/error-report.ts';
import { displayName, type HeldRequest } from './request.ts';
import { storeResult } from './store-result.ts';

/** Why the message of a task that is known here cannot run; null: it can. */
export function refusalOf(
  { contentType }: Delivery['message'],
  { args, kwargs, bodyIssue }: TaskMessage,
  accepted: ReadonlySet<string>,
): string | null {
  if (!accepted.has(contentType)) {
    return `Refusing to deserialize disabled content of type ${contentType}`;
  }
  return args === null || kwargs === null ? (bodyIssue ?? 'it has no arguments') : null;
}

export function toHeldRequest(
  key: number,
  message: TaskMessage,
  delivery: Delivery,
  options: TaskOptions | undefined,
  hurry: AbortSignal,
): HeldRequest {
  const { args, kwargs } = message;
  const isWhole = args !== null && kwargs !== null;
  return {
    key,
    place: -1,
    // Not copied where it need not be: this is done for every task.
    message: isWhole
      ? (message as HeldRequest['message'])
      : { ...message, args: args ?? [], kwargs: kwargs ?? {} },
    delivery,
    options: options ?? {},
    state: 'received',
    acknowledged: false,
    startedAt: null,
    pid: null,
    children: [],
    hurry,
  };
}

/** What no worker could ever run: not put back, so that it does not come again. */
export async function rejectMessage(
  parts: OutcomeParts,
  delivery: Delivery,
  reason: string,
  task?: TaskMessage,
): Promise<void> {
  const { app, logger } = parts;
  const about = task === undefined ? {} : { task: task.name, id: task.id };
  logger.error({ queue: delivery.queue, reason, ...about }, 'Received invalid task message');
  await delivery.reject({ requeue: false });
  await tell(parts, app.signals.taskRejected.send({ reason }));
}

/** A task of a type that is not registered here. */
export async function refuseUnknown(parts: OutcomeParts, held: HeldRequest): Promise<void> {
  const { app, events, hostname, logger } = parts;
  const { id, name } = held.message;
  logger.warn({ task: name, id }, `Received unregistered task of type '${name}'`);
  held.acknowledged = true;
  await held.delivery.reject({ requeue: false });
  const error = describeError('NotRegistered', 'celery.exceptions', [name]);
  await storeResult(app, held, hostname, {
    status: 'FAILURE',
    exception: error,
    doneAt: app.clock.now(),
  });
  events.task('task-failed', id, { exception: error.repr });
  await tell(parts, app.signals.taskUnknown.send({ task: name, id }));
}

/** Whether somebody may have brought it to its end before it was delivered again (worker_deduplicate_successful_tasks). */
export function mayHaveSucceeded({ app }: OutcomeParts, { message, options }: HeldRequest) {
  return (
    app.conf.workerDeduplicateSuccessfulTasks &&
    message.redelivered === true &&
    (options.acksLate ?? app.conf.taskAcksLate) &&
    app.backend !== null &&
    app.backend.kind !== 'rpc'
  );
}

export async function hasSucceeded(parts: OutcomeParts, held: HeldRequest): Promise<boolean> {
  const { app, logger } = parts;
  const { name, id } = held.message;
  const meta = await app.backend?.get(id).catch(() => null);
  if (meta?.status !== 'SUCCESS') return false;
  const what = `Task ${displayName(held)}[${id}] ignored: Task already completed successfully.`;
  logger.info({ task: name, id }, what);
  // Its worker may have died between the result and the chord; who was counted is not counted again.
  const { result } = meta;
  if (held.message.embed?.chord != null) {
    await countInChord(app, held, { state: 'SUCCESS', result });
  }
  return true;
}

/** Waits for the handlers of a signal; one that fails is told and harms nothing. */
export async function tell({ logger }: OutcomeParts, sending: Promise<unknown[]>): Promise<void> {
  for (const error of await sending) {
    logger.error({ error: errorText(error) }, 'a handler of a signal failed');
  }
}

/** What task-received tells. */
export function receivedFields(message: HeldRequest['message']) {
  return {
    name: message.name,
    args: message.argsRepr ?? '',
    kwargs: message.kwargsRepr ?? '',
    root_id: message.rootId,
    parent_id: message.parentId,
    retries: message.retries,
    eta: message.etaAt === null ? null : msToIso(message.etaAt),
    expires: message.expiresAt === null ? null : msToIso(message.expiresAt),
  };
}
