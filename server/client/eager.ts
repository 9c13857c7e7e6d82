// Runs a signature in the process that calls it, whatever it is: all steps of a workflow one after the other, retries at once. What is not
// registered here is sent as ever. Mirrors apply of celery.app.task and celery.canvas.
import { randomUUID } from 'node:crypto';
import { hostname as machine } from 'node:os';
import { toPlain, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decodeKombuJson, encodeKombuJson } from '../celery/codec/kombu-json.ts';
import { toPyValue } from '../celery/fields.ts';
import { emptyResultMeta, exceptionValue, type ResultMeta } from '../celery/result-meta.ts';
import { withExtraArguments, type Signature } from '../celery/signature.ts';
import { READY_STATES } from '../celery/states.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { silentLogger } from '../core/silent-logger.ts';
import { fromCeleryOptions, signatureList, type ApplyOptions } from './apply-options.ts';
import type { ReportedOutcome } from './attempt/attempt.ts';
import { callErrbacks } from './attempt/call-errbacks.ts';
import { runJob } from './attempt/run-job.ts';
import { bodyOf, errorLinked, groupOf, headerOf, linked, tasksOf } from './canvas-algebra.ts';
import { exceptionOf } from './chords.ts';
import { createEagerContext } from './eager-context.ts';
import { EagerResult } from './eager-result.ts';
import { mergeOptions, type Sent } from './expand.ts';
import { chainSteps, chunksAsGroup, flatGroup } from './freeze.ts';
import { GroupResult, type AsyncResult, type ResultSource } from './results.ts';
import type { Signals } from './signals.ts';
import { runInTask } from './task-scope.ts';
import type { TaskDefinition, TaskRequest } from './task-types.ts';

export type EagerParts = {
  tasks: ReadonlyMap<string, TaskDefinition>;
  signals: Signals;
  clock: Clock;
  source: ResultSource;
  /** As a program would call it: here or not, as the settings say. */
  call: (sig: Signature, args: PyValue[], options: ApplyOptions) => Promise<AsyncResult>;
  /** To the broker, as a child of nothing. */
  send: (sig: Signature, args: PyValue[], options: ApplyOptions) => Promise<Sent>;
  sendWhole: (sig: Signature, args: PyValue[], options: ApplyOptions) => Promise<AsyncResult>;
  /** What it came to, where the settings want it stored. */
  store: (meta: ResultMeta, ignoreResult: boolean | undefined) => Promise<void>;
};

type Turn = { parts: EagerParts; propagates: boolean; depth: number; parent: AsyncResult | null };

const MAX_DEPTH = 50;

/** With `propagates` what a task fails with is thrown, else it is in the result. */
export function runHere(
  parts: EagerParts,
  sig: Signature,
  args: PyValue[],
  context: ApplyOptions,
  propagates: boolean,
): Promise<AsyncResult> {
  return run({ parts, propagates, depth: 0, parent: null }, sig, args, context);
}

async function run(
  turn: Turn,
  sig: Signature,
  args: PyValue[],
  context: ApplyOptions,
): Promise<AsyncResult> {
  const deeper = { ...turn, depth: turn.depth + 1 };
  if (deeper.depth > MAX_DEPTH) {
    throw new AppError('bad_request', 'The canvas is nested too deeply.');
  }
  const { chain: rest = [], ...options } = mergeOptions(fromCeleryOptions(sig.options), context);
  const result = await runOne(deeper, sig, args, options);
  if (rest.length === 0 || !(await result.successful())) return result;
  const steps = [...rest].reverse();
  return runSteps({ ...deeper, parent: result }, steps, [await valueIn(result)], {});
}

function runOne(
  turn: Turn,
  sig: Signature,
  args: PyValue[],
  options: ApplyOptions,
): Promise<AsyncResult> {
  switch (sig.subtaskType) {
    case 'chain':
      return runSteps(turn, chainSteps(sig), args, options);
    case 'group':
      return runGroup(turn, sig, args, options);
    case 'chunks':
      return runGroup(turn, chunksAsGroup(sig), args, options);
    case 'chord':
      return runChord(turn, sig, args, options);
    default:
      return runTask(turn, sig, args, options);
  }
}

/** Each with what the one before it came to; one that did not succeed is the end. */
async function runSteps(
  turn: Turn,
  steps: readonly Signature[],
  args: PyValue[],
  { kwargs, link, linkError, taskId, ...shared }: ApplyOptions,
): Promise<AsyncResult> {
  let { parent } = turn;
  let given = args;
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const context: ApplyOptions = { ...shared };
    if (index === 0 && kwargs !== undefined) context.kwargs = kwargs;
    if (linkError !== undefined) context.linkError = linkError;
    if (isLast && link !== undefined) context.link = link;
    if (isLast && taskId !== undefined) context.taskId = taskId;
    const result = await run({ ...turn, parent }, step, given, context);
    if (isLast || !(await result.successful())) return result;
    given = [await valueIn(result)];
    parent = result;
  }
  throw new AppError('bad_request', 'The chain is empty.');
}

