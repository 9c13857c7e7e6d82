import { afterEach, expect, test, vi } from 'vitest';
import { emptyResultMeta } from '../celery/result-meta.ts';
import { createTestCluster } from '../worker/testing/cluster.ts';
import { AsyncResult } from './results.ts';

let cluster = createTestCluster();

afterEach(async () => {
  vi.useRealTimers();
  await cluster.close();
});

const failure = (taskId: string, excType: string) =>
  emptyResultMeta({
    ...{ taskId, status: 'FAILURE', doneAt: 1 },
    exception: { excType, excModule: 'builtins', excMessage: ['no'] },
  });

async function openChild() {
  cluster = createTestCluster();
  const app = await cluster.openApp();
  const { backend } = app;
  if (backend === null) throw new Error('no backend');
  await backend.store(failure('parent', 'ValueError'));
  return { backend, child: new AsyncResult('child', app, new AsyncResult('parent', app)) };
}

test('what fails because of an ancestor fails with its own error, though that is stored later', async () => {
  const { backend, child } = await openChild();
  const waits: string[] = [];
  const wait = backend.wait.bind(backend);
  vi.spyOn(backend, 'wait').mockImplementation(async (id, timeoutMs) => {
    waits.push(id);
    // By now the failure of the ancestor has been seen.
    if (waits.length === 2) await backend.store(failure('child', 'ChordError'));
    return wait(id, timeoutMs);
  });
  await expect(child.get()).rejects.toMatchObject({ name: 'ChordError', taskId: 'child' });
  expect(waits).toEqual(['child', 'child']);
});

test('what never comes to an end of its own fails with the error of its ancestor', async () => {
  const { child } = await openChild();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const beganAt = Date.now();
  const outcome = child.get().then(
    () => null,
    (error: unknown) => error,
  );
  let ended: unknown;
  void outcome.then((error) => (ended = error));
  while (ended === undefined && Date.now() < beganAt + 60_000) {
    await vi.advanceTimersByTimeAsync(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(ended).toMatchObject({ name: 'ValueError', taskId: 'parent' });
});
