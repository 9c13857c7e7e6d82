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

/** Members of a chord by their place: `t2` comes to 20. */
export const member = (index: number, result: unknown = index * 10) => ({
  id: `t${String(index)}`,
  state: 'SUCCESS',
  result,
  groupIndex: index,
});

export type BackendPlace = {
  open: () => Promise<StoringBackend>;
  /** Drops the claim of a chord, as time would. */
  endClaim: (groupId: string) => Promise<void>;
};

export function describeBackend(name: string, createPlace: () => BackendPlace) {
  describe(`${name} result backend`, () => {
    const opened: ResultBackend[] = [];
    const start = () => {
      const { open, endClaim } = createPlace();
      const openOne = async () => {
        const backend = await open();
        opened.push(backend);
        return backend;
      };
      return Object.assign(openOne, { endClaim });
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

    it('counts a chord, in order, and a redelivered member once, whatever it came to', async () => {
      const backend = await start()();
      await backend.setChordSize('g', 3);
      await expect(backend.chordMemberDone('g', member(2))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(0))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(0, 'other'))).resolves.toBeNull();
      const claim = await backend.chordMemberDone('g', member(1));
      expect((await claim?.read())?.results).toEqual([
        { id: 't0', state: 'SUCCESS', result: 0 },
        { id: 't1', state: 'SUCCESS', result: 10 },
        { id: 't2', state: 'SUCCESS', result: 20 },
      ]);
    });

    it('waits for what is in its header and was not counted', async () => {
      const backend = await start()();
      const leaf = (id: string) => ({ id, parent: null, children: null });
      const nested = { ...leaf('inner'), children: [leaf('t0'), leaf('t1')] };
      await backend.saveGroup({ ...leaf('g'), children: [nested, leaf('late')] });
      await Promise.all([0, 1].map((n) => backend.store(resultOf(`t${String(n)}`, 'SUCCESS', n))));
      await backend.setChordSize('g', 2);
      await backend.chordMemberDone('g', member(0));
      const claim = await backend.chordMemberDone('g', member(1));
      const read = claim?.read();
      await backend.store(resultOf('late', 'SUCCESS', 2));
      expect((await read)?.nested).toEqual([[0, 1], 2]);
    });

    it('fails when what was not counted never comes', async () => {
      const backend = await start()();
      const leaf = (id: string) => ({ id, parent: null, children: null });
      await backend.saveGroup({ ...leaf('g'), children: [leaf('t0'), leaf('never')] });
      await backend.setChordSize('g', 1);
      const claim = await backend.chordMemberDone('g', member(0));
      await expect(claim?.read()).rejects.toMatchObject({ code: 'timeout' });
    });

    it('is over when the body was sent, and no member that is delivered later begins it anew', async () => {
      const backend = await start()();
      await backend.setChordSize('g', 1);
      const claim = await backend.chordMemberDone('g', member(0));
      const again = backend.chordMemberDone('g', member(0));
      expect(await claim?.hold()).toBe(true);
      expect(await claim?.finish()).toBe(true);
      await expect(again).resolves.toBeNull();
      await backend.addToChord('g');
      await expect(backend.chordMemberDone('g', member(0))).resolves.toBeNull();
    });

    it('passes the body of one that died on to who reports a member again, once its claim has ended', async () => {
      const place = start();
      const [died, other] = [await place(), await place()];
      await died.setChordSize('g', 2);
      await died.chordMemberDone('g', member(0));
      const lost = await died.chordMemberDone('g', member(1));
      const waits = other.chordMemberDone('g', member(1, 'other'));
      await place.endClaim('g');
      const claim = await waits;
      expect((await claim?.read())?.results.map(({ result }) => result)).toEqual([0, 10]);
      expect(await claim?.hold()).toBe(true);
      expect([await lost?.hold(), await lost?.finish()]).toEqual([false, false]);
      expect(await claim?.finish()).toBe(true);
      await expect(other.chordMemberDone('g', member(0))).resolves.toBeNull();
    });

    it('counts members that are done before its size is known, and those that it grows by', async () => {
      const backend = await start()();
      await expect(backend.chordMemberDone('g', member(0))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(1))).resolves.toBeNull();
      await backend.setChordSize('g', 3);
      await Promise.all([backend.addToChord('g'), backend.addToChord('g')]);
      await expect(backend.chordMemberDone('g', member(2))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(3))).resolves.toBeNull();
      await expect(backend.chordMemberDone('g', member(4))).resolves.not.toBeNull();
    });

    it('fails once, and runs again under its old id', async () => {
      const place = start();
      const backend = await place();
      await backend.setChordSize('g', 1);
      const claim = await backend.chordMemberDone('g', { ...member(0), state: 'FAILURE' });
      await claim?.fail();
      await place.endClaim('g');
      await expect(backend.chordMemberDone('g', member(0))).resolves.toBeNull();
      await backend.setChordSize('h', 1);
      await (await backend.chordMemberDone('h', member(0)))?.finish();
      await backend.setChordSize('h', 1);
      await expect(backend.chordMemberDone('h', member(0))).resolves.not.toBeNull();
    });

    it('stops waiting for a claim when it is closed', async () => {
      const place = start();
      const [holder, waiting] = [await place(), await place()];
      await holder.setChordSize('g', 1);
      await holder.chordMemberDone('g', member(0));
      const waits = waiting.chordMemberDone('g', member(0)).catch(() => null);
      await waiting.close();
      await expect(waits).resolves.toBeNull();
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