async function runGroup(
  turn: Turn,
  sig: Signature,
  args: PyValue[],
  { link, linkError, taskId, groupId, groupIndex: _index, ...shared }: ApplyOptions,
): Promise<GroupResult> {
  let whole = (signatureList(link) ?? []).reduce(linked, sig);
  whole = (signatureList(linkError) ?? []).reduce(errorLinked, whole);
  const id = taskId ?? groupId ?? randomUUID();
  const members: AsyncResult[] = [];
  for (const [groupIndex, task] of flatGroup(tasksOf(whole)).entries()) {
    const place = { ...shared, groupId: id, groupIndex };
    members.push(await run({ ...turn, parent: null }, task, args, place));
  }
  return new GroupResult(id, turn.parts.source, members, turn.parent);
}

async function runChord(
  turn: Turn,
  sig: Signature,
  args: PyValue[],
  options: ApplyOptions,
): Promise<AsyncResult> {
  const { link: _link, linkError: _errors, taskId: _task, ...before } = options;
  const { groupId: _id, groupIndex: _index, ...shared } = before;
  const { kwargs: _kwargs, ...outer } = options;
  const header = await runGroup(turn, groupOf(headerOf(sig)), args, shared);
  const body = bodyOf(sig);
  const failed = await firstFailed(header);
  if (failed === null) {
    const values = await Promise.all(header.results.map(valueIn));
    return run({ ...turn, parent: header }, body, [values], outer);
  }
  const { status: state, exception } = failed;
  const result = exception === null ? failed.result : exceptionValue(exception);
  const own = mergeOptions(fromCeleryOptions(body.options), options);
  const meta = emptyResultMeta({
    taskId: own.taskId ?? randomUUID(),
    status: 'FAILURE',
    exception: exceptionOf(body, { id: failed.taskId, state, result }),
    doneAt: turn.parts.clock.now(),
  });
  await runErrbacks(turn, meta.taskId, signatureList(own.linkError) ?? [], {});
  return new EagerResult(meta, turn.parts.source, header, null);
}

async function firstFailed(header: GroupResult): Promise<ResultMeta | null> {
  for (const member of header.results) {
    if (member instanceof GroupResult) {
      const inner = await firstFailed(member);
      if (inner !== null) return inner;
      continue;
    }
    const meta = await member.meta();
    if (meta !== null && meta.status === 'FAILURE') return meta;
  }
  return null;
}

async function runTask(
  turn: Turn,
  sig: Signature,
  args: PyValue[],
  options: ApplyOptions,
): Promise<AsyncResult> {
  const { parts, propagates } = turn;
  const definition = parts.tasks.get(sig.task);
  if (definition === undefined) return parts.sendWhole({ ...sig, options: {} }, args, options);
  const applied = withExtraArguments(sig, args, (options.kwargs ?? {}) as PyDict);
  const request = requestOf(applied, options);
  const { outcome, end } = await attempts(turn, definition, request);
  const { id, rootId } = request;
  const context: ApplyOptions = { parentId: id, rootId: rootId ?? id };
  const meta = emptyResultMeta({
    taskId: id,
    parentId: request.parentId,
    groupId: request.groupId,
    doneAt: parts.clock.now(),
    ...endOf(outcome),
  });
  if (READY_STATES.has(meta.status)) {
    await parts.store(meta, options.ignoreResult ?? definition.options.ignoreResult);
  }
  if (outcome.type === 'failure') {
    const called = await callErrbacks(parts.tasks, request, outcome.error, silentLogger);
    const rest = request.errbacks.filter(({ task }) => !called.includes(task));
    await runErrbacks(turn, id, rest, context);
    if (propagates) throw end;
  }
  if (outcome.type === 'success') {
    for (const callback of request.callbacks) await parts.call(callback, [meta.result], context);
  }
  return new EagerResult(meta, parts.source, turn.parent, end);
}

