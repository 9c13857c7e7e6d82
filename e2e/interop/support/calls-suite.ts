// What goes with a call, from us to each side: links, errbacks of both styles, stamps, routes, signatures as arguments and results,
// errors, keywords, retries, results that nobody wants, revoking, saved groups.
import { describe, expect, test } from 'vitest';
import { chord, group, toSignature } from '../../../server/client/canvas.ts';
import { isOldCelery } from '../../fixtures/celery/version.ts';
import { runPython } from '../../fixtures/celery/python.ts';
import type { RuntimePlace } from './runtime-place.ts';

const timeoutMs = 30_000;

export function callsSuite(place: () => RuntimePlace) {
  const call = (name: string, args: unknown[], queue: string) =>
    place().app.signature(`canvas.${name}`, args, { queue });
  const freshId = () => globalThis.crypto.randomUUID();
  const resultOf = (id: string) => place().app.result(id).get({ timeoutMs });

  describe.each(['ours', 'celery'])('a task on the queue %s', (queue) => {
    const other = queue === 'ours' ? 'celery' : 'ours';

    test('calls back, on the other side', async () => {
      const taskId = freshId();
      const sent = await call('add', [1, 2], queue)
        .link(call('add', [10], other).set({ taskId }))
        .delay();
      expect(await resultOf(taskId)).toBe(13);
      expect(await sent.get({ timeoutMs })).toBe(3);
      expect((await sent.children())?.map(({ id }) => id)).toEqual([taskId]);
    });

    test('calls its errback of the old style, on the other side', async () => {
      const taskId = freshId();
      const errback = call('failed_id', [], other).set({ taskId });
      const sent = await call('fail', [], queue).linkError(errback).delay();
      expect(await resultOf(taskId)).toBe(`failed:${sent.id}`);
    });

    test('calls its errback of the new style', async () => {
      const sent = await call('fail', [], queue)
        .linkError(call('explain', [], queue))
        .delay();
      expect(await resultOf(`explained:${sent.id}`)).toBe('ValueError: on purpose');
    });

    test('calls the errback of a chord whose member failed, told of the body', async () => {
      const taskId = freshId();
      const body = call('total', [], queue).set({ taskId });
      const sent = await chord([call('add', [1, 1], queue), call('fail', [], queue)], body)
        .linkError(call('explain', [], queue))
        .delay();
      expect(await resultOf(`explained:${taskId}`)).toMatch(
        /^ChordError: Dependency .* raised ValueError\('on purpose'\)$/,
      );
      await expect(sent.get({ timeoutMs })).rejects.toMatchObject({ name: 'ChordError' });
    });

    test('fails with its name, message and traceback', async () => {
      const sent = await call('fail', [], queue).delay();
      await expect(sent.get({ timeoutMs })).rejects.toMatchObject({
        name: 'ValueError',
        message: 'on purpose',
        state: 'FAILURE',
        traceback: expect.stringMatching(/ValueError: on purpose/) as string,
      });
      expect([await sent.failed(), await sent.successful()]).toEqual([true, false]);
    });

    test('takes keywords, a priority and headers, and runs from its queue', async () => {
      const sent = await call('about', [1], queue)
        .set({ priority: 3, headers: { customer: 'c-7' } })
        .applyAsync([], { kwargs: { y: { deep: ['é', null, 1.5] } } });
      expect(await sent.get({ timeoutMs })).toEqual({
        x: 1,
        y: { deep: ['é', null, 1.5] },
        priority: 3,
        routing_key: queue,
        customer: 'c-7',
      });
    });

    test('retries under its own id', async () => {
      const sent = await call('retry_twice', [7], queue).delay();
      expect(await sent.get({ timeoutMs })).toEqual([sent.id, 2, 7]);
    });

    test('is not run once its time is over', async () => {
      const past = { countdownMs: 300, expiresAt: Date.now() + 100 };
      const sent = await call('add', [1, 2], queue).applyAsync([], past);
      await expect(sent.get({ timeoutMs })).rejects.toMatchObject({ message: 'expired' });
    });

    test('knows its stamps', async () => {
      const sent = await group([call('stamps', [], queue), call('stamps', [], queue)])
        .stamp({ customer: 'c-7' })
        .delay();
      expect(await sent.get({ timeoutMs })).toEqual([{ customer: 'c-7' }, { customer: 'c-7' }]);
    });

    test('takes a signature, and answers one', async () => {
      const made = await (await call('make_signature', [1], queue).delay()).get({ timeoutMs });
      expect(await (await toSignature(made).set({ queue }).delay()).get({ timeoutMs })).toBe(11);
      const id = await (
        await call('run_signature', [call('add', [5], other), 1], queue).delay()
      ).get({ timeoutMs });
      expect(await resultOf(String(id))).toBe(6);
    });

    test.skipIf(isOldCelery && queue === 'celery')(
      'keeps no result that is not wanted',
      async () => {
        const taskId = freshId();
        const sent = await call('add', [1, 2], queue)
          .set({ ignoreResult: true })
          .link(call('add', [1], queue).set({ taskId }))
          .delay();
        expect(await resultOf(taskId)).toBe(4);
        expect(await sent.meta()).toBeNull();
      },
    );

    test('is revoked before it runs', async () => {
      const sent = await call('add', [1, 2], queue).applyAsync([], { countdownMs: 1500 });
      await sent.revoke();
      await expect(sent.get({ timeoutMs })).rejects.toMatchObject({
        name: 'TaskRevokedError',
        state: 'REVOKED',
      });
    });
  });

  test('routes lead by pattern', async () => {
    const sent = await place().app.sendTask('canvas.identity', [1]);
    expect(await sent.get({ timeoutMs })).toBe(1);
    expect(await (await place().app.sendTask('canvas.total', [[1, 2]])).get({ timeoutMs })).toBe(3);
  });

  test('groups are saved here and found in Python, and the other way round', async () => {
    const { app, python } = place();
    const sent = await group([call('add', [1, 1], 'ours'), call('add', [2, 2], 'celery')]).delay();
    await sent.save();
    const source = `
import sys
from canvas_tasks import *
from celery.result import GroupResult
print(GroupResult.restore(sys.argv[1], app=app).get(timeout=20))
saved = group(add.s(n, n) for n in range(3)).apply_async()
saved.save()
print(saved.id)
`;
    if (python !== null) {
      const said = await runPython(source, { app: python, args: [sent.id] });
      const [values, id = ''] = said.trim().split('\n');
      expect(values).toBe('[2, 4]');
      const theirs = await app.restoreGroup(id);
      expect(await theirs?.get({ timeoutMs })).toEqual([0, 2, 4]);
    }
    const restored = await app.restoreGroup(sent.id);
    expect(await restored?.get({ timeoutMs })).toEqual([2, 4]);
    await sent.delete();
    expect(await app.restoreGroup(sent.id)).toBeNull();
  });
}
