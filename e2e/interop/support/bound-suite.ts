// What a bound task has to do with its message and its caller: its whole request, beside what Python's worker sees of the same message, and
// being aborted, from and in both languages.
import { describe, expect, test } from 'vitest';
import { isOldCelery } from '../../fixtures/celery/version.ts';
import { runPython } from '../../fixtures/celery/python.ts';
import { ELSEWHERE } from './request-names.ts';
import type { RuntimePlace } from './runtime-place.ts';

const timeoutMs = 30_000;
const patience = { timeout: timeoutMs, interval: 50 };
type Seen = Record<string, unknown>;

const ABORT = `
import sys
from canvas_tasks import app
from celery.contrib.abortable import AbortableAsyncResult
result = AbortableAsyncResult(sys.argv[1], app=app)
result.abort()
print(result.get(timeout=20))
`;

export function boundSuite(place: () => RuntimePlace) {
  describe.each(['ours', 'celery'])('a task on the queue %s', (queue) => {
    const begin = async () => {
      const sent = await place().app.sendTask('canvas.until_aborted', [], {}, { queue });
      await expect.poll(() => sent.state(), patience).toBe('PROGRESS');
      return sent;
    };

    test('is aborted from here', async () => {
      const sent = await begin();
      await sent.abort();
      expect(await sent.get({ timeoutMs })).toBe(true);
    });

    test('is aborted from Python', async () => {
      const { python } = place();
      if (python === null) throw new Error('no Python here');
      const sent = await begin();
      const said = await runPython(ABORT, { app: python, args: [sent.id] });
      expect(said.trim()).toBe('True');
    });
  });

  test.skipIf(isOldCelery)('both see the same request', async () => {
    const { app } = place();
    const expiresAt = Date.now() + 3_600_000;
    const call = (name: string, ...args: unknown[]) =>
      app.signature(`canvas.${name}`, args, { queue: 'celery' });
    const see = async (queue: string): Promise<Seen> => {
      const sent = await app.sendTask<Seen>(
        'canvas.request',
        [],
        {},
        {
          ...{ queue, taskId: 'seen', rootId: 'root', parentId: 'parent', replyTo: 'me' },
          ...{ groupId: 'group', groupIndex: 3, shadow: 'nickname', replacedTaskNesting: 2 },
          ...{
            etaAt: Date.UTC(2020, 0, 2, 3, 4, 5),
            expiresAt,
          },
          ...{ timeLimitMs: 60_500, softTimeLimitMs: 50_000, priority: 4, retries: 1 },
          ...{ headers: { customer: 'c-7', deep: { list: [1, 'é'] } } },
          ...{ stampedHeaders: ['tenant'], stamps: { tenant: 'x' } },
          link: call('identity').set({ immutable: true, taskId: 'linked' }),
          linkError: call('failed_id').set({ taskId: 'unlinked' }),
          chain: [call('noted', 'later').set({ immutable: true, taskId: 'next' })],
          chord: call('total').set({ taskId: 'body' }),
        },
      );
      const seen = await sent.get({ timeoutMs });
      await sent.forget();
      return seen;
    };
    const theirs = await see('celery');
    const own = await see('ours');
    const known = [...Object.keys(own), ...ELSEWHERE];
    expect(Object.keys(theirs).filter((name) => !known.includes(name))).toEqual([]);
    const info = theirs['delivery_info'] as Seen;
    expect(own).toEqual({
      ...Object.fromEntries(Object.keys(own).map((name) => [name, theirs[name]])),
      hostname: 'ours@umbel-test',
      delivery_info: { ...info, routing_key: 'ours' },
    });
    expect(Object.entries(own).filter(([, one]) => one === null)).toEqual([]);
  });

  test('both see a plain request alike', async () => {
    const { app } = place();
    const see = async (queue: string) => {
      const sent = await app.sendTask<Seen>('canvas.request', [], {}, { queue, taskId: 'plain' });
      const seen = await sent.get({ timeoutMs });
      await sent.forget();
      return seen;
    };
    const theirs = await see('celery');
    const own = await see('ours');
    const empty = (one: unknown) => ['null', undefined, '[]', '{}'].includes(JSON.stringify(one));
    const filled = (seen: Seen) => Object.keys(own).filter((name) => !empty(seen[name]));
    expect(filled(own)).toEqual(filled(theirs));
  });
}
