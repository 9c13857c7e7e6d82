import { afterEach, describe, expect, it } from 'vitest';
import { decodeTaskMessage } from '../celery/message.ts';
import type { TaskRegistry } from './task-types.ts';
import { createTestCluster } from '../worker/testing/cluster.ts';

const cluster = createTestCluster();

afterEach(() => cluster.close());

function declare(app: TaskRegistry) {
  const declared = { timeLimitMs: 60_000, softTimeLimitMs: 45_000 };
  return {
    limited: app.task('limited', () => 1, declared),
    free: app.task('free', () => 1),
    wrong: app.task('wrong', () => 1, { timeLimitMs: 1000, softTimeLimitMs: 2000 }),
  };
}

describe('time limits in the message, in seconds, the hard one first', () => {
  it('are those of the call, else of the task', async () => {
    const app = await cluster.openApp();
    const { limited, free } = declare(app);
    await limited.delay();
    await limited.applyAsync([], { timeLimitMs: 10_000, softTimeLimitMs: 5000 });
    await free.delay();
    await free.applyAsync([], { timeLimitMs: 30_000 });
    const { messages } = await app.transport.peek('celery', { from: 'next', limit: 10 });
    const limits = messages.map(({ message }) => {
      const decoded = message === null ? null : decodeTaskMessage(message);
      return decoded?.ok === true ? decoded.value.timeLimit : decoded;
    });
    expect(limits).toEqual([
      [60, 45],
      [10, 5],
      [null, null],
      [30, null],
    ]);
  });

  it('are refused when the soft one is above the hard one', async () => {
    const { wrong } = declare(await cluster.openApp());
    await expect(wrong.delay()).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('less than or equal') as string,
    });
  });
});