/** Until one is not followed by another. */
async function attempts(
  turn: Turn,
  definition: TaskDefinition,
  request: TaskRequest,
): Promise<{ outcome: ReportedOutcome; end: unknown }> {
  const { parts } = turn;
  const { id, name } = request;
  const family = { parentId: id, rootId: request.rootId ?? id };
  for (;;) {
    const job = { key: 0, id, name, request };
    const context = createEagerContext(definition.options, job, async (sig) => {
      const child = await parts.call(sig, [], family);
      request.children.push(child.id);
      return child.id;
    });
    const scope = {
      request,
      send: async (sig: Signature, args: PyValue[], options: ApplyOptions) => {
        const sent = await parts.send(sig, args, { ...options, ...family });
        request.children.push(sent.id);
        return sent;
      },
    };
    const ended = await runInTask(scope, () => runJob(definition, job, context, parts.signals));
    const { outcome } = ended;
    if (outcome.type === 'replace') return replaced(turn, outcome.signature, family);
    if (outcome.type !== 'retry') return ended;
    const { args, kwargs } = outcome;
    request.retries += 1;
    if (args !== null) request.args = args.map(toPlain);
    if (kwargs !== null) request.kwargs = toPlain(kwargs) as Record<string, unknown>;
  }
}

/** What takes the task's place comes to the task's own end. */
async function replaced(turn: Turn, sig: Signature, family: ApplyOptions) {
  const result = await run({ ...turn, parent: null }, sig, [], family);
  if (await result.successful()) {
    const json = encodeKombuJson(await valueIn(result));
    return { outcome: { type: 'success', json, runtimeMs: 0 } as const, end: null };
  }
  const thrown = await result.get().then(
    () => null,
    (error: unknown) => error,
  );
  const failed = result instanceof GroupResult ? await firstFailed(result) : await result.meta();
  const { excType = 'Error', excModule = null, excMessage = null } = failed?.exception ?? {};
  const list = Array.isArray(excMessage) ? excMessage : [excMessage];
  const error = {
    ...{ excType, excModule: excModule ?? 'builtins', excMessage: list },
    ...{ repr: excType, traceback: failed?.traceback ?? null },
  };
  return { outcome: { type: 'failure', error } as const, end: thrown };
}

async function runErrbacks(
  turn: Turn,
  failedId: string,
  errbacks: readonly Signature[],
  context: ApplyOptions,
): Promise<void> {
  const quiet = { ...turn, propagates: false, parent: null };
  for (const errback of errbacks) await run(quiet, errback, [failedId], context);
}

/** The result as a later step takes it. */
async function valueIn(result: AsyncResult): Promise<PyValue> {
  if (result instanceof GroupResult) return Promise.all(result.results.map(valueIn));
  if (result instanceof EagerResult) return (await result.meta()).result;
  return toPyValue(await result.get());
}

function endOf(outcome: ReportedOutcome): Partial<ResultMeta> & { status: string } {
  switch (outcome.type) {
    case 'success': {
      const decoded = decodeKombuJson(outcome.json);
      return { status: 'SUCCESS', result: decoded.ok ? decoded.value : null };
    }
    case 'failure': {
      const { excMessage, excModule, excType, traceback } = outcome.error;
      return { status: 'FAILURE', exception: { excMessage, excModule, excType }, traceback };
    }
    case 'reject':
      return { status: 'REJECTED' };
    default:
      return { status: 'IGNORED' };
  }
}

/** Arguments go through JSON, as they do on their way to a worker: what cannot is refused here, too. */
function requestOf({ args, kwargs, task: name }: Signature, options: ApplyOptions): TaskRequest {
  const travelled = decodeKombuJson(encodeKombuJson([args, kwargs]));
  const [plainArgs = [], plainKwargs = {}] = (travelled.ok ? toPlain(travelled.value) : []) as [
    unknown[]?,
    Record<string, unknown>?,
  ];
  const id = options.taskId ?? randomUUID();
  return {
    id,
    name,
    args: plainArgs,
    kwargs: plainKwargs,
    retries: options.retries ?? 0,
    rootId: options.rootId ?? id,
    parentId: options.parentId ?? null,
    groupId: options.groupId ?? null,
    groupIndex: options.groupIndex ?? null,
    hostname: machine(),
    etaAt: null,
    expiresAt: null,
    headers: toPlain(options.headers ?? {}) as Record<string, unknown>,
    deliveryInfo: {
      exchange: options.exchange ?? null,
      routingKey: options.routingKey ?? null,
      priority: options.priority ?? null,
      redelivered: null,
    },
    correlationId: null,
    replyTo: null,
    origin: null,
    shadow: options.shadow ?? null,
    ignoreResult: options.ignoreResult ?? false,
    isEager: true,
    timeLimitMs: null,
    softTimeLimitMs: null,
    callbacks: signatureList(options.link) ?? [],
    errbacks: signatureList(options.linkError) ?? [],
    chain: [],
    chord: null,
    replacedTaskNesting: options.replacedTaskNesting ?? 0,
    children: [],
    stampedHeaders: options.stampedHeaders ?? [],
    stamps: toPlain(options.stamps ?? {}) as Record<string, unknown>,
  };
}
