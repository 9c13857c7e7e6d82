import { describe, expect, expectTypeOf, it } from 'vitest';
import { Celery, chain, chord, group, type AsyncResult, type GroupResult } from '../umbel.ts';
import type { Signature, TaskContext } from '../umbel.ts';

const app = new Celery('types', { broker: 'redis://127.0.0.1:1' });
const add = app.task('add', (x: number, y: number) => x + y);
const upper = app.task('upper', async (text: string) => Promise.resolve(text.toUpperCase()));
const total = app.task('total', (numbers: number[]) => numbers.length);
const bound = app.task('bound', (context, times: number) => context.request.id.repeat(times), {
  bind: true,
  onSuccess: (result) => {
    expectTypeOf(result).toEqualTypeOf<string>();
  },
});

const calling =
  <A extends unknown[], R>(of: { delay: (...args: A) => Promise<R> }) =>
  (...args: A) =>
    of.delay(...args);

describe('the types of a task', () => {
  it('reach delay and its result', () => {
    expectTypeOf(calling(add)).parameters.toEqualTypeOf<[x: number, y: number]>();
    expectTypeOf(calling(add)).returns.resolves.toEqualTypeOf<AsyncResult<number>>();
    expectTypeOf(calling(upper)).returns.resolves.toEqualTypeOf<AsyncResult<string>>();
    expectTypeOf(calling(bound)).parameters.toEqualTypeOf<[times: number]>();
    expectTypeOf<AsyncResult<number>['get']>().returns.resolves.toBeNumber();
    // @ts-expect-error a text is no number
    const wrong = () => add.delay('1', 2);
    expect(wrong).toBeTypeOf('function');
  });

  it('reach applyAsync, whose list may leave arguments to keywords', () => {
    expectTypeOf<typeof add.applyAsync>()
      .parameter(0)
      .toEqualTypeOf<Partial<[x: number, y: number]>>();
    expectTypeOf<typeof add.applyAsync>().returns.resolves.toEqualTypeOf<AsyncResult<number>>();
    expectTypeOf<typeof upper.applyAsync>().returns.resolves.toEqualTypeOf<AsyncResult<string>>();
    // @ts-expect-error a text is no number
    const wrong = () => add.applyAsync(['1']);
    // @ts-expect-error there is no such option
    const unknown = () => add.applyAsync([1, 2], { countdwnMs: 5 });
    expect([wrong, unknown]).toHaveLength(2);
  });

  it('reach the context of a bound task, and its handlers', () => {
    app.task(
      'context',
      (context, text: string) => {
        expectTypeOf(context).toEqualTypeOf<TaskContext>();
        expectTypeOf(context.request.retries).toEqualTypeOf<number>();
        expectTypeOf(context.request.parentId).toEqualTypeOf<string | null>();
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf<typeof context.retry>().returns.toBeNever();
        expectTypeOf<typeof context.replace>().returns.toBeNever();
        expectTypeOf(text).toEqualTypeOf<string>();
        return text.length;
      },
      {
        bind: true,
        onSuccess: (result, context) => {
          expectTypeOf(result).toEqualTypeOf<number>();
          expectTypeOf(context).toEqualTypeOf<TaskContext>();
        },
      },
    );
    expectTypeOf<GroupResult<[number, string]>['get']>().returns.resolves.toEqualTypeOf<
      [number, string]
    >();
    expect(app.tasks.has('context')).toBe(true);
  });

  it('reach signatures, which take what is left of the arguments', () => {
    expectTypeOf(add.s()).toEqualTypeOf<Signature<[x: number, y: number], number>>();
    expectTypeOf(calling(add.s(2))).parameters.toEqualTypeOf<[x: number]>();
    expectTypeOf(calling(add.s(1, 2))).parameters.toEqualTypeOf<[]>();
    expectTypeOf(add.si(1, 2)).toEqualTypeOf<Signature<[], number>>();
    // @ts-expect-error the last argument is a number
    expect(add.s('2').task).toBe('add');
  });

  it('reach chains', () => {
    expectTypeOf(calling(chain(add.s(1, 2), add.s(3)))).returns.resolves.toEqualTypeOf<
      AsyncResult<number>
    >();
    expectTypeOf(add.s(1, 2).pipe(add.s(3)).or(add.s(4))).toEqualTypeOf<Signature<[], number>>();
    // @ts-expect-error a text cannot be added to
    expect(chain(upper.s('a'), add.s(3)).task).toBe('celery.chain');
    // @ts-expect-error a number has no upper case
    expect(add.s(1, 2).pipe(upper.s()).task).toBe('celery.chain');
  });

  it('reach groups and chords', () => {
    const both = group([add.s(1, 2), upper.s('x')]);
    expectTypeOf(calling(both)).returns.resolves.toEqualTypeOf<GroupResult<[number, string]>>();
    const many = group([1, 2].map((n) => add.s(n, n)));
    expectTypeOf(calling(many)).returns.resolves.toEqualTypeOf<GroupResult<number[]>>();
    const sum = chord([add.s(1, 1), add.s(2, 2)], total.s());
    expectTypeOf(calling(sum)).returns.resolves.toEqualTypeOf<AsyncResult<number>>();
    // @ts-expect-error the results of the header are texts
    expect(chord([upper.s('a')], total.s()).task).toBe('celery.chord');
  });

  it('reach maps and chunks', () => {
    expectTypeOf(add.starmap([[1, 2]])).toEqualTypeOf<Signature<[], number[]>>();
    expectTypeOf(upper.map(['a'])).toEqualTypeOf<Signature<[], string[]>>();
    expectTypeOf(calling(add.chunks([[1, 2]], 1))).returns.resolves.toEqualTypeOf<
      GroupResult<number[][]>
    >();
  });

  it('reach calls that run in place', () => {
    const here = () => [add.apply([1, 2]), add.s(1).apply([2], { propagate: true })] as const;
    expectTypeOf(here).returns.toEqualTypeOf<
      readonly [Promise<AsyncResult<number>>, Promise<AsyncResult<number>>]
    >();
    // @ts-expect-error the arguments are numbers
    expect(() => add.apply(['1', 2])).toBeTypeOf('function');
  });

  it('reach settings, under either name', () => {
    // @ts-expect-error there is no such setting
    expect(() => new Celery('x', { taskDefaultQueu: 'a' })).toThrow(/"taskDefaultQueue"/);
    // @ts-expect-error no option of a task is called so
    expect(() => new Celery('x', { task_annotations: { add: { rate: 1 } } })).toThrow(/"rate"/);
    // @ts-expect-error seconds are a number
    expect(() => new Celery('x', { task_time_limit: '5' })).toThrow(/task_time_limit/);
    expectTypeOf(app.conf.taskTimeLimitMs).toEqualTypeOf<number | null>();
  });
});
