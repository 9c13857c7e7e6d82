import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeTaskMessage } from '../celery/message.ts';
import { HeldBook, type HeldIn } from './held-book.ts';
import { HeldRound } from './held-round.ts';
import { createNamedTasks } from './inspect-sections.ts';
import { mergeQueued } from './merge-queued.ts';
import { metaOf, openMemoryCluster, type MemoryCluster } from './testing/memory-cluster.ts';
import { ownFact } from './unseen.ts';
import { VanishedTasks } from './vanished.ts';

let cluster: MemoryCluster;

beforeEach(async () => {
  cluster = await openMemoryCluster();
});

afterEach(async () => {
  await cluster.close();
});

const UNSEEN = { state: 'unseen', customState: null };

describe('a task that leaves a worker which sends no events', () => {
  let held: HeldBook;

  beforeEach(() => {
    held = new HeldBook(cluster);
    cluster.workers.entry('w1@test', cluster.clock.time);
    const live = cluster.fold.tasks.take('a', cluster.clock.time);
    const seen = ownFact('seen-active', cluster.clock.time, 'inspect', null, 'w1@test');
    cluster.fold.apply(live, seen, null, cluster.clock.time);
  });

  const answer = (where: HeldIn | null): void => {
    const named = new Map(where === null ? [] : [['a', where] as const]);
    held.observe('w1@test', named, cluster.clock.time);
  };

  const later = async (ms: number): Promise<void> => {
    cluster.clock.time += ms;
    await held.round();
  };

  it('UN1 ends as the result backend says, after two answers without it', async () => {
    await cluster.backend.store(metaOf('a', 'SUCCESS', { result: 42 }));
    answer('running');
    answer(null);
    await later(0);
    expect(cluster.record('a')).toMatchObject({ state: 'started', customState: null });
    answer(null);
    await later(0);
    expect(cluster.record('a')).toMatchObject({ state: 'success', result: '42' });
  });

  it('UN1 a stored failure is a failure, a stored RETRY the end of the attempt', async () => {
    const exception = { excType: 'ValueError', excMessage: ['no'], excModule: 'builtins' };
    await cluster.backend.store(metaOf('a', 'RETRY', { exception }));
    answer('running');
    answer(null);
    answer(null);
    await later(1000);
    expect(cluster.record('a')).toMatchObject({ state: 'retry', worker: 'w1@test' });
  });

  it('UN2 without a result its end is unseen, neither started nor lost, and says why', async () => {
    answer('running');
    answer(null);
    answer(null);
    await later(0);
    await later(5000);
    expect(cluster.record('a')?.state).toBe('started');
    await later(20_000);
    expect(cluster.record('a')).toMatchObject(UNSEEN);
    expect(cluster.record('a')?.timeline.at(-1)).toMatchObject({ type: 'ended-unseen' });
  });

  it('UN3 of a worker that sends events, absence alone changes nothing', async () => {
    cluster.workers.entry('w1@test', cluster.clock.time)!.eventsEnabled = true;
    answer('running');
    answer(null);
    answer(null);
    for (const ms of [0, 5000, 20_000, 20_000]) await later(ms);
    expect(cluster.record('a')).toMatchObject({ state: 'started', customState: null });
  });

  it('UN5 a later event replaces the unseen end', async () => {
    answer('running');
    answer(null);
    answer(null);
    for (const ms of [0, 5000, 20_000]) await later(ms);
    cluster.clock.time += 1000;
    cluster.event('task-received', { name: 't' });
    expect(cluster.record('a')).toMatchObject({ state: 'received', customState: null });
  });

  it('UN1 only a worker that answered all three lists once said what it holds', () => {
    const round = new HeldRound();
    for (const method of ['active', 'reserved', 'scheduled'] as const) {
      round.add(method, 'whole@h', createNamedTasks());
      if (method !== 'reserved') round.add(method, 'part@h', createNamedTasks());
      round.add(method, 'twice@h', createNamedTasks());
      round.add(method, 'twice@h', createNamedTasks());
    }
    expect([...round.complete()].map(([hostname]) => hostname)).toEqual(['whole@h']);
  });
});

describe('a waiting task that leaves its queue unannounced', () => {
  let vanished: VanishedTasks;

  beforeEach(async () => {
    vanished = new VanishedTasks(cluster);
    await cluster.transport.declareQueue('q');
    const message = encodeTaskMessage({ name: 't', id: 'a', args: [1] });
    await cluster.transport.publish(message, { exchange: '', routingKey: 'q' });
    const { messages } = await cluster.transport.peek('q', { from: 'next', limit: 10 });
    for (const item of messages) mergeQueued(cluster.fold, item, cluster.clock.time);
    cluster.queues.note('q', 'binding', cluster.clock.time);
  });

  const rounds = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      cluster.clock.time += 10_000;
      for (const measure of await cluster.transport.measureQueues(['q'])) {
        cluster.queues.measured(measure, 0, cluster.clock.time);
      }
      await vanished.round();
    }
  };

  it('UN4 stays queued while it waits, however long', async () => {
    await rounds(20);
    expect(cluster.record('a')).toMatchObject({ state: 'queued', argsExact: true });
  });

  it('UN4 ends as its result says, else unseen', async () => {
    await cluster.transport.purge('q');
    await cluster.backend.store(metaOf('a', 'SUCCESS', { result: 'ok' }));
    await rounds(6);
    expect(cluster.record('a')).toMatchObject({ state: 'success', result: "'ok'" });
  });

  it('UN4 without a result its end is unseen; seen waiting again, it is queued again', async () => {
    await cluster.transport.purge('q');
    await rounds(6);
    expect(cluster.record('a')).toMatchObject(UNSEEN);
    const message = encodeTaskMessage({ name: 't', id: 'a', args: [1] });
    await cluster.transport.publish(message, { exchange: '', routingKey: 'q' });
    const { messages } = await cluster.transport.peek('q', { from: 'next', limit: 10 });
    for (const item of messages) mergeQueued(cluster.fold, item, cluster.clock.time);
    expect(cluster.record('a')).toMatchObject({ state: 'queued', customState: null });
  });

  it('UN4 is left alone while its message is in flight, and during a gap', async () => {
    const consumer = await cluster.transport.consume(['q'], { prefetch: 1 }, () => undefined);
    await expect.poll(async () => (await cluster.transport.measureQueues(['q']))[0]?.ready).toBe(0);
    await rounds(8);
    expect(cluster.record('a')?.state).toBe('queued');
    await consumer.close();
    await cluster.transport.purge('q');
    cluster.setGap(true);
    await rounds(8);
    expect(cluster.record('a')?.state).toBe('queued');
  });
});
