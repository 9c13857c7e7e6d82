import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeTaskMessage } from '../celery/message.ts';
import { LostDetector } from './lost.ts';
import { metaOf, openMemoryCluster, START, type MemoryCluster } from './testing/memory-cluster.ts';

let cluster: MemoryCluster;
let detector: LostDetector;

beforeEach(async () => {
  cluster = await openMemoryCluster();
  detector = new LostDetector(cluster);
  await cluster.transport.declareQueue('q');
  cluster.queues.note('q', 'binding', START);
  cluster.event('task-sent', { name: 't', queue: 'q', hostname: 'gen1@client' });
  cluster.event('task-received', { name: 't' });
  cluster.event('task-started');
  cluster.workers.entry('w1@test', START)!.eventsEnabled = true;
});

afterEach(async () => {
  await cluster.close();
});

const pass = async (ms: number): Promise<string[]> => {
  cluster.clock.time += ms;
  return detector.round();
};

/** The worker answers what it runs. */
function answer(ids: string[]): void {
  const entry = cluster.workers.entry('w1@test', cluster.clock.time)!;
  entry.answeredAt = cluster.clock.time;
  const value = ids.map((id) => ({
    ...{ id, type: 't', args: null, kwargs: null, startedAt: null, etaAt: null },
    ...{ queue: 'q', priority: null, acknowledged: true, pid: 1 },
  }));
  entry.sections.running = { value, readAt: cluster.clock.time, reason: null };
}

describe('lost tasks', () => {
  it('LO1 the worker is gone and the broker holds nothing, seen twice: lost, with the reason', async () => {
    expect(await pass(60_000)).toEqual([]);
    expect(await pass(10_000)).toEqual([]);
    expect(await pass(10_000)).toEqual(['a']);
    expect(cluster.record('a')?.state).toBe('lost');
    expect(cluster.record('a')?.timeline.at(-1)?.fields?.['reason']).toContain('w1@test');
  });

  it('LO1 not while a fresh answer of its worker names it; lost when it no longer does', async () => {
    for (let index = 0; index < 8; index += 1) {
      cluster.clock.time += 10_000;
      answer(['a']);
      expect(await pass(0)).toEqual([]);
    }
    const lost: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      cluster.clock.time += 10_000;
      answer([]);
      lost.push(...(await pass(0)));
    }
    expect(lost).toEqual(['a']);
  });

  it('UN2 absence from the answer of a worker without events is no signal', async () => {
    cluster.workers.entry('w1@test', START)!.eventsEnabled = false;
    for (let index = 0; index < 8; index += 1) {
      cluster.clock.time += 10_000;
      answer([]);
      expect(await pass(0)).toEqual([]);
    }
  });

  it('LO1 not while the broker holds its message, waiting or in flight', async () => {
    const message = encodeTaskMessage({ name: 't', id: 'a' });
    await cluster.transport.publish(message, { exchange: '', routingKey: 'q' });
    for (let index = 0; index < 6; index += 1) expect(await pass(20_000)).toEqual([]);
    const consumer = await cluster.transport.consume(['q'], { prefetch: 1 }, () => undefined);
    await expect.poll(async () => (await cluster.transport.measureQueues(['q']))[0]?.ready).toBe(0);
    for (let index = 0; index < 6; index += 1) expect(await pass(20_000)).toEqual([]);
    await consumer.close();
  });

  it('LO6 what the broker holds keeps nobody from being looked at, however much it is', async () => {
    const ids = Array.from({ length: 450 }, (_, n) => `held${n}`);
    for (const uuid of [...ids, 'last']) {
      cluster.event('task-sent', { uuid, name: 't', queue: 'q', hostname: 'gen1@client' });
      cluster.event('task-received', { uuid, name: 't' });
    }
    await Promise.all(
      ids.map((id) =>
        cluster.transport.publish(encodeTaskMessage({ name: 't', id }), {
          exchange: '',
          routingKey: 'q',
        }),
      ),
    );
    const lost = await pass(60_000);
    for (let index = 0; index < 12; index += 1) lost.push(...(await pass(10_000)));
    expect(lost.sort()).toEqual(['a', 'last']);
  });

  it('LO2 never during a gap, and a gap clears the suspicion', async () => {
    await pass(60_000);
    cluster.setGap(true);
    expect(await pass(30_000)).toEqual([]);
    cluster.setGap(false);
    expect(await pass(1000)).toEqual([]);
  });

  it('LO3 what the result backend knows wins', async () => {
    await cluster.backend.store(metaOf('a', 'SUCCESS', { result: 7 }));
    await pass(60_000);
    expect(await pass(20_000)).toEqual([]);
    expect(cluster.record('a')).toMatchObject({ state: 'success', result: '7' });
  });

  it('LO1 a late event takes a lost task back', async () => {
    await pass(60_000);
    await pass(20_000);
    cluster.event('task-succeeded', { result: '1', runtime: 1 });
    expect(cluster.record('a')?.state).toBe('success');
  });
});
