// The tasks of e2e/fixtures/celery/canvas_tasks.py in TypeScript, under the same names.
import { chain, chord, group, toSignature } from '../../../server/client/canvas.ts';
import { ValueError } from '../../../server/client/task-errors.ts';
import { describeRequest } from './request-names.ts';
import type { TaskRegistry, TaskRequest } from '../../../server/client/task-types.ts';

type Numbers = (number | Numbers)[];

const sum = (numbers: Numbers): number =>
  numbers.reduce<number>((all, one) => all + (Array.isArray(one) ? sum(one) : one), 0);

export function registerTasks(app: TaskRegistry) {
  const add = app.task('canvas.add', (x: number, y: number) => x + y, { params: ['x', 'y'] });
  const identity = app.task('canvas.identity', (x: unknown = null) => x);
  const total = app.task('canvas.total', sum);
  const noted = app.task('canvas.noted', (text: string) => text);
  return {
    add,
    identity,
    total,
    doubleAll: app.task('canvas.double_all', (numbers: number[]) => numbers.map((n) => 2 * n)),
    fail: app.task('canvas.fail', (..._args: unknown[]): number => {
      throw new ValueError('on purpose');
    }),
    failedId: app.task('canvas.failed_id', (id: string) => `failed:${id}`),
    replaceByAdd: app.task(
      'canvas.replace_by_add',
      (context, x: number, y: number): number =>
        context.replace(add.s(x, y).set({ queue: 'ours' })),
      { bind: true },
    ),
    replaceByChain: app.task(
      'canvas.replace_by_chain',
      (context, x: number): number =>
        context.replace(
          chain(add.s(x, 1).set({ queue: 'ours' }), add.s(1).set({ queue: 'celery' })),
        ),
      { bind: true },
    ),
    replaceByGroup: app.task(
      'canvas.replace_by_group',
      (context, x: number): number[] =>
        context.replace(group([0, 1, 2].map((n) => add.s(x, n).set({ queue: 'ours' })))),
      { bind: true },
    ),
    addToChord: app.task(
      'canvas.add_to_chord',
      async (context, x: number) => {
        await context.addToChord(identity.s(x + 1).set({ queue: 'ours' }));
        return x;
      },
      { bind: true },
    ),
    replaceByChord: app.task(
      'canvas.replace_by_chord',
      (context, x: number): number =>
        context.replace(
          chord(
            [0, 1].map((n) => add.s(x, n).set({ queue: 'ours' })),
            total.s().set({ queue: 'celery' }),
          ),
        ),
      { bind: true },
    ),
    replaceByChainOfGroup: app.task(
      'canvas.replace_by_chain_of_group',
      (context, x: number): number[] =>
        context.replace(
          chain([
            add.s(x, 1).set({ queue: 'celery' }),
            group([0, 1].map((n) => add.s(n).set({ queue: 'ours' }))),
          ]),
        ),
      { bind: true },
    ),
    addManyToChord: app.task(
      'canvas.add_many_to_chord',
      async (context, x: number) => {
        for (const queue of ['ours', 'celery']) {
          await context.addToChord(identity.s(x).set({ queue }));
        }
        return context.request.children.length;
      },
      { bind: true },
    ),
    untilAborted: app.task(
      'canvas.until_aborted',
      (context) =>
        new Promise((resolve) => {
          context.updateState('PROGRESS', { at: 'work' });
          context.signal.addEventListener('abort', () => {
            resolve(context.isAborted());
          });
        }),
      { bind: true, abortable: true },
    ),
    request: app.task('canvas.request', describeRequest, { bind: true }),
    makeSignature: app.task('canvas.make_signature', (x: number) => add.s(x, 10)),
    runSignature: app.task('canvas.run_signature', async (sig: unknown, x: number) => {
      const sent = await toSignature(sig).delay(x);
      return sent.id;
    }),
    explain: app.task(
      'canvas.explain',
      async (request: TaskRequest, error: Error) => {
        const options = { queue: 'ours', taskId: `explained:${request.id}` };
        await noted.applyAsync([`${error.name}: ${error.message}`], options);
      },
      { errback: true },
    ),
    noted,
    retryTwice: app.task(
      'canvas.retry_twice',
      (context, x: number) => {
        const { id, retries } = context.request;
        if (retries < 2) context.retry({ error: new ValueError('not yet'), countdownMs: 20 });
        return [id, retries, x];
      },
      { bind: true, params: ['x'] },
    ),
    about: app.task(
      'canvas.about',
      ({ request: { deliveryInfo, headers } }, x: unknown, y: unknown) => ({
        x,
        y,
        priority: deliveryInfo.priority,
        routing_key: deliveryInfo.routingKey,
        customer: headers['customer'],
      }),
      { bind: true, params: ['x', 'y'] },
    ),
    stamps: app.task(
      'canvas.stamps',
      ({ request }) =>
        Object.fromEntries(request.stampedHeaders.map((name) => [name, request.stamps[name]])),
      { bind: true },
    ),
  };
}
