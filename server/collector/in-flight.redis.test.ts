import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { createTransport } from '../broker/connect.ts';
import { taskMessage } from '../broker/transport.contract.ts';
import type { Transport } from '../broker/transport.ts';
import { encodeEnvelope } from '../celery/redis-layout.ts';
import { InFlightWatch } from './in-flight.ts';
import { LostDetector } from './lost.ts';
import { openMemoryCluster, START, type MemoryCluster } from './testing/memory-cluster.ts';

let cluster: MemoryCluster;
let transport: Transport;
let redis: Redis;

beforeEach(async () => {
  cluster = await openMemoryCluster();
  const url = await freshRedisUrl();
  redis = new Redis(url);
  transport = createTransport({ url });
  await transport.connect();
});

afterEach(async () => {
  await transport.close();
  redis.disconnect();
  await cluster.close();
});

/** As a worker of kombu notes what it took, a minute ago. */
async function hold(ids: readonly string[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const id of ids) {
    const target = { exchange: '', routingKey: 'q' };
    const envelope = encodeEnvelope(taskMessage(id), { ...target, deliveryTag: id });
    pipeline.hset('unacked', id, `[${envelope}, "", "q"]`);
    pipeline.zadd('unacked_index', START / 1000 - 60, id);
  }
  await pipeline.exec();
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `held${n}`);

it('ST13 everything that is in flight becomes known, however much it is', async () => {
  const ids = names(6000);
  await hold(ids);
  const watch = new InFlightWatch(transport, cluster.fold, cluster.clock);
  await watch.round();
  await watch.round();
  const states = new Set(ids.map((id) => cluster.fold.tasks.byId.get(id)?.record.state));
  expect([...states]).toEqual(['received']);
  await hold(['new']);
  await watch.round();
  await watch.round();
  expect(cluster.record('new')).toMatchObject({ state: 'received', queue: 'q' });
});

it('LO2 nothing is lost while not all that is in flight could be read', async () => {
  const ids = names(10);
  for (const uuid of ids) {
    cluster.event('task-received', { uuid, name: 't' });
    cluster.event('task-started', { uuid });
  }
  await hold(names(45_000));
  const detector = new LostDetector({ ...cluster, transport });
  const lost: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    cluster.clock.time += 60_000;
    lost.push(...(await detector.round()));
  }
  expect(lost).toEqual([]);
});
