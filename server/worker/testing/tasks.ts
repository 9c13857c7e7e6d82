// Tasks for the tests of the worker, loaded in its pool threads.
import { setTimeout as wait } from 'node:timers/promises';
import { Ignore, Reject, ValueError } from '../../client/task-errors.ts';
import type { TaskRegistry } from '../../client/task-types.ts';

class Custom extends Error {
  override readonly name = 'Custom';
}

export function registerTasks(app: TaskRegistry) {
  return {
    add: app.task('tasks.add', (x: number, y: number) => x + y, { params: ['x', 'y'] }),
    mul: app.task('tasks.mul', (x: number, y: number) => x * y),
    xsum: app.task('tasks.xsum', (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)),
    echo: app.task('tasks.echo', (...args: unknown[]) => args),
    fail: app.task('tasks.fail', (message: string): number => {
      throw new ValueError(message);
    }),
    failCustom: app.task('tasks.fail_custom', (): number => {
      throw new Custom('went wrong');
    }),
    retryThenSucceed: app.task(
      'tasks.retry_then_succeed',
      (context, times: number) => {
        if (context.request.retries < times) {
          context.retry({ error: new Error('not yet'), countdownMs: 10 });
        }
        return context.request.retries;
      },
      { bind: true, maxRetries: 5 },
    ),
    retryExhaust: app.task(
      'tasks.retry_exhaust',
      (context): number => context.retry({ countdownMs: 5 }),
      { bind: true, maxRetries: 1 },
    ),
    autoretry: app.task(
      'tasks.autoretry',
      (context) => {
        if (context.request.retries < 2) throw new Custom('again');
        return context.request.retries;
      },
      { bind: true, autoretryFor: ['Custom'], defaultRetryDelayMs: 5 },
    ),
    sleep: app.task(
      'tasks.sleep',
      async (context, ms: number) => {
        await context.sleep(ms);
        return ms;
      },
      { bind: true },
    ),
    deaf: app.task('tasks.deaf', async (ms: number) => {
      process.on('SIGTERM', () => undefined);
      await wait(ms);
      return ms;
    }),
    block: app.task('tasks.block', (): number => {
      for (;;);
    }),
    unruly: app.task('tasks.unruly', (how: 'well' | 'block' | 'exit'): string => {
      if (how === 'block') for (;;);
      if (how === 'exit') process.exit(3);
      return how;
    }),
    dated: app.task('tasks.dated', () => new Date(Date.UTC(2026, 10, 28))),
    exit: app.task('tasks.exit', (): number => process.exit(3)),
    exhaust: app.task('tasks.exhaust', (): number => {
      const held: number[][] = [];
      for (;;) held.push(new Array<number>(100_000).fill(held.length));
    }),
    ignore: app.task('tasks.ignore', (): number => {
      throw new Ignore();
    }),
    reject: app.task(
      'tasks.reject',
      (): number => {
        throw new Reject('not mine');
      },
      { acksLate: true },
    ),
    unwritable: app.task('tasks.unwritable', () => new Map([[1, 2]])),
    progress: app.task(
      'tasks.progress',
      async (context) => {
        context.updateState('PROGRESS', { done: 1, total: 2 });
        context.sendEvent('task-progress', { done: 1, total: 2 });
        await context.sleep(200);
        return 2;
      },
      { bind: true },
    ),
    parent: app.task(
      'tasks.parent',
      async (context) =>
        context.apply({
          task: 'tasks.add',
          args: [1, 1],
          kwargs: {},
          options: {},
          subtaskType: null,
          immutable: false,
          extra: {},
        }),
      { bind: true },
    ),
    limited: app.task('tasks.limited', (n: number) => n, { rateLimit: '1/h' }),
  };
}
