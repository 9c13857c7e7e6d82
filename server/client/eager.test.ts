import { expect, it } from 'vitest';
import { createBackend } from '../backend/create-backend.ts';
import { MessageChannel } from 'node:worker_threads';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../broker/memory/serve.ts';
import { chain, chord, group } from './canvas.ts';
import { Celery, type CeleryOptions } from './celery.ts';
import { EagerResult } from './eager-result.ts';
import { Ignore, Reject } from './task-errors.ts';
import type { TaskRequest } from './task-types.ts';

/** Nothing can be sent from here. */
function open(options: CeleryOptions = {}) {
  const app = new Celery('eager', {
    ...{ broker: 'redis://127.0.0.1:1/0', task_publish_retry: false, task_always_eager: true },
    ...options,
  });
  const ran: string[] = [];
  const note = app.task('t.note', (text: string) => {
    ran.push(text);
    return text;
  });
  const add = app.task('t.add', (x: number, y: number) => x + y, { params: ['x', 'y'] });
  const sum = app.task('t.sum', (numbers: number[]) => numbers.reduce((a, b) => a + b, 0));
  const fail = app.task('t.fail', (): number => {
    throw new RangeError('no');
  });
  const again = app.task(
    't.again',
    (context, times: number) => {
      ran.push(`try ${String(context.request.retries)}`);
      if (context.request.retries < times) context.retry({ error: new Error('not yet') });
      return context.request.retries;
    },
    { bind: true },
  );
  const caught = app.task(
    't.caught',
    (request: TaskRequest, error: Error) => {
      ran.push(`${request.name}: ${error.message}`);
    },
    { errback: true },
  );
  const told = app.task('t.told', (id: string) => {
    ran.push(`failed: ${id}`);
  });
  return { app, ran, note, add, sum, fail, again, caught, told };
}

it('runs calls where they are made, arguments by JSON, and answers what has ended', async () => {
  const { app, add } = open();
  const dated = app.task('t.dated', (at: Date, more: unknown) => [at, more]);
  const result = await add.delay(3, 5);
  expect(result).toBeInstanceOf(EagerResult);
  expect([await result.ready(), await result.state(), await result.get()]).toEqual([
    true,
    'SUCCESS',
    8,
  ]);
  expect(await (await add.applyAsync([3], { kwargs: { y: 1 }, taskId: 'mine' })).get()).toBe(4);
  const given = { deep: [1] };
  const [at, more] = await (await dated.delay(new Date(5), given)).get();
  expect([at, more]).toEqual([new Date(5), given]);
  expect(more).not.toBe(given);
});

it('keeps what a task failed with, or throws it where that is wanted', async () => {
  const { app, fail } = open();
  const failed = await fail.delay();
  expect(await failed.state()).toBe('FAILURE');
  expect(await failed.traceback()).toContain('RangeError: no');
  await expect(failed.get()).rejects.toMatchObject({
    ...{ name: 'RangeError', message: 'no', taskId: failed.id },
    cause: expect.any(RangeError) as unknown,
  });
  expect(await failed.get({ propagate: false })).toMatchObject({ name: 'RangeError' });
  await expect(fail.apply([], { propagate: true })).rejects.toBeInstanceOf(RangeError);
  app.conf.update({ task_eager_propagates: true });
  await expect(fail.delay()).rejects.toBeInstanceOf(RangeError);
  await expect(chain([fail.s(), fail.s()]).delay()).rejects.toBeInstanceOf(RangeError);
  expect(await (await fail.apply([], { propagate: false })).failed()).toBe(true);
});

it('retries at once, until it succeeds or has no retries left', async () => {
  const { again, ran } = open();
  expect(await (await again.delay(2)).get()).toBe(2);
  expect(ran).toEqual(['try 0', 'try 1', 'try 2']);
  const failed = await again.delay(9);
  await expect(failed.get()).rejects.toMatchObject({ message: 'not yet' });
  expect(ran).toHaveLength(7);
});

it('ends without a result for what is ignored or rejected', async () => {
  const { app, add } = open();
  const thrower = (error: Error) => (): number => {
    throw error;
  };
  const ignored = await app.task('t.ignore', thrower(new Ignore())).delay();
  const rejected = await app.task('t.reject', thrower(new Reject('no'))).delay();
  expect([await ignored.state(), await ignored.get()]).toEqual(['IGNORED', null]);
  expect([await rejected.state(), await rejected.get()]).toEqual(['REJECTED', null]);
  const revoked = await add.delay(1, 2);
  await revoked.revoke();
  await expect(revoked.get()).rejects.toMatchObject({ name: 'TaskRevokedError' });
});

