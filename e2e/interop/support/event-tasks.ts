// Those tasks of app.py whose events are compared.
import { ValueError } from '../../../server/client/task-errors.ts';
import type { TaskRegistry } from '../../../server/client/task-types.ts';

export function registerTasks(app: TaskRegistry) {
  return {
    add: app.task('tasks.add', (x: number, y: number) => x + y),
    fail: app.task('tasks.fail_value_error', (message: string): never => {
      throw new ValueError(message);
    }),
    retryThenSucceed: app.task(
      'tasks.retry_then_succeed',
      (context, times: number) => {
        if (context.request.retries < times) {
          context.retry({ error: new Error('not yet'), countdownMs: 200 });
        }
        return context.request.retries;
      },
      { bind: true, maxRetries: 5 },
    ),
  };
}
