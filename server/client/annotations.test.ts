import { expect, it } from 'vitest';
import { annotatedOptions, type AnnotationMap } from './annotations.ts';
import { Celery } from './celery.ts';

const optionsOf = (app: Celery, name: string) => app.tasks.get(name)?.options;

it('change the options of tasks, in our words or in Celery’s, whenever they are set', () => {
  const app = new Celery('a', { task_annotations: { 't.add': { rate_limit: '10/s' } } });
  const add = app.task('t.add', () => 1, { rateLimit: '1/s', maxRetries: 7 });
  app.task('t.mul', () => 1);
  expect(optionsOf(app, 't.add')).toMatchObject({ rateLimit: '10/s', maxRetries: 7 });
  app.conf.update({
    taskAnnotations: { 't.add': { time_limit: 1.5, autoretryFor: [RangeError] } },
  });
  expect(optionsOf(app, 't.add')).toEqual({
    ...{ rateLimit: '1/s', maxRetries: 7, timeLimitMs: 1500, autoretryFor: ['RangeError'] },
  });
  expect(optionsOf(app, 't.mul')).toEqual({});
  expect(add.options).toEqual({ rateLimit: '1/s', maxRetries: 7 });
});

it('of all tasks come after those of one, as in Celery; of a list the first counts', () => {
  const any = { '*': { rateLimit: '1/s' }, 't.add': { rateLimit: '10/s', priority: 3 } };
  expect(annotatedOptions('t.add', {}, any)).toEqual({ rateLimit: '1/s', priority: 3 });
  expect(annotatedOptions('t.mul', {}, any)).toEqual({ rateLimit: '1/s' });
  const list = [
    ({ name }: { name: string }) => (name.startsWith('t.') ? { max_retries: null } : null),
    { 't.add': { maxRetries: 4 }, other: { maxRetries: 5 } },
  ];
  expect(annotatedOptions('t.add', {}, list)).toEqual({ maxRetries: null });
  expect(annotatedOptions('other', {}, list)).toEqual({ maxRetries: 5 });
});

it('change handlers, too', async () => {
  const seen: unknown[] = [];
  const app = new Celery('a', {
    taskAlwaysEager: true,
    task_annotations: {
      '*': {
        on_failure: (error: unknown) => {
          seen.push((error as Error).message);
        },
      },
    },
  });
  const fail = app.task('t.fail', () => {
    throw new Error('no');
  });
  await fail.delay();
  expect(seen).toEqual(['no']);
});

it('that name no option are refused', () => {
  const wrong = { 't.add': { rate_limits: '10/s', bind: true } } as object as AnnotationMap;
  const { conf } = new Celery('a');
  expect(() => {
    conf.update({ task_annotations: wrong, task_default_queue: 'q' });
  }).toThrow(/no option of a task is called "rate_limits", "bind"/);
  expect(conf.taskDefaultQueue).toBe('celery');
});
