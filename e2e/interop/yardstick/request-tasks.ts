// Tasks that show their request, take their time, retry or reject.
import { Reject } from '../../../server/client/task-errors.ts';
import type { TaskRegistry } from '../../../server/client/task-types.ts';
import { ExpectedException, UnpickleableException, ValueError } from './errors.ts';

const ms = (seconds: number) => seconds * 1000;
const seconds = (value: number | null) => (value === null ? null : value / 1000);

export function registerRequestTasks(app: TaskRegistry) {
  const task = (name: string) => `t.integration.tasks.${name}`;
  const sumLater = async (sleep: Promise<void>, numbers: number[]) => {
    await sleep;
    return numbers.reduce((all, one) => all + one, 0);
  };
  return {
    ids: app.task(task('ids'), ({ request }, i: number) => [request.rootId, request.parentId, i], {
      bind: true,
      params: ['i'],
    }),
    collectIds: app.task(
      task('collect_ids'),
      ({ request }, result: unknown, i: number) => [result, [request.rootId, request.parentId, i]],
      { bind: true, params: ['res', 'i'] },
    ),
    sleeping: app.task(task('sleeping'), (context, i: number) => context.sleep(ms(i)), {
      bind: true,
    }),
    delayedSum: app.task(
      task('delayed_sum'),
      (context, numbers: number[], pause?: number) =>
        sumLater(context.sleep(ms(pause ?? 1)), numbers),
      { bind: true, params: ['numbers', 'pause_time'] },
    ),
    delayedSumWithSoftGuard: app.task(
      task('delayed_sum_with_soft_guard'),
      (context, numbers: number[], pause?: number) =>
        sumLater(context.sleep(ms(pause ?? 1)), numbers).catch(() => 0),
      { bind: true, params: ['numbers', 'pause_time'] },
    ),
    retry: app.task(
      task('retry'),
      (context, value?: unknown) => {
        if (value && context.request.retries >= 3) return value;
        return context.retry({ error: new ExpectedException(), countdownMs: 300 });
      },
      { bind: true, params: ['return_value'] },
    ),
    retryUnpickleable: app.task(
      task('retry_unpickleable'),
      (context, foo: string, bar: string, how: { countdown: number; max_retries: number }): never =>
        context.retry({
          error: new UnpickleableException(foo, bar),
          countdownMs: ms(how.countdown),
          maxRetries: how.max_retries,
        }),
      { bind: true, params: ['foo', 'bar', 'retry_kwargs'] },
    ),
    failUnpickleable: app.task(task('fail_unpickleable'), (foo: string, bar: string): never => {
      throw new UnpickleableException(foo, bar);
    }),
    retryOnce: app.task(
      task('retry_once'),
      (context, ..._given: unknown[]) =>
        context.request.retries || context.retry({ countdownMs: 100, maxRetries: 1 }),
      { bind: true, maxRetries: 1 },
    ),
    retryOncePriority: app.task(
      task('retry_once_priority'),
      (context) =>
        context.request.retries
          ? context.request.deliveryInfo.priority
          : context.retry({ countdownMs: 100 }),
      { bind: true, maxRetries: 1 },
    ),
    retryOnceHeaders: app.task(
      task('retry_once_headers'),
      (context) =>
        context.request.retries ? context.request.headers : context.retry({ countdownMs: 100 }),
      { bind: true, maxRetries: 1 },
    ),
    autoRetryClassTask: app.task(
      'auto_retry_class_task',
      ({ request }) => {
        if (request.retries === 0) throw new ValueError('');
        return request.retries;
      },
      { bind: true, autoretryFor: [ValueError], maxRetries: 1, retryBackoff: true },
    ),
    rejectThenSucceed: app.task(
      task('reject_then_succeed'),
      ({ request }) => {
        if (!request.deliveryInfo.redelivered) throw new Reject('once more', { requeue: true });
        return 'second-pass';
      },
      { bind: true, acksLate: true },
    ),
    rejectWithoutRequeue: app.task(task('reject_without_requeue'), (): never => {
      throw new Reject('rejected');
    }),
    returnPriority: app.task(
      task('return_priority'),
      ({ request }, ..._given: unknown[]) => `Priority: ${String(request.deliveryInfo.priority)}`,
      { bind: true },
    ),
    returnRequestTimeLimits: app.task(
      task('return_request_time_limits'),
      ({ request }) => ({
        time_limit: seconds(request.timeLimitMs),
        soft_time_limit: seconds(request.softTimeLimitMs),
      }),
      { bind: true },
    ),
    taskWithDeclaredTimeLimits: app.task(
      task('task_with_declared_time_limits'),
      ({ request }) => ({
        time_limit: seconds(request.timeLimitMs),
        soft_time_limit: seconds(request.softTimeLimitMs),
      }),
      { bind: true, timeLimitMs: 60_000, softTimeLimitMs: 45_000 },
    ),
  };
}
