import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeTaskMessage } from '../celery/message.ts';
import type { MessageParts } from '../store/task-record.ts';
import { InFlightWatch } from './in-flight.ts';
import { QueueSampler } from './queue-sampler.ts';
import { openMemoryCluster, type MemoryCluster } from './testing/memory-cluster.ts';

let cluster: MemoryCluster;
let sampler: QueueSampler;

beforeEach(async () => {
  cluster = await openMemoryCluster();
  const { transport, fold, workers, clock } = cluster;
  sampler = new QueueSampler(transport, fold, workers, clock, ['configured'], () => true);
  await transport.declareQueue('bound');
});

afterEach(async () => {
  await cluster.close();
});

const sampled = async (name: string) =>
  (await sampler.sample()).rows.find((row) => row.name === name);

const send = (id: string): Promise<void> =>
  cluster.transport.publish(
    encodeTaskMessage({
      ...{ name: 't.mail', id, args: ['é'], customHeaders: { tenant: 'x' } },
      timeLimit: [60, null],
    }),
    { exchange: '', routingKey: 'bound' },
  );

describe('queues', () => {
  it('QU1 come from the broker, the configuration and announcements', async () => {
    cluster.event('task-sent', { name: 't', queue: 'announced', hostname: 'gen1@client' });
    const names = (await sampler.sample()).rows.map((row) => row.name);
    expect(names).toEqual(expect.arrayContaining(['bound', 'configured', 'announced']));
  });

  it('QU2 whether the list is complete is known after the first look, not before', async () => {
    expect(sampler.discovery).toBeNull();
    await sampler.sample();
    expect(sampler.discovery).toMatchObject({ complete: true, reason: null });
  });

  it('QU3 keeps what a retry needs of a waiting message', async () => {
    await send('m');
    await sampler.sample();
    expect(cluster.record('m')).toMatchObject({ state: 'queued', args: "('é',)", queue: 'bound' });
    const parts = JSON.parse(cluster.record('m')?.messageParts ?? 'null') as MessageParts;
    expect(parts).toMatchObject({ serializer: 'json', timeLimit: [60, null], chordMember: false });
    expect(JSON.parse(parts.customHeaders ?? 'null')).toEqual({ tenant: 'x' });
    expect(parts.chain).toBeNull();
  });

  it('QU3 tells since when the oldest message waits, and nothing once none does', async () => {
    await send('m');
    expect(await sampled('bound')).toMatchObject({ ready: 1, oldestAgeMs: 0 });
    cluster.clock.time += 60_000;
    await send('n');
    expect(await sampled('bound')).toMatchObject({ ready: 2, oldestAgeMs: 60_000 });
    await cluster.transport.purge('bound');
    expect(await sampled('bound')).toMatchObject({ ready: 0, oldestAgeMs: null });
  });

  it('QU4 a waiting task that is no longer seen stays queued', async () => {
    await send('m');
    await sampler.sample();
    await cluster.transport.purge('bound');
    cluster.clock.time += 2000;
    expect((await sampled('bound'))?.ready).toBe(0);
    expect(cluster.record('m')?.state).toBe('queued');
  });

  it('QU5 one that nothing has named for ten minutes is dropped', async () => {
    const announce = (uuid: string, queue: string) =>
      cluster.event('task-sent', { uuid, name: 't', queue, hostname: 'gen1@client' });
    announce('a', 'once');
    announce('b', 'again');
    await sampler.sample();
    cluster.clock.time += 599_000;
    expect(await sampled('once')).toBeDefined();
    announce('c', 'again');
    await sampler.sample();
    cluster.clock.time += 2000;
    const { gone } = await sampler.sample();
    expect(gone).toEqual(['once']);
    cluster.clock.time += 2000;
    expect(await sampled('once')).toBeUndefined();
    expect(await sampled('again')).toBeDefined();
    expect(await sampled('bound')).toBeDefined();
    announce('d', 'once');
    expect(await sampled('once')).toBeDefined();
  });

  it('ST13 a delivered message that nobody announced is a received task with exact arguments', async () => {
    await send('m');
    const consumer = await cluster.transport.consume(['bound'], { prefetch: 1 }, () => undefined);
    await expect
      .poll(async () => (await cluster.transport.peekInFlight({ limit: 5 })).messages.length)
      .toBe(1);
    cluster.clock.time = Date.now() + 60_000;
    const watch = new InFlightWatch(cluster.transport, cluster.fold, cluster.clock);
    await watch.round();
    await watch.round();
    const record = cluster.record('m');
    expect(record).toMatchObject({ state: 'received', worker: null, argsExact: true });
    expect(record?.timeline.map((fact) => fact.type)).toEqual(['seen-in-flight']);
    await consumer.close();
  });
});
