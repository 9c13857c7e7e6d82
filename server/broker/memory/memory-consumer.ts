// One consumer of the memory broker, seen from the client: turns pushes into deliveries that can be settled once.
import { decodeEnvelope } from '../../celery/redis-layout.ts';
import type { Consumer, Delivery } from '../transport.ts';
import type { MemoryLink } from './memory-link.ts';
import type { PortMessage } from './protocol.ts';

export async function openMemoryConsumer(
  link: MemoryLink,
  id: number,
  options: { queues: readonly string[]; prefetch: number },
  onDelivery: (delivery: Delivery) => void,
): Promise<Consumer> {
  let isClosed = false;
  let names = [...options.queues];
  let { prefetch } = options;
  const name = `consumer ${String(id)}`;

  const settle = async (generation: number, tag: number, as: 'ack' | 'drop' | 'requeue') => {
    // Of a connection that was lost: the broker has taken it back, and may have given its number to another.
    if (isClosed || generation !== link.generation) return false;
    try {
      return await link.call('settle', { tag, as });
    } catch {
      return false;
    }
  };
  const stopListening = link.listen((push) => {
    if (push.type !== 'delivery' || push.consumer !== id || isClosed) return;
    const { generation } = link;
    const { message, tag } = push;
    const delivery = toDelivery(message, (as) => settle(generation, tag, as));
    if (delivery === null) void settle(generation, tag, 'drop');
    else onDelivery(delivery);
  });
  try {
    await link.last(name, (client) =>
      client.call('consume', { consumer: id, queues: names, prefetch }),
    );
  } catch (error) {
    stopListening();
    throw error;
  }
  return {
    get queues() {
      return names;
    },
    addQueue: async (queue) => {
      await link.call('addQueue', { consumer: id, queue });
      if (!names.includes(queue)) names.push(queue);
    },
    cancelQueue: async (queue) => {
      names = names.filter((one) => one !== queue);
      // A broker that is away sends nothing, and is not told of the queue when it is back.
      await link.call('cancelQueue', { consumer: id, queue }).catch(() => undefined);
    },
    setPrefetch: async (count) => {
      prefetch = count;
      await link.call('setPrefetch', { consumer: id, prefetch });
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      link.callOff(name);
      await link.call('closeConsumer', { consumer: id }).catch(() => undefined);
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
