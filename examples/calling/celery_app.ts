// Settings and three tasks. Names of settings may be ours or Celery's own.
import { Celery } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('calling', { broker, backend: process.env['BACKEND'] ?? broker });
app.conf.update({ task_serializer: 'json', acceptContent: ['json'], timezone: 'Europe/Paris' });

export const add = app.task('calling.add', (x: number, y: number) => x + y);

export const divide = app.task('calling.divide', (x: number, y: number) => {
  if (y === 0) throw new RangeError('a number cannot be divided by zero');
  return x / y;
});

export const walk = app.task(
  'calling.walk',
  async (context, steps: number) => {
    for (let done = 1; done <= steps; done += 1) {
      context.updateState('PROGRESS', { done, steps });
      await context.sleep(20);
    }
    return `${String(steps)} steps as attempt ${String(context.request.retries + 1)}`;
  },
  { bind: true, maxRetries: 5 },
);
