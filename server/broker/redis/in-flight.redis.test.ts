import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshRedisUrl } from '../../../e2e/fixtures/isolated.ts';
import { encodeEnvelope } from '../../celery/redis-layout.ts';
import { createTransport } from '../connect.ts';
import { taskMessage } from '../transport.contract.ts';
import type { Transport } from '../transport.ts';

let redis: Redis;
let transport: Transport;

beforeEach(async () => {
  const url = await freshRedisUrl();
  redis = new Redis(url);
  transport = createTransport({ url });
  await transport.connect();
});

afterEach(async () => {
  await transport.close();
  redis.disconnect();
});

/** As a worker of kombu notes what it took. */
async function hold(queue: string, ids: readonly string[], bodyBytes = 0): Promise<void> {
  const pipeline = redis.pipeline();
  for (const id of ids) {
    const message = taskMessage(id);
    if (bodyBytes > 0) message.body = Buffer.alloc(bodyBytes, 'x');
    const target = { exchange: '', routingKey: queue };
    const envelope = encodeEnvelope(message, { ...target, deliveryTag: id });
    pipeline.hset('unacked', id, `[${envelope}, "", "${queue}"]`);
    pipeline.zadd('unacked_index', Date.now() / 1000 - 60, id);
  }
  await pipeline.exec();
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

const inFlight = async (...queues: string[]) =>
  (await transport.measureQueues(queues)).map((measure) => measure.inFlight);

describe('QU8 what is in flight on Redis', () => {
  it('is counted by queue, however it changes', async () => {
    await hold('a', names('a', 7000));
    await hold('b', names('b', 5));
    expect(await inFlight('a', 'b', 'c')).toEqual([7000, 5, 0]);
    await redis.hdel('unacked', ...names('a', 6990));
    await hold('b', ['b5']);
    expect(await inFlight('a', 'b', 'c')).toEqual([10, 6, 0]);
    await redis.del('unacked');
    expect(await inFlight('a', 'b', 'c')).toEqual([0, 0, 0]);
  });

  it('is not known until large messages were all looked at, a bounded part each time', async () => {
    await hold('a', names('a', 30), 1_000_000);
    const [first] = await transport.measureQueues(['a']);
    expect(first?.inFlight).toBeNull();
    expect(first?.reason).toMatch(/^30 messages are in flight .* were not looked at yet/);
    await expect.poll(() => inFlight('a')).toEqual([30]);
  });

  it('is not counted by queue where there is more than can be read, and says so', async () => {
    await hold('a', names('a', 20_001));
    const [measure] = await transport.measureQueues(['a']);
    expect(measure).toMatchObject({ ready: 0, inFlight: null });
    expect(measure?.reason).toMatch(/^20001 messages .* counted by queue up to 20000/);
  });
});
