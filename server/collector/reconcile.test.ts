import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PyTuple } from '../../lib/python/values.ts';
import { annotateTasks } from './annotate.ts';
import { metaOf, openMemoryCluster, START, type MemoryCluster } from './testing/memory-cluster.ts';
import type { Annotation } from '../store/collecting.ts';

let cluster: MemoryCluster;

beforeEach(async () => {
  cluster = await openMemoryCluster();
  cluster.event('task-received', { name: 't', args: '(1, ...)', kwargs: '{}' });
  cluster.event('task-started');
});

afterEach(async () => {
  await cluster.close();
});

describe('asking the result backend', () => {
  it('LO3 a quiet task ends as its result says, and counts once', async () => {
    const exception = { excType: 'ValueError', excMessage: ['böom'], excModule: 'builtins' };
    const meta = metaOf('a', 'FAILURE', { exception, traceback: 'Traceback …', doneAt: START + 9 });
    await cluster.backend.store(meta);
    cluster.clock.time += 59_000;
    expect(await cluster.reconciler.round()).toBe(0);
    cluster.clock.time += 2000;
    expect(await cluster.reconciler.round()).toBe(1);
    expect(cluster.record('a')).toMatchObject({
      ...{ state: 'failure', finishedAt: START + 9, traceback: 'Traceback …' },
      exception: expect.stringContaining('böom') as string,
    });
    expect(cluster.metrics).toMatchObject([{ outcome: 'failure', type: 't' }]);
    cluster.event('task-failed', { exception: "ValueError('böom')", traceback: 'Traceback …' });
    expect(cluster.metrics).toHaveLength(1);
  });

  it('UN1 counts an end as what the result says it is: revoked and retry are no failures', async () => {
    await cluster.backend.store(metaOf('a', 'RETRY'));
    cluster.clock.time += 61_000;
    await cluster.reconciler.round();
    cluster.event('task-received', { uuid: 'b', name: 't' });
    await cluster.backend.store(metaOf('b', 'REVOKED'));
    cluster.clock.time += 61_000;
    await cluster.reconciler.round();
    expect([cluster.record('a')?.state, cluster.record('b')?.state]).toEqual(['retry', 'revoked']);
    expect(cluster.metrics.map((fact) => fact.outcome)).toEqual(['retry', 'revoked']);
    cluster.event('task-revoked', { uuid: 'b' });
    expect(cluster.metrics).toHaveLength(2);
  });

  it('LO3 an extended result brings exact arguments', async () => {
    const extended = {
      ...{ name: 't', args: [1, 'é'], kwargs: { n: null }, worker: 'w2@test' },
      ...{ retries: 0, queue: 'q' },
    };
    await cluster.backend.store(metaOf('a', 'SUCCESS', { result: new PyTuple([1]), extended }));
    cluster.clock.time += 61_000;
    await cluster.reconciler.round();
    expect(cluster.record('a')).toMatchObject({
      ...{ args: "(1, 'é')", kwargs: "{'n': None}", argsExact: true, queue: 'q' },
      state: 'success',
    });
  });

  it('changes nothing of a task that is not known there, or runs', async () => {
    await cluster.backend.store(metaOf('a', 'PROGRESS', { result: { done: 1 } }));
    cluster.clock.time += 61_000;
    expect(await cluster.reconciler.round()).toBe(0);
    expect(cluster.record('a')?.state).toBe('started');
  });
});

describe('a result that was read on request', () => {
  const read: Annotation = {
    ...{ type: 'result-read', id: 'a', status: 'SUCCESS', resultText: "{'x': 1}" },
    ...{ exception: null, traceback: null, argsText: '(1, 2)', kwargsText: '{}' },
    ...{ finishedAt: START + 5, worker: 'w1@test', retries: 1, at: START + 9000 },
  };

  it('ends the task and brings its whole arguments', () => {
    annotateTasks(cluster.fold, read);
    expect(cluster.record('a')).toMatchObject({
      ...{ state: 'success', result: "{'x': 1}", args: '(1, 2)', argsExact: true, retries: 1 },
      ...{ argsSource: 'result', finishedAt: START + 5 },
    });
  });

  it('RD2 brings masked arguments, which are not exact', () => {
    annotateTasks(cluster.fold, { ...read, kwargsText: "{'pin': '***'}" });
    expect(cluster.record('a')).toMatchObject({ kwargs: "{'pin': '***'}", argsExact: false });
  });

  it('is no fact of the story while the task goes on', () => {
    const before = cluster.record('a')?.timeline.length;
    for (const status of ['PROGRESS', 'STARTED', 'PENDING']) {
      annotateTasks(cluster.fold, { ...read, status, resultText: null });
    }
    expect(cluster.record('a')).toMatchObject({ state: 'started', customState: null });
    expect(cluster.record('a')?.timeline).toHaveLength(before ?? -1);
  });

  it('does not take an ended task back, and is ignored for an unknown one', () => {
    cluster.event('task-failed', { exception: 'E()', traceback: 'T' });
    annotateTasks(cluster.fold, read);
    expect(cluster.record('a')?.state).toBe('failure');
    annotateTasks(cluster.fold, { ...read, id: 'unknown' });
    expect(cluster.record('unknown')).toBeUndefined();
  });
});
