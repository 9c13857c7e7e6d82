import { expect, it, vi } from 'vitest';
import { createMemoryCluster } from '../testing/memory-cluster.ts';
import { waitForResult } from './wait-for-result.ts';

const never = () => {
  const cluster = createMemoryCluster();
  cluster.state.reading = { type: 'absent', readAt: 0 };
  const read = vi.spyOn(cluster.control, 'readResult');
  return { cluster, read };
};
const HOUR_MS = 3_600_000;

it('waits no longer than the server allows, whatever was asked for', async () => {
  const { cluster, read } = never();
  const { signal } = new AbortController();
  const answer = await waitForResult(cluster, 'x', HOUR_MS, signal, { maxWaitMs: 150 });
  expect(answer).toEqual({ 'task-id': 'x', state: 'PENDING' });
  expect(read.mock.calls.length).toBeGreaterThan(1);
});

it('ends with the connection of who asked', async () => {
  const { cluster, read } = never();
  const gone = new AbortController();
  const waiting = waitForResult(cluster, 'x', HOUR_MS, gone.signal);
  await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(1));
  gone.abort();
  expect(await waiting).toMatchObject({ state: 'PENDING' });
});

it('refuses more waits than it can keep, and takes others once some ended', async () => {
  const { cluster } = never();
  const gone: AbortController[] = [];
  const one = () => {
    const own = new AbortController();
    gone.push(own);
    return waitForResult(cluster, 'x', HOUR_MS, own.signal);
  };
  const all = Promise.allSettled(Array.from({ length: 250 }, one));
  await expect(one()).rejects.toMatchObject({ code: 'conflict' });
  for (const own of gone) own.abort();
  const ends = await all;
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(50);
  const { signal } = new AbortController();
  expect(await waitForResult(cluster, 'x', 1, signal)).toMatchObject({ state: 'PENDING' });
});
