// One consumer of the memory broker, seen from the client: turns pushes into deliveries that can be settled once.
import { decodeEnvelope } from '../../celery/redis-layout.ts';
import type { Consumer, Delivery } from '../transport.ts';
import type { PortClient } from './port-client.ts';
import type { PortMessage } from './protocol.ts';

export async function openMemoryConsumer(
  client: PortClient,
  id: number,
  options: { queues: readonly string[]; prefetch: number },
  onDelivery: (delivery: Delivery) => void,
): Promise<Consumer> {
  let isClosed = false;
  let names = [...options.queues];

  const settle = async (tag: number, as: 'ack' | 'drop' | 'requeue') => {
    if (isClosed) return false;
    try {
      return await client.call('settle', { tag, as });
    } catch {
      return false;
    }
  };
  const stopListening = client.listen((push) => {
    if (push.type !== 'delivery' || push.consumer !== id || isClosed) return;
    const delivery = toDelivery(push.message, (as) => settle(push.tag, as));
    if (delivery === null) void settle(push.tag, 'drop');
    else onDelivery(delivery);
  });
  try {
    await client.call('consume', { consumer: id, ...options });
  } catch (error) {
    stopListening();
    throw error;
  }
  return {
    get queues() {
      return names;
    },
    addQueue: async (queue) => {
      await client.call('addQueue', { consumer: id, queue });
      if (!names.includes(queue)) names.push(queue);
    },
    cancelQueue: async (queue) => {
      await client.call('cancelQueue', { consumer: id, queue });
      names = names.filter((name) => name !== queue);
    },
    setPrefetch: async (prefetch) => {
      await client.call('setPrefetch', { consumer: id, prefetch });
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      await client.call('closeConsumer', { consumer: id }).catch(() => undefined);
    },
  };
}

function toDelivery(
  message: PortMessage,
  settle: (as: 'ack' | 'drop' | 'requeue') => Promise<boolean>,
): Delivery | null {
  const decoded = decodeEnvelope(message.envelope);
  if (!decoded.ok) return null;
  if (message.redelivered) decoded.value.properties.redelivered = true;
  return {
    message: decoded.value,
    queue: message.queue,
    ack: () => settle('ack'),
    reject: ({ requeue }) => settle(requeue ? 'requeue' : 'drop'),
  };
}
