import { createServer, type Socket } from 'node:net';
import amqp from 'amqplib';
import { describe, expect, inject, it } from 'vitest';
import { freshVhost, type FreshVhost } from '../../../e2e/fixtures/isolated.ts';
import { listQueues } from '../../../e2e/fixtures/servers/rabbitmq-management.ts';
import { createTransport } from '../connect.ts';
import { describeTransport, recordingSink, taskMessage } from '../transport.contract.ts';
import type { Delivery } from '../transport.ts';

/** What the management API counts is a few seconds old. */
const POLL = { timeout: 20_000 };
const NO_MANAGEMENT = 'http://127.0.0.1:1/api/';

describeTransport('amqp', () => {
  let vhost: Promise<FreshVhost> | null = null;
  return {
    open: async () => {
      vhost ??= freshVhost();
      const { url } = await vhost;
      const transport = createTransport({ url, managementUrl: NO_MANAGEMENT });
      await transport.connect();
      return transport;
    },
    reset: async () => (await vhost)?.remove(),
  };
});

describe('the amqp transport beside others', () => {
  it('lists and measures by the management API, and says when it cannot', async () => {
    const vhost = await freshVhost();
    const { url, managementUrl } = vhost;
    const transport = createTransport({ url, managementUrl });
    await transport.connect();
    await transport.declareQueue('q', { maxPriority: 5 });
    await transport.publish(taskMessage('a'), { exchange: '', routingKey: 'q' });
    const listing = await transport.listQueues();
    expect(listing).toMatchObject({ complete: true, reason: null });
    expect(listing.queues).toMatchObject([
      { name: 'q', durable: true, task: true, arguments: { 'x-max-priority': 5 } },
    ]);
    const measure = async () => (await transport.measureQueues(['q']))[0];
    await expect.poll(measure, POLL).toMatchObject({ ready: 1, consumers: 0 });
    await transport.close();
    const blind = createTransport({ url, managementUrl: NO_MANAGEMENT });
    await blind.connect();
    await blind.subscribeEvents(recordingSink().sink);
    await blind.serveControl('w@h', () => undefined);
    const nobody = { method: 'ping', arguments: {}, destination: ['nobody@h'] };
    blind.gather(nobody, { timeoutMs: 30_000 }).catch(() => undefined);
    const ours = async () =>
      (await listQueues(managementUrl, vhost.name))
        .flatMap(({ name, exclusive, durable }) => {
          const kind = /celeryev|reply|pidbox/.exec(name)?.[0];
          return kind === undefined ? [] : [[kind, exclusive, durable]];
        })
        .sort();
    // RabbitMQ 4.3 takes no other transient queues.
    await expect.poll(ours, POLL).toEqual([
      ['celeryev', true, false],
      ['pidbox', true, false],
      ['reply', true, false],
    ]);
    expect(await blind.listQueues()).toMatchObject({
      complete: false,
      reason: expect.stringMatching(/management API/) as string,
    });
    await blind.close();
    await vhost.remove();
  });

  it.each(['with', 'without'])(
    'measures, consumes and requeues a quorum queue, %s the management API',
    async (how) => {
      const vhost = await freshVhost();
      const model = await amqp.connect(vhost.url);
      const channel = await model.createChannel();
      await channel.assertQueue('q', { arguments: { 'x-queue-type': 'quorum' } });
      const transport = createTransport({
        url: vhost.url,
        managementUrl: how === 'with' ? vhost.managementUrl : NO_MANAGEMENT,
      });
      await transport.connect();
      await transport.declareQueue('q');
      const measure = async () => (await transport.measureQueues(['q']))[0];
      for (const id of ['a', 'b']) {
        await transport.publish(taskMessage(id), { exchange: '', routingKey: 'q' });
      }
      await expect.poll(measure, POLL).toMatchObject({ ready: 2, consumers: 0 });

      const taken: Delivery[] = [];
      const take = (delivery: Delivery) => void taken.push(delivery);
      const consumer = await transport.consume(['q'], { prefetch: 1 }, take);
      await expect.poll(() => taken.length).toBe(1);
      await expect.poll(measure, POLL).toMatchObject({ ready: 1, consumers: 1 });
      await expect(taken[0]?.reject({ requeue: true })).resolves.toBe(true);
      await expect.poll(() => taken.length).toBe(2);
      await taken[1]?.ack();
      await expect.poll(() => taken.length).toBe(3);
      await taken[2]?.ack();
      expect(new Set(taken.map(({ message }) => message.headers['id']))).toEqual(
        new Set(['a', 'b']),
      );
      expect(taken.filter(({ message }) => message.properties.redelivered)).toHaveLength(1);
      await expect.poll(measure, POLL).toMatchObject({ ready: 0 });
      await consumer.close();
      await transport.close();
      await model.close();
      await vhost.remove();
    },
  );

  it('does not declare a queue again that exists with other arguments', async () => {
    const vhost = await freshVhost();
    const transport = createTransport({ url: vhost.url, managementUrl: NO_MANAGEMENT });
    await transport.connect();
    await transport.declareQueue('q', { maxPriority: 5 });
    await transport.declareQueue('q');
    await transport.publish(taskMessage('a'), { exchange: 'q', routingKey: 'q' });
    expect((await transport.measureQueues(['q']))[0]?.ready).toBe(1);
    await transport.close();
    await vhost.remove();
  });

  it('says that the credentials are wrong, without showing them', async () => {
    const url = inject('amqpUrl').replace('guest:guest', 'guest:wrong-secret');
    const transport = createTransport({ url });
    const error = await transport.connect().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'broker_auth' });
    expect(String(error)).not.toContain('wrong-secret');
    expect(transport.status().state).toBe('failed');
    await transport.close();
  });

  it('gives up on a broker that accepts and then hangs', async () => {
    const sockets = new Set<Socket>();
    const listener = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const transport = createTransport({
      url: `amqp://127.0.0.1:${String(port)}//`,
      connectTimeoutMs: 300,
    });
    await expect(transport.connect()).rejects.toMatchObject({ code: 'timeout' });
    await transport.close();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
  });
});
