// What every transport owes, as tests: run by the tests of each implementation. `create` opens a transport to a broker
// that nobody else uses; several transports of one test reach the same broker.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WireMessage } from '../celery/message.ts';
import type { Delivery, EventSink, Transport } from './transport.ts';

export type TransportHarness = {
  /** A connected transport to the broker of the current test. */
  open(): Promise<Transport>;
  /** After each test: what the harness itself holds. */
  reset(): Promise<void>;
};

export function taskMessage(
  id: string,
  more: Partial<WireMessage['properties']> = {},
): WireMessage {
  return {
    headers: { lang: 'py', task: 'tasks.add', id, root_id: id, retries: 0, argsrepr: '(1, 2)' },
    properties: { correlationId: id, deliveryMode: 2, ...more },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: Buffer.from('[[1, 2], {}, {"callbacks": null}]'),
  };
}

export function eventMessage(body: string): WireMessage {
  return {
    headers: { hostname: 'w1@host' },
    properties: { deliveryMode: 1 },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: Buffer.from(body),
  };
}

export function recordingSink() {
  const events: { body: string; routingKey: string; contentType: string }[] = [];
  const gaps: Parameters<EventSink['onGap']>[0][] = [];
  const malformed: string[] = [];
  const sink: EventSink = {
    onEvents: ({ body, routingKey, contentType }) =>
      events.push({ body: body.toString('utf8'), routingKey, contentType }),
    onGap: (gap) => gaps.push(gap),
    onMalformed: (reason) => malformed.push(reason),
  };
  return { sink, events, gaps, malformed };
}

const idOf = (message: WireMessage | null | undefined) => message?.headers['id'];
const at = (queue: string) => ({ exchange: '', routingKey: queue });

