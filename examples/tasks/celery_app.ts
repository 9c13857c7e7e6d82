// Bound tasks, their handlers, signals, and a task that can be aborted. What happened is kept in a list in the worker's thread (its worker
// has one: `-c 1`), which the task `story` tells.
import { Celery, Ignore } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('tasks', { broker, backend: process.env['BACKEND'] ?? broker });

const happened: string[] = [];
export const story = app.task('tasks.story', () => happened.splice(0));

app.signals.taskPrerun.connect(({ task }) => happened.push(`prerun of ${task}`), {
  task: 'tasks.greet',
});
app.signals.taskPostrun.connect(({ state }) => happened.push(`postrun: ${state}`), {
  task: 'tasks.greet',
});
for (const name of ['taskSuccess', 'taskFailure', 'taskRetry'] as const) {
  app.signals[name].connect(({ task }) => happened.push(`${name} of ${task}`), {
    task: 'tasks.greet',
  });
}

export const greet = app.task(
  'tasks.greet',
  (context, name: string) => {
    const { retries } = context.request;
    context.logger.info({ name, retries }, 'greeting');
    if (name === 'nobody') throw new RangeError('there is nobody to greet');
    if (name === 'late' && retries === 0) {
      context.retry({ error: new Error('not here yet'), countdownMs: 10 });
    }
    if (name === 'shy') throw new Ignore();
    return `Hello, ${name}!`;
  },
  {
    bind: true,
    throws: [RangeError],
    beforeStart: (context) => happened.push(`before start of ${context.request.name}`),
    onSuccess: (result) => happened.push(`success: ${result}`),
    onRetry: (error) => happened.push(`retry: ${String(error)}`),
    onFailure: (error) => happened.push(`failure: ${String(error)}`),
    afterReturn: ({ state }) => happened.push(`after return: ${state}`),
  },
);

export const wait = app.task(
  'tasks.wait',
  async (context) => {
    context.updateState('WAITING', { since: 'now' });
    await context.sleep(60_000).catch(() => undefined);
    return (await context.isAborted()) ? 'aborted' : 'slept well';
  },
  { bind: true, abortable: true },
);
