// A schedule. Its worker runs beat as well: `-B`.
import { Celery, crontab } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('periodic', {
  broker,
  backend: process.env['BACKEND'] ?? broker,
  timezone: 'Europe/Vienna',
  beatSchedule: {
    'every-half-second': { task: 'periodic.tick', schedule: 0.5, args: ['tick'] },
    'at-four': { task: 'periodic.tick', schedule: crontab({ hour: 4, minute: 0 }), args: ['four'] },
    'on-workdays': {
      task: 'periodic.tick',
      schedule: crontab({ hour: '8-18/2', minute: 30, dayOfWeek: 'mon-fri' }),
      args: ['work'],
      options: { expires: 600 },
    },
  },
});

const ticks: string[] = [];
export const tick = app.task('periodic.tick', (what: string) => {
  ticks.push(what);
});
export const ticked = app.task('periodic.ticked', () => ticks);

// The same, as a call of the app.
app.addPeriodicTask(0.7, tick.s('tock'), { name: 'every-seven-tenths', expiresMs: 10_000 });