export function describeTransport(name: string, createHarness: () => TransportHarness): void {
  describe(`${name} transport`, () => {
    let harness: TransportHarness;
    let opened: Transport[];

    const open = async () => {
      const transport = await harness.open();
      opened.push(transport);
      return transport;
    };
    const collect = async (transport: Transport, queues: string[], prefetch: number) => {
      const deliveries: Delivery[] = [];
      const consumer = await transport.consume(queues, { prefetch }, (one) => deliveries.push(one));
      return { deliveries, consumer };
    };

    beforeEach(() => {
      harness = createHarness();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((transport) => transport.close()));
      await harness.reset();
    });

    it('says that it is connected, and that it is closed', async () => {
      const transport = await open();
      expect(transport.status()).toMatchObject({ state: 'connected', reason: null });
      const states: string[] = [];
      transport.onStatus((status) => states.push(status.state));
      await transport.close();
      await expect(transport.closed()).resolves.toMatchObject({ code: 'closed' });
      expect(transport.status().state).toBe('closed');
      expect(states).toContain('closed');
      await expect(transport.publish(taskMessage('late'), at('q'))).rejects.toThrow();
    });

    it('delivers a message as it was published', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      const message = taskMessage('one', { replyTo: 'me', expiration: '60000' });
      message.headers['x-tenant'] = 'Zürich';
      await transport.publish(message, at('q'));
      const { deliveries } = await collect(transport, ['q'], 10);
      await expect.poll(() => deliveries.length).toBe(1);
      const got = deliveries[0]!;
      expect(got.queue).toBe('q');
      expect(got.message.headers).toMatchObject(message.headers);
      expect(got.message.body.toString()).toBe(message.body.toString());
      expect(got.message.properties).toMatchObject({
        correlationId: 'one',
        replyTo: 'me',
        expiration: '60000',
        routingKey: 'q',
      });
      await expect(got.ack()).resolves.toBe(true);
      await expect(got.ack()).resolves.toBe(false);
      await expect(got.reject({ requeue: true })).resolves.toBe(false);
    });

    it('keeps bytes that are no text', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      const message = { ...taskMessage('bin'), contentEncoding: 'binary' };
      message.body = Buffer.from([0, 255, 128, 10, 13, 0]);
      await transport.publish(message, at('q'));
      const { deliveries } = await collect(transport, ['q'], 1);
      await expect.poll(() => deliveries.length).toBe(1);
      expect([...deliveries[0]!.message.body]).toEqual([0, 255, 128, 10, 13, 0]);
    });

    it('routes by direct and topic bindings, and refuses what nobody would get', async () => {
      const transport = await open();
      await transport.declareQueue('d', { exchange: 'ex.direct', routingKey: 'key' });
      await transport.declareQueue('t', {
        exchange: 'ex.topic',
        exchangeType: 'topic',
        routingKey: 'video.#',
      });
      await transport.publish(taskMessage('direct'), { exchange: 'ex.direct', routingKey: 'key' });
      await transport.publish(taskMessage('topic'), {
        exchange: 'ex.topic',
        routingKey: 'video.cut.fast',
      });
      const { deliveries } = await collect(transport, ['d', 't'], 10);
      await expect.poll(() => deliveries.length).toBe(2);
      expect(
        deliveries
          .map((one) => [one.queue, idOf(one.message)])
          .sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
      ).toEqual([
        ['d', 'direct'],
        ['t', 'topic'],
      ]);
      for (const { inFlight, reason } of await transport.measureQueues(['d', 't'])) {
        if (inFlight === null) expect(reason).toEqual(expect.any(String));
        else expect(inFlight).toBe(1);
      }
      const flying = await transport.peekInFlight({ limit: 10, queue: 't' });
      if (flying.supported)
        expect(flying.messages.map((one) => idOf(one.message))).toEqual(['topic']);
      await expect(
        transport.publish(taskMessage('lost'), { exchange: 'ex.direct', routingKey: 'other' }),
      ).rejects.toMatchObject({ code: 'broker_refused' });
    });

    it('brings a broadcast to each queue of its exchange, and to nobody without complaint', async () => {
      const transport = await open();
      const target = { exchange: 'news', routingKey: 'celery' };
      const bound = { exchange: 'news', exchangeType: 'fanout', routingKey: 'celery' } as const;
      await transport.declareExchange('news', 'fanout');
      await transport.publish(taskMessage('early'), target);
      await transport.declareQueue('plain');
      await transport.declareQueue('news.a', { ...bound, autoDelete: true });
      const first = await collect(transport, ['news.a', 'plain'], 0);
      await transport.declareQueue('news.b', { ...bound, autoDelete: true });
      const second = await collect(transport, [], 0);
      await second.consumer.addQueue('news.b');
      expect(first.consumer.queues).toContain('news.a');
      await transport.publish(taskMessage('one'), target);
      for (const { deliveries } of [first, second]) {
        await expect.poll(() => deliveries.map(({ message }) => idOf(message))).toEqual(['one']);
      }
      expect(await first.deliveries[0]?.reject({ requeue: true })).toBe(true);
      await expect.poll(() => first.deliveries.length).toBe(2);
      expect(await first.deliveries[1]?.ack()).toBe(true);
      expect(await first.deliveries[1]?.ack()).toBe(false);
      await transport.publish(taskMessage('usual'), at('plain'));
      await expect.poll(() => first.deliveries.map(({ queue }) => queue)).toContain('plain');
      await first.consumer.cancelQueue('news.a');
      await transport.publish(taskMessage('two'), target);
      await expect.poll(() => second.deliveries.length).toBe(2);
      expect(first.deliveries).toHaveLength(3);
      await first.consumer.close();
      await second.consumer.close();
      await transport.publish(taskMessage('late'), target);
    });

    it('holds no more than the prefetch count', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      for (const id of ['a', 'b', 'c', 'd']) await transport.publish(taskMessage(id), at('q'));
      const { deliveries, consumer } = await collect(transport, ['q'], 2);
      await expect.poll(() => deliveries.length).toBe(2);
      await expect.poll(async () => (await transport.measureQueues(['q']))[0]?.ready).toBe(2);
      expect(deliveries).toHaveLength(2);
      await deliveries[0]!.ack();
      await expect.poll(() => deliveries.length).toBe(3);
      await consumer.setPrefetch(4);
      await expect.poll(() => deliveries.length).toBe(4);
      expect(deliveries.map((one) => idOf(one.message))).toEqual(['a', 'b', 'c', 'd']);
    });

    it('goes on when what comes first is acknowledged at once', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      for (const id of ['a', 'b', 'c']) await transport.publish(taskMessage(id), at('q'));
      const taken: unknown[] = [];
      const consumer = await transport.consume(['q'], { prefetch: 1 }, (one) => {
        taken.push(idOf(one.message));
        void one.ack();
      });
      await expect.poll(() => taken).toEqual(['a', 'b', 'c']);
      await consumer.close();
    });

    it('puts a rejected message back, or drops it', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      await transport.publish(taskMessage('again'), at('q'));
      const { deliveries } = await collect(transport, ['q'], 1);
      await expect.poll(() => deliveries.length).toBe(1);
      await expect(deliveries[0]!.reject({ requeue: true })).resolves.toBe(true);
      await expect.poll(() => deliveries.length).toBe(2);
      expect(idOf(deliveries[1]!.message)).toBe('again');
      expect(deliveries[1]!.message.properties.redelivered).toBe(true);
      await expect(deliveries[1]!.reject({ requeue: false })).resolves.toBe(true);
      await expect.poll(async () => (await transport.measureQueues(['q']))[0]?.ready).toBe(0);
      expect(deliveries).toHaveLength(2);
    });

    it('gives what was not settled back to the front of the queue', async () => {
      const first = await open();
      await first.declareQueue('q');
      for (const id of ['a', 'b', 'c', 'd']) await first.publish(taskMessage(id), at('q'));
      const { deliveries, consumer } = await collect(first, ['q'], 3);
      await expect.poll(() => deliveries.length).toBe(3);
      await consumer.close();
      const second = await open();
      const rest = await collect(second, ['q'], 10);
      await expect.poll(() => rest.deliveries.length).toBe(4);
      expect(rest.deliveries.map((one) => idOf(one.message))).toEqual(['a', 'b', 'c', 'd']);
      expect(rest.deliveries[0]!.message.properties.redelivered).toBe(true);
      expect(rest.deliveries[3]!.message.properties.redelivered).not.toBe(true);
    });

    it('adds and cancels queues while it consumes', async () => {
      const transport = await open();
      for (const queue of ['x', 'y']) await transport.declareQueue(queue);
      const { deliveries, consumer } = await collect(transport, ['x'], 10);
      await transport.publish(taskMessage('in-y'), at('y'));
      await consumer.addQueue('y');
      await expect.poll(() => deliveries.map((one) => one.queue)).toEqual(['y']);
      await consumer.cancelQueue('x');
      expect(consumer.queues).toEqual(['y']);
      await transport.publish(taskMessage('in-x'), at('x'));
      await transport.publish(taskMessage('more-y'), at('y'));
      await expect.poll(() => deliveries.length).toBe(2);
      expect(deliveries.map((one) => one.queue)).toEqual(['y', 'y']);
      expect((await transport.measureQueues(['x']))[0]?.ready).toBe(1);
    });

    it('serves priorities in the order that it claims', async () => {
      const transport = await open();
      await transport.declareQueue('p', { maxPriority: 9 });
      for (const priority of [6, 0, 9, 3]) {
        await transport.publish(taskMessage(`p${String(priority)}`, { priority }), at('p'));
      }
      const { deliveries } = await collect(transport, ['p'], 10);
      await expect.poll(() => deliveries.length).toBe(4);
      const order = deliveries.map((one) => idOf(one.message));
      const lowFirst = ['p0', 'p3', 'p6', 'p9'];
      expect(order).toEqual(
        transport.capabilities.priorityOrder === 'low-first' ? lowFirst : lowFirst.reverse(),
      );
    });

    it('measures queues and lists them', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      for (const id of ['a', 'b', 'c']) await transport.publish(taskMessage(id), at('q'));
      const { deliveries } = await collect(transport, ['q'], 1);
      await expect.poll(() => deliveries.length).toBe(1);
      await expect
        .poll(async () => (await transport.measureQueues(['q']))[0])
        .toMatchObject({ name: 'q', ready: 2 });
      const [measure, missing] = await transport.measureQueues(['q', 'no-such-queue']);
      if (measure?.inFlight === null) expect(measure.reason).toEqual(expect.any(String));
      else expect(measure?.inFlight).toBe(1);
      expect(missing?.ready === 0 || missing?.exists === false).toBe(true);
      const listing = await transport.listQueues();
      if (listing.complete) {
        expect(listing.queues.filter((one) => one.task).map((one) => one.name)).toContain('q');
      } else expect(listing.reason).toEqual(expect.any(String));
    });

    it('peeks in serving order without taking, or says why it cannot', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      for (const [id, priority] of [
        ['low', 9],
        ['a', 0],
        ['b', 0],
        ['c', 0],
      ] as const) {
        await transport.publish(taskMessage(id, { priority }), at('q'));
      }
      const next = await transport.peek('q', { from: 'next', limit: 3 });
      if (!transport.capabilities.peek.ok) {
        expect(next).toMatchObject({ supported: false, reason: expect.any(String) as string });
        return;
      }
      expect(next.messages.map((one) => idOf(one.message))).toEqual(['a', 'b', 'c']);
      expect(next.truncated).toBe(true);
      const newest = await transport.peek('q', { from: 'newest', limit: 10 });
      expect(newest.messages.map((one) => idOf(one.message))).toEqual(['low', 'c', 'b', 'a']);
      expect(newest.messages[0]).toMatchObject({ queue: 'q', priority: 9, issue: null });
      expect(newest.truncated).toBe(false);
      expect((await transport.measureQueues(['q']))[0]?.ready).toBe(4);
    });

    it('peeks at what is in flight, or says why it cannot', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      for (const id of ['a', 'b']) await transport.publish(taskMessage(id), at('q'));
      const { deliveries } = await collect(transport, ['q'], 10);
      await expect.poll(() => deliveries.length).toBe(2);
      const all = await transport.peekInFlight({ limit: 10 });
      if (!transport.capabilities.inFlight.ok) {
        expect(all).toMatchObject({ supported: false, reason: expect.any(String) as string });
        return;
      }
      expect(all.messages.map((one) => idOf(one.message)).sort()).toEqual(['a', 'b']);
      expect(all.messages[0]?.deliveredAt).toBeGreaterThan(0);
      const one = await transport.peekInFlight({ limit: 10, queue: 'q', ids: ['b'] });
      expect(one.messages.map((message) => idOf(message.message))).toEqual(['b']);
      const none = await transport.peekInFlight({ limit: 10, queue: 'other' });
      expect(none.messages).toEqual([]);
    });

    it('purges what waits and says how much that was', async () => {
      const transport = await open();
      await transport.declareQueue('q');
      for (const priority of [0, 0, 9]) {
        await transport.publish(taskMessage(`m${String(priority)}`, { priority }), at('q'));
      }
      await expect(transport.purge('q')).resolves.toBe(3);
      expect((await transport.measureQueues(['q']))[0]?.ready).toBe(0);
      await expect(transport.purge('q')).resolves.toBe(0);
    });

    it('brings events to every subscriber', async () => {
      const transport = await open();
      const other = await open();
      const [first, second] = [recordingSink(), recordingSink()];
      const subscription = await transport.subscribeEvents(first.sink);
      await other.subscribeEvents(second.sink);
      const batch = '[{"type": "task-received", "uuid": "ü-1"}, {"type": "task-started"}]';
      await other.publishEvent(eventMessage(batch), 'task.multi');
      await other.publishEvent(eventMessage('{"type": "worker-online"}'), 'worker.online');
      await expect.poll(() => first.events.length).toBe(2);
      await expect.poll(() => second.events.length).toBe(2);
      expect(first.events).toEqual([
        { body: batch, routingKey: 'task.multi', contentType: 'application/json' },
        {
          body: '{"type": "worker-online"}',
          routingKey: 'worker.online',
          contentType: 'application/json',
        },
      ]);
      expect(first.gaps).toEqual([]);
      await subscription.close();
      await other.publishEvent(eventMessage('{"type": "worker-offline"}'), 'worker.offline');
      await expect.poll(() => second.events.length).toBe(3);
      expect(first.events).toHaveLength(2);
    });

    it('brings the events of workers alone to those who want only them', async () => {
      const transport = await open();
      const other = await open();
      const heard: string[] = [];
      const subscription = await other.subscribeWorkerEvents(({ routingKey, body }) =>
        heard.push(`${routingKey} ${body.toString('utf8')}`),
      );
      await transport.publishEvent(eventMessage('[1]'), 'task.multi');
      await transport.publishEvent(eventMessage('{"n": 2}'), 'worker.heartbeat');
      await transport.publishEvent(eventMessage('{"n": 3}'), 'worker.elect.ack');
      const both = ['worker.heartbeat {"n": 2}', 'worker.elect.ack {"n": 3}'];
      await expect.poll(() => heard).toEqual(both);
      await subscription.close();
      await transport.publishEvent(eventMessage('{"n": 4}'), 'worker.heartbeat');
      expect(heard).toEqual(both);
    });

    it('keeps the order and the bytes of many events', async () => {
      const transport = await open();
      const { sink, events } = recordingSink();
      await transport.subscribeEvents(sink);
      const bodies = Array.from({ length: 500 }, (_, index) =>
        JSON.stringify({ type: 'task-succeeded', index, filler: 'é'.repeat((index * 37) % 3000) }),
      );
      for (let start = 0; start < bodies.length; start += 50) {
        await Promise.all(
          bodies
            .slice(start, start + 50)
            .map((body) => transport.publishEvent(eventMessage(body), 'task.multi')),
        );
      }
      await expect.poll(() => events.length, { timeout: 8000 }).toBe(bodies.length);
      expect(events.map((event) => event.body)).toEqual(bodies);
    });

    it('gathers replies of the workers that are asked', async () => {
      const workers = await open();
      const client = await open();
      for (const hostname of ['w1@host', 'w2@host']) {
        await workers.serveControl(hostname, (delivery) => {
          const got = delivery.request.arguments;
          // Whoever asked may be gone before the reply is confirmed.
          delivery.reply({ ok: 'pong', of: hostname, got }).catch(() => undefined);
        });
      }
      const seen = vi.fn();
      const all = await client.gather(
        { method: 'ping', arguments: { n: 1, text: 'ü' }, destination: null },
        { timeoutMs: 5000, expected: 2, onReply: seen },
      );
      expect(all.map((reply) => reply.hostname).sort()).toEqual(['w1@host', 'w2@host']);
      expect(all[0]?.value).toMatchObject({ ok: 'pong', got: { n: 1, text: 'ü' } });
      expect(seen).toHaveBeenCalledTimes(2);
      const one = await client.gather(
        { method: 'ping', arguments: {}, destination: ['w2@host'] },
        { timeoutMs: 5000 },
      );
      expect(one.map((reply) => reply.hostname)).toEqual(['w2@host']);
      const byName = await client.gather(
        {
          method: 'ping',
          arguments: {},
          destination: null,
          pattern: { text: 'w1*', matcher: 'glob' },
        },
        { timeoutMs: 5000, expected: 1 },
      );
      expect(byName.map((reply) => reply.hostname)).toEqual(['w1@host']);
    });

    it('answers with the replies so far when a worker stays silent', async () => {
      const transport = await open();
      await transport.serveControl('w1@host', (delivery) => {
        delivery.reply(1).catch(() => undefined);
      });
      const replies = await transport.gather(
        { method: 'ping', arguments: {}, destination: ['w1@host', 'gone@host'] },
        { timeoutMs: 300 },
      );
      expect(replies).toEqual([{ hostname: 'w1@host', value: 1 }]);
    });

    it('broadcasts without waiting, and a closed control server hears nothing', async () => {
      const workers = await open();
      const client = await open();
      const [first, second] = [vi.fn(), vi.fn()];
      const server = await workers.serveControl('w1@host', ({ request }) => first(request.method));
      await workers.serveControl('w2@host', ({ request }) => second(request.method));
      await client.broadcast({ method: 'enable_events', arguments: {}, destination: null });
      await expect.poll(() => first.mock.calls).toEqual([['enable_events']]);
      await expect.poll(() => second.mock.calls).toEqual([['enable_events']]);
      await server.close();
      await client.broadcast({ method: 'shutdown', arguments: {}, destination: null });
      await expect.poll(() => second.mock.calls.length).toBe(2);
      expect(first).toHaveBeenCalledTimes(1);
    });
  });
}
