// What every result backend that stores owes, as tests. `open` answers a connected backend; several of one test share what
// is stored.
import { afterEach, describe, expect, it } from 'vitest';
import type { ResultMeta } from '../celery/result-meta.ts';
import type { ChordBackend, ResultBackend } from './result-backend.ts';

export type StoringBackend = ResultBackend & ChordBackend;

export function resultOf(taskId: string, status: string, result: ResultMeta['result']): ResultMeta {
  return {
    ...{ taskId, status, result, exception: null, traceback: null, children: [] },
    ...{ doneAt: 1_760_000_000_000, groupId: null, parentId: null },
    ...{ extended: null, stampedHeaders: null, extra: {} },
  };
}

export function describeBackend(name: string, createOpen: () => () => Promise<StoringBackend>) {
  describe(`${name} result backend`, () => {
    const opened: ResultBackend[] = [];
    const start = () => {
      const openOne = createOpen();
      return async () => {
        const backend = await openOne();
        opened.push(backend);
        return backend;
      };
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((backend) => backend.close()));
    });

    it('answers null for what it does not know, and what was stored for the rest', async () => {
      const backend = await start()();
      expect(backend.status().state).toBe('connected');
      await expect(backend.get('unknown')).resolves.toBeNull();
      await backend.store(resultOf('a', 'SUCCESS', { sum: 3, text: 'ü' }));
      const failed = resultOf('b', 'FAILURE', null);
      failed.exception = { excType: 'ValueError', excMessage: ['no'], excModule: 'builtins' };
      await backend.store(failed);
      const [a, missing, b] = await backend.getMany(['a', 'unknown', 'b']);
      expect(a).toMatchObject({ taskId: 'a', status: 'SUCCESS', result: { sum: 3, text: 'ü' } });
      expect(missing).toBeNull();
      expect(b?.exception).toMatchObject({ excType: 'ValueError', excMessage: ['no'] });
    });

    it('never overwrites a SUCCESS, and forgets when asked', async () => {
      const backend = await start()();
      await backend.store(resultOf('a', 'STARTED', null));
      await backend.store(resultOf('a', 'SUCCESS', 1));
      await backend.store(resultOf('a', 'FAILURE', 2));
      await expect(backend.get('a')).resolves.toMatchObject({ status: 'SUCCESS', result: 1 });
      await backend.forget('a');
      await expect(backend.get('a')).resolves.toBeNull();
    });

    it('wakes those who wait, whether the result comes before or after', async () => {
      const open = start();
      const [backend, worker] = [await open(), await open()];
      await worker.store(resultOf('early', 'SUCCESS', 'there'));
      await expect(backend.wait('early', 5000)).resolves.toMatchObject({ result: 'there' });
      const waits = [backend.wait('late', 10_000), backend.wait('late', 10_000)];
      await worker.store(resultOf('late', 'STARTED', null));
      await worker.store(resultOf('late', 'SUCCESS', 'now'));
      await expect(Promise.all(waits)).resolves.toMatchObject([
        { result: 'now' },
        { result: 'now' },
      ]);
      await expect(backend.wait('never', 100)).resolves.toBeNull();
    });

    it('counts a chord, in order, and a redelivered member once', async () => {
      const backend = await start()();
      await backend.setChordSize('g', 3);
      const member = (index: number) => ({
        id: `t${String(index)}`,
        state: 'SUCCESS',
        result: index * 10,
        groupIndex: index,
      });
      await expect(backend.chordMemberDone('g', member(2))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(0))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(0))).resolves.toBeNull();
      const done = await backend.chordMemberDone('g', member(1));
      expect(done?.results).toEqual([
        { id: 't0', state: 'SUCCESS', result: 0 },
        { id: 't1', state: 'SUCCESS', result: 10 },
        { id: 't2', state: 'SUCCESS', result: 20 },
      ]);
    });

    it('ends a wait when it is closed', async () => {
      const backend = await start()();
      const waiting = backend.wait('never', 60_000);
      await backend.get('something');
      await backend.close();
      await expect(waiting).resolves.toBeNull();
      expect(backend.status().state).toBe('closed');
    });
  });
}