it('runs workflows one step after the other', async () => {
  const { add, sum, note, ran } = open();
  const steps = await chain([add.s(1, 1), add.s(2), note.si('last')]).delay();
  expect([await steps.get(), await steps.parent?.get()]).toEqual(['last', 4]);
  const members = await group([add.s(1, 1), group([add.s(2, 2)]), chain(add.s(3, 3))]).delay();
  expect(await members.get()).toEqual([2, 4, 6]);
  const body = await chord([add.s(1, 1), add.s(2, 2)], sum.s()).delay();
  expect(await body.get()).toBe(6);
  const piped = await chain([group([add.s(1, 1), add.s(2, 2)]), sum.s(), add.s(10)]).delay();
  expect(await piped.get()).toBe(16);
  const chunked = add.chunks(
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    2,
  );
  expect(await (await chunked.delay()).get()).toEqual([[2, 4], [6]]);
  expect(
    await (
      await add
        .s(1, 1)
        .link(add.s(5).link(note.si('linked')))
        .delay()
    ).get(),
  ).toBe(2);
  expect(ran).toEqual(['last', 'linked']);
});

it('calls errbacks, and fails what follows a failure', async () => {
  const { add, fail, sum, caught, told, ran } = open();
  const one = await fail.s().linkError(caught.s()).linkError(told.s()).delay();
  expect(ran.splice(0)).toEqual(['t.fail: no', `failed: ${one.id}`]);
  const chained = await chain([fail.s(), add.s(1)]).delay();
  await expect(chained.get()).rejects.toMatchObject({ name: 'RangeError' });
  const body = sum.s().linkError(told.s());
  const unlocked = await chord([add.s(1, 1), fail.s()], body).delay();
  await expect(unlocked.get()).rejects.toMatchObject({
    name: 'ChordError',
    message: expect.stringMatching(/^Dependency [\w-]+ raised RangeError\('no'\)$/) as unknown,
  });
  expect(ran).toEqual([`failed: ${unlocked.id}`]);
});

it('lets a task call, replace itself and see that it runs in place', async () => {
  const { app, add } = open();
  const requests: TaskRequest[] = [];
  const inner = app.task(
    't.inner',
    (context) => {
      requests.push(context.request);
      return context.request.id;
    },
    { bind: true },
  );
  const outer = app.task(
    't.outer',
    async (context) => {
      requests.push(context.request);
      const child = await inner.delay();
      return (await child.get()) === child.id;
    },
    { bind: true },
  );
  const replaced = app.task('t.replaced', (context): number => context.replace(add.s(4, 4)), {
    bind: true,
  });
  const result = await outer.delay();
  expect(await result.get()).toBe(true);
  const [mine, child] = requests;
  expect(mine).toMatchObject({ isEager: true, id: result.id, rootId: result.id, parentId: null });
  expect(child).toMatchObject({ isEager: true, parentId: result.id, rootId: result.id });
  expect(mine?.children).toEqual([child?.id]);
  expect(await (await chain([replaced.s(), add.s(1)]).delay()).get()).toBe(9);
});

it('apply runs a task here whatever the settings say; only what is not known here is sent', async () => {
  const { app, add } = open({ task_always_eager: false });
  expect(await (await add.apply([1, 2])).get()).toBe(3);
  expect(await (await chain([add.s(1, 2), add.s(3)]).apply()).get()).toBe(6);
  await expect(add.delay(1, 2)).rejects.toMatchObject({ code: 'broker_unreachable' });
  const { app: eager } = open();
  const unknown = { code: 'broker_unreachable' };
  await expect(eager.signature('t.elsewhere').delay()).rejects.toMatchObject(unknown);
  await expect(eager.sendTask('t.add', [1, 2])).rejects.toMatchObject(unknown);
  await Promise.all([app.close(), eager.close()]);
});

it('stores results where that is wanted', async () => {
  const { port1, port2 } = new MessageChannel();
  serveMemoryBroker(new MemoryBroker(), port1);
  const backend = createBackend('memory://', { port: port2 });
  await backend.connect();
  const { app, add, fail } = open({ backend });
  const before = await add.delay(1, 2);
  app.conf.update({ task_store_eager_result: true });
  const stored = await add.delay(1, 2);
  const failed = await fail.delay();
  const ignored = await add.applyAsync([1, 2], { ignoreResult: true });
  const metas = await backend.getMany([before, stored, failed, ignored].map(({ id }) => id));
  expect(metas.map((meta) => meta?.status ?? null)).toEqual([null, 'SUCCESS', 'FAILURE', null]);
  await backend.close();
});
