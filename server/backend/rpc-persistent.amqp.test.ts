import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { afterEach, expect, it } from 'vitest';
import { freshVhost } from '../../e2e/fixtures/isolated.ts';
import { Celery } from '../client/celery.ts';
import { resultOf } from './result-backend.contract.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it.each([
  [true, 2],
  [false, 1],
])('result_persistent: %s sends rpc:// results with the delivery mode %s', async (is, mode) => {
  const vhost = await freshVhost();
  closers.push(() => vhost.remove());
  const replyTo = randomUUID();
  const link = await connect(vhost.url);
  closers.push(() => link.close());
  const channel = await link.createChannel();
  await channel.assertQueue(replyTo);
  const app = new Celery('rpc', { broker: vhost.url, backend: 'rpc://', result_persistent: is });
  closers.push(() => app.close());
  await app.connect();
  const reply = channel.checkQueue(app.oid);
  await expect(reply).resolves.toMatchObject({ consumerCount: 1 });
  await app.backend?.store(resultOf('a', 'SUCCESS', 1), { replyTo });
  await expect.poll(async () => (await channel.checkQueue(replyTo)).messageCount).toBe(1);
  const message = await channel.get(replyTo, { noAck: true });
  expect(message === false ? null : message.properties).toMatchObject({
    deliveryMode: mode,
    correlationId: 'a',
  });
  // Messages outlive a restart only in a queue that does: it is declared as Celery does.
  const kept = { durable: true, autoDelete: true, arguments: { 'x-expires': 86_400_000 } };
  const again = await link.createChannel();
  await expect(again.assertQueue(app.oid, kept)).resolves.toMatchObject({ queue: app.oid });
});
