// What one client of the memory broker may do, and what it holds meanwhile: consumers, subscriptions, reply boxes.
// Ending the session gives all of it back.
import { AppError } from '../../core/errors.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { Held, MemoryConsumer } from './memory-consumers.ts';
import { inFlightOf, listingOf, measureOf, toPortMessage } from './memory-views.ts';
import type { MemoryPush, MemorySession } from './protocol.ts';

export function openSession(broker: MemoryBroker, push: (push: MemoryPush) => void) {
  const consumers = new Map<number, MemoryConsumer>();
  const subscriptions = new Map<number, ReturnType<MemoryBroker['events']['subscribe']>>();
  const controls = new Map<number, (envelope: string) => void>();
  const oids = new Set<string>();
  const watches = new Map<string, () => void>();

  const consumerOf = (id: number): MemoryConsumer => {
    const consumer = consumers.get(id);
    if (consumer === undefined) throw new AppError('closed', 'The consumer is closed');
    return consumer;
  };
  const leave = (consumer: MemoryConsumer) => {
    broker.consumers.remove(consumer);
    broker.dropUnused(consumer.queues);
  };
  const owns = (held: Held) => [...consumers.values()].includes(held.consumer);

  const session: MemorySession = {
    hello: () => 'memory',
    declareQueue: ({ queue, exchange, exchangeType, routingKey, passive, autoDelete }) => {
      if (passive) {
        if (!broker.queues.has(queue)) {
          throw new AppError('not_found', `There is no queue ${queue}`);
        }
        return null;
      }
      broker.queues.declare(queue);
      if (autoDelete) broker.comeAndGo.add(queue);
      broker.routes.bind(exchange, exchangeType, routingKey, queue);
      return null;
    },
    declareExchange: ({ exchange, type }) => {
      broker.routes.declare(exchange, type);
      return null;
    },
    publish: ({ envelope, priority, taskId, exchange, routingKey }) => {
      const queues = broker.routes.queuesFor(exchange, routingKey);
      if (queues.length === 0 && !broker.routes.isFanout(exchange)) {
        throw new AppError(
          'broker_refused',
          `No queue is bound to exchange ${exchange} with routing key ${routingKey}`,
        );
      }
      for (const queue of queues) {
        const redelivered = false;
        broker.queues.pushBack(queue, {
          ...{ envelope, priority, taskId, exchange, routingKey, redelivered },
        });
      }
      broker.consumers.pump();
      return null;
    },

    consume: ({ consumer: id, queues, prefetch }) => {
      for (const queue of queues) broker.queues.declare(queue);
      const consumer: MemoryConsumer = {
        queues: [...queues],
        prefetch,
        held: 0,
        deliver: (held) => {
          push({ type: 'delivery', consumer: id, tag: held.tag, message: toPortMessage(held) });
        },
      };
      consumers.set(id, consumer);
      broker.consumers.add(consumer);
      return null;
    },
    addQueue: ({ consumer: id, queue }) => {
      const consumer = consumerOf(id);
      broker.queues.declare(queue);
      if (!consumer.queues.includes(queue)) consumer.queues.push(queue);
      broker.consumers.pump();
      return null;
    },
    cancelQueue: ({ consumer: id, queue }) => {
      const consumer = consumerOf(id);
      consumer.queues = consumer.queues.filter((other) => other !== queue);
      broker.dropUnused([queue]);
      return null;
    },
    setPrefetch: ({ consumer: id, prefetch }) => {
      consumerOf(id).prefetch = prefetch;
      broker.consumers.pump();
      return null;
    },
    closeConsumer: ({ consumer: id }) => {
      const consumer = consumers.get(id);
      consumers.delete(id);
      if (consumer !== undefined) leave(consumer);
      return null;
    },
    settle: ({ tag, as }) => broker.consumers.settle(tag, as, owns),

    publishEvent: (event) => {
      broker.events.publish(event);
      return null;
    },
    subscribeEvents: ({ subscription }) => {
      subscriptions.set(subscription, broker.events.subscribe(subscription, push));
      return null;
    },
    eventsConsumed: ({ subscription, bytes }) => {
      subscriptions.get(subscription)?.consumed(bytes);
      return null;
    },
    unsubscribeEvents: ({ subscription }) => {
      subscriptions.get(subscription)?.end();
      subscriptions.delete(subscription);
      return null;
    },

    broadcast: ({ envelope }) => {
      for (const serve of broker.controlServers) serve(envelope);
      return null;
    },
    openReplies: ({ oid }) => {
      oids.add(oid);
      broker.replyBoxes.set(oid, (envelope) => push({ type: 'reply', oid, envelope }));
      return null;
    },
    closeReplies: ({ oid }) => {
      oids.delete(oid);
      broker.replyBoxes.delete(oid);
      return null;
    },
    reply: ({ oid, envelope }) => {
      broker.replyBoxes.get(oid)?.(envelope);
      return null;
    },
    serveControl: ({ server }) => {
      const serve = (envelope: string) => push({ type: 'control', server, envelope });
      controls.set(server, serve);
      broker.controlServers.add(serve);
      return null;
    },
    stopControl: ({ server }) => {
      const serve = controls.get(server);
      controls.delete(server);
      if (serve !== undefined) broker.controlServers.delete(serve);
      return null;
    },

    listQueues: () => ({
      queues: broker.queues.names().map((name) => listingOf(broker, name)),
      complete: true,
      reason: null,
    }),
    measureQueues: ({ names }) => names.map((name) => measureOf(broker, name)),
    peek: ({ queue, from, limit }) => {
      const found = broker.queues.peek(queue, from, limit + 1);
      return {
        messages: found
          .slice(0, limit)
          .map((message) => toPortMessage({ message, queue, deliveredAt: null })),
        truncated: found.length > limit,
      };
    },
    peekInFlight: (wanted) => inFlightOf(broker, wanted),
    purge: ({ queue }) => broker.queues.purge(queue),

    getValues: ({ keys }) => keys.map((key) => broker.values.get(key)),
    setValue: ({ key, text, expiresMs }) => {
      broker.values.set(key, text, expiresMs);
      return null;
    },
    swapValue: ({ key, from, to, expiresMs }) => broker.values.swap(key, from, to, expiresMs),
    addMember: ({ key, name, text, score, expiresMs }) =>
      broker.values.add(key, name, { text, score }, expiresMs),
    deleteValues: ({ keys }) => {
      broker.values.delete(keys);
      return null;
    },
    watchValue: ({ key }) => {
      if (watches.has(key)) return null;
      watches.set(
        key,
        broker.values.watch(key, (text) => push({ type: 'value', key, text })),
      );
      return null;
    },
    unwatchValue: ({ key }) => {
      watches.get(key)?.();
      watches.delete(key);
      return null;
    },
  };

  const end = () => {
    for (const watch of watches.values()) watch();
    for (const subscription of subscriptions.values()) subscription.end();
    for (const serve of controls.values()) broker.controlServers.delete(serve);
    for (const oid of oids) broker.replyBoxes.delete(oid);
    for (const consumer of consumers.values()) leave(consumer);
    for (const held of [watches, subscriptions, controls, oids, consumers]) held.clear();
  };
  return { session, end };
}
