// How the memory broker answers those who only look: listings, measures, and messages as they travel to a client.
import type { QueueListing, QueueMeasure } from '../transport.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { Held } from './memory-consumers.ts';
import type { StoredMessage } from './memory-queues.ts';
import type { PortMessage, PortPeek } from './protocol.ts';

export function toPortMessage(held: {
  message: StoredMessage;
  queue: string;
  deliveredAt: number | null;
}): PortMessage {
  const { message, queue, deliveredAt } = held;
  const { envelope, priority, redelivered } = message;
  return { envelope, queue, priority, redelivered, deliveredAt };
}

export function listingOf(broker: MemoryBroker, name: string): QueueListing {
  return {
    name,
    source: 'broker',
    bindings: broker.routes.bindingsOf(name),
    durable: false,
    queueType: null,
    arguments: {},
    task: true,
  };
}

export function measureOf(broker: MemoryBroker, name: string): QueueMeasure {
  const exists = broker.queues.has(name);
  const readyByPriority = broker.queues.measure(name);
  return {
    name,
    exists,
    ready: readyByPriority.reduce((sum, step) => sum + step.ready, 0),
    readyByPriority,
    inFlight: broker.consumers.heldCount(name),
    consumers: broker.consumers.consumerCount(name),
    reason: null,
  };
}

export function inFlightOf(
  broker: MemoryBroker,
  wanted: {
    limit: number;
    queue: string | null;
    ids: readonly string[] | null;
    after: number | null;
  },
): PortPeek & { next: number | null } {
  const ids = wanted.ids === null ? null : new Set(wanted.ids);
  const isWanted = (held: Held) =>
    (wanted.queue === null || held.queue === wanted.queue) &&
    (ids === null || (held.message.taskId !== null && ids.has(held.message.taskId)));
  const messages: PortMessage[] = [];
  let lastTag = 0;
  // In the order of their tags, which are never used again.
  for (const held of broker.consumers.held()) {
    if (held.tag <= (wanted.after ?? 0) || !isWanted(held)) continue;
    if (messages.length === wanted.limit) return { messages, truncated: true, next: lastTag };
    messages.push(toPortMessage(held));
    lastTag = held.tag;
  }
  return { messages, truncated: false, next: null };
}
