// How a chord ends: members report, the last one sends the body, and a failure fails the body and calls its errbacks. The counters go
// after the body was sent. Mirrors on_chord_part_return, chord_error_from_stack and _fail_chain of celery.backends.
import { pythonRepr } from '../../lib/python/repr.ts';
import type { PyValue } from '../../lib/python/values.ts';
import { isChordBackend } from '../backend/create-backend.ts';
import type { ChordClaim, ChordOutcome, ResultBackend } from '../backend/result-backend.ts';
import type { Transport } from '../broker/transport.ts';
import { integerOrNull } from '../celery/fields.ts';
import {
  emptyResultMeta,
  exceptionFrom,
  exceptionValue,
  type ExceptionInfo,
} from '../celery/result-meta.ts';
import type { Signature } from '../celery/signature.ts';
import { EXCEPTION_STATES } from '../celery/states.ts';
import { errorText } from '../core/errors.ts';
import type { ApplyOptions } from './apply-options.ts';
import { bodyOf, groupOf, readSignature, signaturesOf } from './canvas-algebra.ts';
import { lastOf } from './freeze.ts';

/** What is needed of an app. */
export interface ChordApp {
  readonly backend: ResultBackend | null;
  readonly transport: Pick<Transport, 'status' | 'onStatus'>;
  send(sig: Signature, args: PyValue[], options?: ApplyOptions): Promise<unknown>;
}

export type ChordMember = {
  id: string;
  groupId: string | null;
  groupIndex: number | null;
  chord: Signature | null;
  state: string;
  /** The result, or the exception's dictionary. */
  result: PyValue;
};

/** Counts a member in its chord, if it has one; `context` is what the body is a child of, `hurry` ends waits for another's claim. */
export async function reportToChord(
  app: ChordApp,
  member: ChordMember,
  context: ApplyOptions = {},
  hurry?: AbortSignal,
): Promise<void> {
  const { chord: body, groupId, id, state, result, groupIndex } = member;
  if (body === null || groupId === null || app.backend === null) return;
  if (!isChordBackend(app.backend)) return;
  const claim = await app.backend.chordMemberDone(
    groupId,
    { id, state, result, groupIndex },
    hurry,
  );
  if (claim !== null) await endChord(app, body, claim, context);
}

/** As long as Celery's own attempts to publish take with its defaults. */
const BROKER_BACK_MS = 16_000;

/** The claim is held while the body is sent, and the counters go afterwards: who dies in between is followed by another. */
async function endChord(
  app: ChordApp,
  body: Signature,
  claim: ChordClaim,
  context: ApplyOptions,
): Promise<void> {
  const fail = (exception: ExceptionInfo) =>
    failBody(app, body, exception, context).finally(() => claim.fail());
  let outcome: ChordOutcome;
  try {
    outcome = await claim.read();
  } catch (error) {
    return fail(chordError(`Join error: ${reprOf(error)}`));
  }
  const { nested, results } = outcome;
  const failed = results.find((one) => one.state !== 'SUCCESS');
  if (failed !== undefined) return fail(exceptionOf(body, failed));
  if (!(await claim.hold())) return;
  await untilConnected(app.transport, BROKER_BACK_MS);
  try {
    await app.send(body, [(nested ?? results.map((one) => one.result)) as PyValue], context);
  } catch (error) {
    await failBody(app, body, chordError(`Callback error: ${reprOf(error)}`), context);
  } finally {
    await claim.finish();
  }
}

/** Resolves at the latest after `ms`. */
function untilConnected(transport: ChordApp['transport'], ms: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      leave();
      resolve();
    };
    const timer = setTimeout(stop, ms);
    const leave = transport.onStatus(({ state }) => {
      if (state === 'connected' || state === 'closed') stop();
    });
    if (transport.status().state === 'connected') stop();
  });
}

function reprOf(error: unknown): string {
  return `OperationalError(${pythonRepr(errorText(error))})`;
}

/** Fails the body of a chord, one of whose members ended so. */
export async function failChord(
  app: ChordApp,
  body: Signature,
  failed: Failed,
  context: ApplyOptions = {},
): Promise<void> {
  await failBody(app, body, exceptionOf(body, failed), context);
}

type Failed = { id: string; state: string; result: unknown };

/** What the body of a chord fails with when one of its members ended so. */
export function exceptionOf(body: Signature, failed: Failed): ExceptionInfo {
  const cause = isGroup(body) ? causeOf(failed) : null;
  return cause ?? chordError(`Dependency ${failed.id} raised ${causeText(failed)}`);
}

async function failBody(
  app: ChordApp,
  body: Signature,
  exception: ExceptionInfo,
  context: ApplyOptions,
): Promise<void> {
  for (const last of lastOf(body)) {
    const { task_id: id } = last.options;
    if (typeof id === 'string') {
      const meta = { taskId: id, status: 'FAILURE', exception, doneAt: Date.now() };
      await app.backend?.store(emptyResultMeta(meta));
      await sendErrbacks(app, id, signaturesOf(last.options['link_error']), context);
    }
    await failSteps(app, signaturesOf(last.options['chain']), exception, null);
    await reportFailure(app, last, exception);
  }
}

const isGroup = ({ subtaskType }: Signature) => subtaskType === 'group';

/** What members of a body that is a group fail with, as in Celery; any other body fails with a ChordError. */
function causeOf({ state, result }: Failed): ExceptionInfo | null {
  return EXCEPTION_STATES.has(state) ? exceptionFrom(result as PyValue) : null;
}

function chordError(text: string): ExceptionInfo {
  return { excType: 'ChordError', excModule: 'celery.exceptions', excMessage: [text] };
}

function causeText(failed: Failed): string {
  const exception = causeOf(failed);
  if (exception === null) return pythonRepr((failed.result ?? null) as PyValue);
  const { excMessage } = exception;
  const args = Array.isArray(excMessage) ? excMessage : [excMessage];
  return `${exception.excType}(${args.map((arg) => pythonRepr(arg)).join(', ')})`;
}

/** Later steps of a chain that failed: they fail, too, and report to the chord that they are members of. */
export async function failSteps(
  app: ChordApp,
  steps: readonly Signature[],
  exception: ExceptionInfo,
  traceback: string | null,
): Promise<void> {
  for (const step of steps) {
    const { task_id: id } = step.options;
    if (typeof id === 'string') {
      const draft = { taskId: id, status: 'FAILURE', exception, traceback, doneAt: Date.now() };
      await app.backend?.store(emptyResultMeta(draft));
    }
    if (step.subtaskType === 'chord') await failSteps(app, [bodyOf(step)], exception, traceback);
    else if (isGroup(step)) await failSteps(app, lastOf(step), exception, traceback);
    else for (const last of lastOf(step)) await reportFailure(app, last, exception);
  }
}

async function reportFailure(
  app: ChordApp,
  { options }: Signature,
  exception: ExceptionInfo,
): Promise<void> {
  const { task_id: id, group_id: groupId, chord } = options;
  if (typeof id !== 'string' || typeof groupId !== 'string' || !chord) return;
  await reportToChord(app, {
    id,
    groupId,
    groupIndex: integerOrNull(options['group_index']),
    chord: readSignature(chord),
    state: 'FAILURE',
    result: exceptionValue(exception),
  });
}

/** Errbacks of the old style: called as tasks, with the id of the task that failed. */
export async function sendErrbacks(
  app: ChordApp,
  failedId: string,
  errbacks: readonly Signature[],
  context: ApplyOptions = {},
): Promise<void> {
  if (errbacks.length > 0) await app.send(groupOf(errbacks), [failedId], context);
}
