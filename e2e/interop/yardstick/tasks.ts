// The tasks of Celery's own integration tests, in TypeScript under the same names, so that a Python client that builds its workflows
// from them is served by our worker. YARDSTICK_REDIS is where they leave notes; what they do is all that clients can see of them.
import type { TaskRegistry } from '../../../server/client/task-types.ts';
import { ExpectedException, ValueError } from './errors.ts';
import { registerCanvasTasks } from './canvas-tasks.ts';
import { registerNoteTasks } from './note-tasks.ts';
import { registerRequestTasks } from './request-tasks.ts';

/** Python's `+`: lists are joined. */
export const plus = (x: unknown, y: unknown): unknown =>
  Array.isArray(x) && Array.isArray(y)
    ? [...(x as unknown[]), ...(y as unknown[])]
    : (x as number) + (y as number);

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

export function registerTasks(app: TaskRegistry) {
  const task = (name: string) => `t.integration.tasks.${name}`;
  const identity = app.task(task('identity'), (x: unknown) => x, { params: ['x'] });
  const add = app.task(
    task('add'),
    (x: unknown, y: unknown, z?: number) => (z ? plus(plus(x, y), z) : plus(x, y)),
    { params: ['x', 'y', 'z'] },
  );
  const tsum = app.task(task('tsum'), sum);
  const fail = app.task(task('fail'), (...args: string[]): never => {
    throw new ExpectedException('Task expected to fail', ...args);
  });
  const raiseError = app.task(task('raise_error'), (..._args: unknown[]): never => {
    throw new ValueError('deliberate error');
  });
  const plain = {
    identity,
    add,
    tsum,
    fail,
    raiseError,
    mul: app.task(task('mul'), (x: number, y: number) => x * y),
    addNotTyped: app.task(task('add_not_typed'), (x: number, y: number) => x + y, {
      params: ['x', 'y'],
    }),
    addIgnoreResult: app.task(task('add_ignore_result'), (x: number, y: number) => x + y, {
      ignoreResult: true,
    }),
    xsum: app.task(task('xsum'), (numbers: (number | number[])[]) =>
      sum(numbers.map((one) => (Array.isArray(one) ? sum(one) : one))),
    ),
    replacedWithMe: app.task(task('replaced_with_me'), () => true),
    returnException: app.task(task('return_exception'), (e: unknown) => [e, true]),
  };
  return {
    ...plain,
    ...registerNoteTasks(app),
    ...registerRequestTasks(app),
    ...registerCanvasTasks(app, plain),
  };
}
