// Tasks that replace themselves, add to their chord, or build workflows and hand them on.
import type { TaskSignature } from '../../../server/client/canvas.ts';
import { chain, chord, group, toSignature } from '../../../server/client/canvas.ts';
import type { Task, TaskContext, TaskRegistry } from '../../../server/client/task-types.ts';
import { echo } from './note-tasks.ts';

export type PlainTasks = {
  identity: Task<[x: unknown], unknown>;
  add: Task<[x: unknown, y: unknown, z?: number], unknown>;
  tsum: Task<[numbers: number[]], number>;
  raiseError: Task<unknown[], never>;
  fail: Task<string[], never>;
  replacedWithMe: Task<[], boolean>;
};

export function registerCanvasTasks(app: TaskRegistry, tasks: PlainTasks) {
  const task = (name: string) => `t.integration.tasks.${name}`;
  const { add, identity } = tasks;
  const echoSignature = (message: string | null) =>
    message === null
      ? toSignature(sig('redis_echo'))
      : toSignature({ ...sig('redis_echo'), args: [message], immutable: true });
  const sig = (name: string) => ({
    task: task(name),
    args: [],
    kwargs: {},
    options: {},
    subtask_type: null,
    immutable: false,
  });
  const pieces = {
    chain: () => chain([chain([add.s()])]),
    group: () => group([add.s()]),
    chord: () => chord([add.s()], add.s() as TaskSignature<[unknown[]]>),
  };
  const nested = {
    chain: (inner: TaskSignature) => chain([inner]),
    group: (inner: TaskSignature) => group([inner]),
    chord: (inner: TaskSignature) => chord([inner], add.s() as TaskSignature<[unknown[]]>),
  };
  const kinds = ['chain', 'group', 'chord'] as const;
  for (const outer of kinds) {
    for (const inner of kinds) {
      app.task(task(`return_nested_signature_${outer}_${inner}`), () =>
        nested[outer](pieces[inner]()),
      );
    }
  }

  const second = (name: string, label: string, next: (context: TaskContext) => TaskSignature) =>
    app.task(
      task(name),
      async (context, key: string, isBack = false): Promise<null> => {
        if (isBack) return echo(`Out ${label}`, key);
        await echo(`In ${label}`, key);
        return context.replace(next(context));
      },
      { bind: true, params: ['redis_key', 'state'] },
    );
  const keyOf = ({ request }: TaskContext) =>
    (request.args[0] ?? request.kwargs['redis_key']) as string;
  const backTo = (name: string, context: TaskContext) =>
    toSignature({
      ...sig(name),
      kwargs: { redis_key: keyOf(context), state: true },
      immutable: true,
    });

  return {
    addReplaced: app.task(
      task('add_replaced'),
      (context, x: unknown, y: unknown): unknown => context.replace(add.s(x, y)),
      { bind: true },
    ),
    failReplaced: app.task(
      task('fail_replaced'),
      (context, ...args: string[]): never => context.replace(tasks.fail.si(...args)),
      { bind: true },
    ),
    replaceWithChain: app.task(
      task('replace_with_chain'),
      (context, ...given: unknown[]): unknown => {
        const { args, linkMessage } = withMessage(given);
        const whole = chain([identity.signature(args), identity.s()]);
        return context.replace(whole.link(echoSignature(linkMessage)));
      },
      { bind: true },
    ),
    replaceWithChainWhichRaises: app.task(
      task('replace_with_chain_which_raises'),
      (context, ...given: unknown[]): unknown => {
        const { args, linkMessage } = withMessage(given);
        const whole = chain([identity.signature(args), tasks.raiseError.s()]);
        return context.replace(whole.linkError(echoSignature(linkMessage)));
      },
      { bind: true },
    ),
    replaceWithEmptyChain: app.task(
      task('replace_with_empty_chain'),
      (context, ..._given: unknown[]): unknown => context.replace(chain([])),
      { bind: true },
    ),
    addToAll: app.task(
      task('add_to_all'),
      (context, numbers: unknown[], value: unknown): unknown =>
        context.replace(group(numbers.map((one) => add.s(one, value)))),
      { bind: true },
    ),
    addToAllToChord: app.task(
      task('add_to_all_to_chord'),
      async (context, numbers: number[], value: number) => {
        for (const one of numbers) await context.addToChord(add.s(one, value));
        return 0;
      },
      { bind: true },
    ),
    addChordToChord: app.task(
      task('add_chord_to_chord'),
      async (context, numbers: number[], value: number) => {
        const header = numbers.map((one) => add.s(one, value));
        await context.addToChord(chord(header, tasks.tsum.s() as TaskSignature<[unknown[]]>));
        return 0;
      },
      { bind: true },
    ),
    secondOrderReplace1: second('second_order_replace1', 'A', (context) =>
      chain([
        toSignature({ ...sig('second_order_replace2'), args: [keyOf(context)] }),
        backTo('second_order_replace1', context),
      ]),
    ),
    secondOrderReplace2: second('second_order_replace2', 'B', (context) =>
      chain([
        toSignature({ ...sig('redis_echo'), args: ['In/Out C', keyOf(context)] }),
        backTo('second_order_replace2', context),
      ]),
    ),
    buildChainInsideTask: app.task(task('build_chain_inside_task'), async () => {
      const whole = chain([add.s(1, 1), add.s(2), group([add.s(3), add.s(4)]), add.s([5])]);
      return whole.delay();
    }),
    rebuildSignature: app.task(task('rebuild_signature'), (value: unknown) => {
      checkAll(value);
    }),
    replaceWithStampedTask: app.task(
      task('replace_with_stamped_task'),
      (context, other?: unknown): unknown => {
        const next = other === undefined ? tasks.replacedWithMe.s() : toSignature(other);
        return context.replace(next.stamp({ StampOnReplace: 'This is the replaced task' }));
      },
      { bind: true, params: ['replace_with'] },
    ),
  };
}

/** `link_msg` comes as a keyword, after any number of arguments. */
function withMessage(given: unknown[]): { args: unknown[]; linkMessage: string | null } {
  const last = given.at(-1);
  if (typeof last !== 'object' || last === null || !('link_msg' in last)) {
    return { args: given, linkMessage: null };
  }
  return { args: given.slice(0, -1), linkMessage: last.link_msg as string };
}

function checkAll(value: unknown): void {
  const { kwargs } = toSignature(value);
  const inner = [kwargs['tasks'], kwargs['header'], kwargs['body']].flat();
  for (const one of inner) if (one !== undefined && one !== null) checkAll(one);
}
