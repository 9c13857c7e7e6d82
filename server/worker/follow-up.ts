// What follows a task: callbacks and the next step of its chain after a success, counting and unlocking its chord, errbacks
// after a failure. Mirrors celery.app.trace and celery.backends.base, in their order.
import type { PyValue } from '../../lib/python/values.ts';
import { exceptionValue, type ExceptionInfo, type ResultTuple } from '../celery/result-meta.ts';
import type { Signature } from '../celery/signature.ts';
import type { ApplyOptions } from '../client/apply-options.ts';
import { groupOf } from '../client/canvas-algebra.ts';
import type { Celery } from '../client/celery.ts';
import { failSteps, reportToChord, sendErrbacks } from '../client/chords.ts';
import { hurryOf, type HeldRequest } from './request.ts';

export function childContext({ conf }: Celery, { message }: HeldRequest): ApplyOptions {
  const { id, rootId, priority } = message;
  const context: ApplyOptions = { parentId: id, rootId: rootId ?? id };
  if (conf.taskInheritParentPriority && priority !== null) context.priority = priority;
  return context;
}

/** Callbacks, then the chain; the results of what was sent. */
export async function sendSuccessors(
  app: Celery,
  held: HeldRequest,
  result: PyValue,
): Promise<ResultTuple[]> {
  const { embed } = held.message;
  const context = childContext(app, held);
  const children: ResultTuple[] = [];
  const send = async (sig: Signature, options: ApplyOptions) => {
    children.push(await app.send(sig, [result], options));
  };
  const callbacks = embed?.callbacks ?? [];
  if (callbacks.length > 1) {
    for (const nested of callbacks.filter((sig) => sig.subtaskType === 'group')) {
      await send(nested, context);
    }
    const rest = callbacks.filter((sig) => sig.subtaskType !== 'group');
    if (rest.length > 0) await send(groupOf(rest), context);
  } else if (callbacks[0] !== undefined) {
    await send(callbacks[0], context);
  }
  const steps = embed?.chain ?? [];
  const next = steps.at(-1);
  if (next !== undefined) await send(next, { ...context, chain: steps.slice(0, -1) });
  return children;
}

/** Counts the task in its chord, if it has one; the last member sends the body, or fails it. */
export async function countInChord(
  app: Celery,
  held: HeldRequest,
  member: { state: string; result: PyValue },
): Promise<void> {
  const { id, group: groupId, groupIndex, embed } = held.message;
  const chord = embed?.chord ?? null;
  const whole = { ...member, id, groupId, groupIndex, chord };
  await reportToChord(app, whole, childContext(app, held), hurryOf(held));
}

/** After a failure was stored: the chord part, later steps of the chain, errbacks. */
export async function followFailure(
  app: Celery,
  held: HeldRequest,
  exception: ExceptionInfo,
  traceback: string | null,
  errbacksCalled: readonly string[] = [],
): Promise<void> {
  const { embed, id } = held.message;
  await countInChord(app, held, { state: 'FAILURE', result: exceptionValue(exception) });
  await failSteps(app, embed?.chain ?? [], exception, traceback);
  const errbacks = (embed?.errbacks ?? []).filter(({ task }) => !errbacksCalled.includes(task));
  await sendErrbacks(app, id, errbacks, childContext(app, held));
}
