// The inside of a thread or a process of the pool: loads the tasks, runs what the consumer hands it, and reports. It has no connection of
// its own; what a task wants of the world goes through the consumer.
import { Roster, type Member } from '../../core/roster.ts';
import { runInTask } from '../../client/task-scope.ts';
import { SoftTimeLimitExceeded } from '../../client/task-errors.ts';
import { watchAborted } from './abort-watch.ts';
import { callErrbacks } from '../../client/attempt/call-errbacks.ts';
import { errbackArguments } from './errback-call.ts';
import { describeError } from '../../client/attempt/error-report.ts';
import type { Gate } from './gate.ts';
import type { Job, ReportedOutcome } from '../../client/attempt/attempt.ts';
import type { FromCarrier, ToCarrier } from './messages.ts';
import { AT_ONCE, unpackJob, type PackedJob } from './packed-job.ts';
import { packOutcome } from '../../client/attempt/packed-outcome.ts';
import { runJob } from '../../client/attempt/run-job.ts';
import { createTaskContext, createTaskScope, type TaskPort } from './task-context.ts';
import { LazyAbort } from './lazy-abort.ts';
import { openTasks, type TaskPlace } from './task-place.ts';

export type RunnerPort = {
  send: (message: FromCarrier) => void;
  onMessage: (listener: (message: ToCarrier) => void) => void;
  memoryBytes: () => number;
};

/** `isCounted`: it takes one of the turns that run at once. */
type Attempt = Member & { key: number; abort: LazyAbort; isCounted: boolean };
type Call = { resolve: (value: unknown) => void; reject: (error: Error) => void };

export async function startRunner(
  port: RunnerPort,
  place: TaskPlace,
  gate: Gate | null = null,
): Promise<void> {
  const { send } = port;
  const { hostname } = place;
  const { tasks, signals } = await openTasks(place);
  const running = new Roster<Attempt>();
  const find = (key: number) => running.find((attempt) => attempt.key === key);
  const calls = new Map<number, Call>();
  let lastCall = 0;
  let limit = 1;

  const execute = (job: Job, abort: LazyAbort): Promise<ReportedOutcome> => {
    const definition = tasks.get(job.name);
    if (definition === undefined) {
      const error = describeError('NotRegistered', 'celery.exceptions', [job.name]);
      return Promise.resolve({ type: 'failure', error });
    }
    const { key } = job;
    const taskPort: TaskPort = {
      note: (note) => {
        send({ type: 'note', key, note });
      },
      wish: (wish) =>
        new Promise((resolve, reject) => {
          lastCall += 1;
          calls.set(lastCall, { resolve, reject });
          send({ type: 'wish', key, call: lastCall, wish });
        }),
    };
    const context = createTaskContext(definition.options, job, abort, taskPort);
    return runInTask(createTaskScope(job, taskPort), async () => {
      const isErrback = definition.options.errback === true;
      const given = isErrback ? await errbackArguments(job, taskPort.wish) : null;
      const aborted = () => {
        abort.abort(new Error('The task was aborted.'));
      };
      const isWatched = definition.options.abortable === true;
      const leave = isWatched ? watchAborted(() => context.isAborted(), aborted) : null;
      const { outcome } = await runJob(definition, job, context, signals, given);
      leave?.();
      if (outcome.type !== 'failure' || job.request.errbacks.length === 0) return outcome;
      const { request } = job;
      const called = await callErrbacks(tasks, request, outcome.error, context.logger);
      return { ...outcome, errbacksCalled: called };
    });
  };

  const attemptOf = ({ key }: Job, isCounted: boolean): Attempt => ({
    key,
    abort: new LazyAbort(),
    isCounted,
    place: -1,
  });

  const run = async (job: Job, attempt: Attempt): Promise<void> => {
    const startedAt = performance.now();
    running.add(attempt);
    const outcome = await execute(job, attempt.abort);
    running.delete(attempt);
    const memoryBytes = place.measuresMemory ? port.memoryBytes() : null;
    const cost = { ms: performance.now() - startedAt, memoryBytes };
    send({ type: 'outcome', key: job.key, outcome: packOutcome(outcome), cost });
  };

  const line: PackedJob[] = [];
  let countedCount = 0;
  const runInTurn = (opened: Gate): void => {
    while (countedCount < limit) {
      const next = line.shift();
      if (next === undefined) return;
      if (next[0] !== AT_ONCE && !opened.start(next[0])) continue;
      const job = unpackJob(next, hostname);
      countedCount += 1;
      const attempt = attemptOf(job, true);
      void run(job, attempt).finally(() => uncount(opened, attempt));
    }
  };
  const uncount = (opened: Gate, attempt: Attempt): void => {
    if (!attempt.isCounted) return;
    attempt.isCounted = false;
    countedCount -= 1;
    runInTurn(opened);
  };

  const terminate = (attempt: Attempt | undefined): void => {
    if (attempt === undefined) return;
    attempt.abort.abort(new Error('The task was terminated.'));
    if (gate !== null) uncount(gate, attempt);
  };

  const leave = async (): Promise<void> => {
    await signals.workerProcessShutdown.send({ hostname });
    process.exit(0);
  };

  port.onMessage((message) => {
    switch (message.type) {
      case 'run':
        if (gate === null) {
          for (const packed of message.jobs) {
            const job = unpackJob(packed, hostname);
            void run(job, attemptOf(job, false));
          }
          break;
        }
        line.push(...message.jobs);
        runInTurn(gate);
        break;
      case 'resize':
        limit = message.limit;
        if (gate !== null) runInTurn(gate);
        break;
      case 'soft-limit':
        find(message.key)?.abort.abort(new SoftTimeLimitExceeded(message.seconds));
        break;
      case 'abort':
        terminate(find(message.key));
        break;
      case 'granted': {
        const call = calls.get(message.call);
        calls.delete(message.call);
        if (message.error === null) call?.resolve(message.value);
        else call?.reject(new Error(message.error));
        break;
      }
      case 'leave':
        void leave();
    }
  });
  await signals.workerProcessInit.send({ hostname });
  send({
    type: 'ready',
    tasks: [...tasks.values()].map(({ name, options }) => ({ name, options })),
    saysFarewell: signals.workerProcessShutdown.isHeard,
  });
}
