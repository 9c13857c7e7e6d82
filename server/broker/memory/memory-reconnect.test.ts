import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { Celery } from '../../client/celery.ts';
import { createTransport } from '../connect.ts';
import type { Delivery, Transport } from '../transport.ts';
import { taskMessage } from '../transport.contract.ts';
import { hostMemoryBroker } from './host.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function room(): string {
  const directory = makeTempDir('reconnect');
  closers.push(() => {
    removeTempDir(directory);
  });
  return join(directory, 'broker.sock');
}

async function host(path: string) {
  const hosted = await hostMemoryBroker(path);
  closers.push(() => hosted?.close());
  return hosted;
}

function open(path: string): Transport {
  const transport = createTransport({ url: `memory://${path}` });
  closers.push(() => transport.close());
  return transport;
}

it('lets a client be there before its worker', async () => {
  const path = room();
  const url = `memory://${path}`;
  const app = new Celery('early', { broker: url, backend: url });
  closers.push(() => app.close());
  await expect(app.sendTask('tasks.add', [1, 2])).rejects.toMatchObject({
    code: 'broker_unreachable',
    message: `No worker holds an embedded broker at ${path}`,
  });
  const patient = app.sendTask('tasks.add', [1, 2], {}, { retryPolicy: { max_retries: null } });
  await host(path);
  await patient;
  await app.sendTask('tasks.add', [3, 4]);
  expect(await app.transport.measureQueues(['celery'])).toMatchObject([{ ready: 2 }]);
  expect(await (await app.sendTask('tasks.add', [3, 4])).state()).toBe('PENDING');
});

it('goes on with the worker that takes the place of one that is gone', async () => {
  const path = room();
  const first = await host(path);
  const client = open(path);
  await client.connect();
  await client.declareQueue('q');
  const worker = open(path);
  await worker.connect();
  const taken: Delivery[] = [];
  await worker.consume(['q'], { prefetch: 1 }, (delivery) => {
    taken.push(delivery);
  });
  await client.publish(taskMessage('a'), { exchange: '', routingKey: 'q' });
  await expect.poll(() => taken.length).toBe(1);
  await first?.close();
  await expect.poll(() => client.status().state).toBe('reconnecting');
  await expect(client.declareQueue('r')).rejects.toMatchObject({ code: 'broker_unreachable' });
  await host(path);
  await expect.poll(() => worker.status().state).toBe('connected');
  await client.connect();
  await client.publish(taskMessage('b'), { exchange: '', routingKey: 'q' });
  await expect.poll(() => taken.length).toBe(2);
  // What the first broker had given out is nobody's any more, though both have the same number.
  expect(await taken[0]?.ack()).toBe(false);
  expect(await client.measureQueues(['q'])).toMatchObject([{ ready: 0, inFlight: 1 }]);
  expect(await taken[1]?.ack()).toBe(true);
});

it('stops looking for a worker when it is closed', async () => {
  const client = open(room());
  await expect(client.connect()).rejects.toMatchObject({ code: 'broker_unreachable' });
  await client.close();
  await expect(client.connect()).rejects.toThrow();
  await expect(client.closed()).resolves.toMatchObject({ code: 'closed' });
});
