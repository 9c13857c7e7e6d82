import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { startRedis } from '../../e2e/fixtures/servers/redis.ts';
import { createTransport } from '../broker/connect.ts';
import { taskMessage } from '../broker/transport.contract.ts';
import type { TransportOptions } from '../broker/transport.ts';
import { QueueSampler } from './queue-sampler.ts';
import { openMemoryCluster } from './testing/memory-cluster.ts';

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function open(options: TransportOptions) {
  const transport = createTransport(options);
  undo.push(() => transport.close());
  await transport.connect();
  return transport;
}

it.each([
  ['list', '-scan', /scan/i],
  ['look into', '-lrange', null],
])(
  'QU2 queues are measured also where Redis does not let us %s them',
  async (_what, rule, reason) => {
    const server = await startRedis();
    undo.push(() => server.stop());
    const owner = new Redis(server.url);
    undo.push(() => owner.disconnect());
    const rules = ['on', '>word', '~*', '&*', '+@all', rule];
    await owner.call('ACL', 'SETUSER', 'reader', ...rules);
    const cluster = await openMemoryCluster();
    undo.push(() => cluster.close());
    const { fold, workers, clock } = cluster;
    const publisher = await open({ url: server.url });
    for (const id of ['a', 'b']) {
      await publisher.publish(taskMessage(id), { exchange: '', routingKey: 'q' });
    }
    const transport = await open({ url: server.url.replace('redis://', 'redis://reader:word@') });
    const sampler = new QueueSampler(transport, fold, workers, clock, ['q'], () => true);
    const { rows } = await sampler.sample();
    expect(rows).toMatchObject([{ name: 'q', ready: 2, inFlight: 0 }]);
    if (reason === null) expect(sampler.discovery?.complete).toBe(true);
    else {
      expect(sampler.discovery?.complete).toBe(false);
      expect(sampler.discovery?.reason).toMatch(reason);
    }
  },
);
