import { expect, it } from 'vitest';
import { crontab } from './beat.ts';
import { readSchedule } from './read-schedule.ts';

it('reads seconds and crontabs, with options in our words or in those of Celery', () => {
  const night = crontab({ hour: 4, minute: 0 });
  expect(
    readSchedule({
      often: {
        task: 'tasks.add',
        schedule: 30,
        args: [1, 2],
        options: { queue: 'slow', routing_key: 'slow', expires: 15 },
      },
      nightly: { task: 'tasks.clean', schedule: night, kwargs: { days: 3 } },
    }),
  ).toMatchObject({
    often: {
      task: 'tasks.add',
      schedule: { type: 'interval', everyMs: 30_000, relative: false },
      args: [1, 2],
      options: { queue: 'slow', routingKey: 'slow' },
      expiresMs: 15_000,
    },
    nightly: { task: 'tasks.clean', schedule: night, kwargs: { days: 3 } },
  });
});

it('names every entry that is wrong', () => {
  const wrong = { a: { schedule: 3 }, b: { task: 'x', schedule: 'often' }, c: 3 };
  expect(() => readSchedule(wrong)).toThrow(/"a" names no task.*"b" has no schedule.*"c" is no/);
});
