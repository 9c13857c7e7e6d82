// Queues that are bound to a fanout exchange: on Redis a channel that is subscribed to, not a list. What is published while nobody listens is
// gone, and so is what was not settled; putting back means delivering again here. Mirrors kombu's virtual fanout queues.
import { decodeEnvelope } from '../../celery/redis-layout.ts';
import type { Consumer, Delivery } from '../transport.ts';
import type { RedisTarget } from './open-redis.ts';
import { RedisLink } from './redis-link.ts';

export type FanoutParts = {
  target: RedisTarget;
  /** The channel of each fanout queue, by name; it may grow. */
  channels: ReadonlyMap<string, string>;
  openLists: (queues: readonly string[]) => Promise<Consumer>;
  onDelivery: (delivery: Delivery) => void;
};

/** A consumer of lists and channels alike. */
export async function openWithFanout(
  queues: readonly string[],
  { target, channels, openLists, onDelivery }: FanoutParts,
): Promise<Consumer> {
  const isFanout = (queue: string) => channels.has(queue);
  const lists = await openLists(queues.filter((queue) => !isFanout(queue)));
  const listener = new FanoutListener(target, onDelivery);
  const addFanout = (queue: string) => listener.add(queue, channels.get(queue) ?? queue);
  try {
    for (const queue of queues.filter(isFanout)) await addFanout(queue);
  } catch (error) {
    await lists.close();
    await listener.close();
    throw error;
  }
  return {
    get queues() {
      return [...lists.queues, ...listener.queues];
    },
    addQueue: (queue) => (isFanout(queue) ? addFanout(queue) : lists.addQueue(queue)),
    cancelQueue: (queue) => (isFanout(queue) ? listener.cancel(queue) : lists.cancelQueue(queue)),
    setPrefetch: (count) => lists.setPrefetch(count),
    close: async () => {
      await listener.close();
      await lists.close();
    },
  };
}

class FanoutListener {
  readonly #target: RedisTarget;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #queues = new Map<string, string>();
  #link: RedisLink | null = null;

  constructor(target: RedisTarget, onDelivery: (delivery: Delivery) => void) {
    this.#target = target;
    this.#onDelivery = onDelivery;
  }

  get queues(): string[] {
    return [...this.#queues.keys()];
  }

  async add(queue: string, channel: string): Promise<void> {
    if (this.#queues.has(queue)) return;
    this.#queues.set(queue, channel);
    if (this.#link !== null) {
      await this.#link.run((redis) => redis.subscribe(channel));
      return;
    }
    this.#link = new RedisLink(this.#target, {
      prepare: async (redis) => {
        redis.on('messageBuffer', (from: Buffer, body: Buffer) => {
          this.#receive(from.toString('utf8'), body);
        });
        await redis.subscribe(...new Set(this.#queues.values()));
      },
    });
    await this.#link.start();
  }

  async cancel(queue: string): Promise<void> {
    const channel = this.#queues.get(queue);
    this.#queues.delete(queue);
    if (channel === undefined || [...this.#queues.values()].includes(channel)) return;
    await this.#link?.run((redis) => redis.unsubscribe(channel));
  }

  async close(): Promise<void> {
    this.#queues.clear();
    await this.#link?.stop();
  }

  #receive(channel: string, body: Buffer): void {
    for (const [queue, of] of this.#queues) {
      if (of !== channel) continue;
      const decoded = decodeEnvelope(body);
      if (decoded.ok) this.#deliver(queue, decoded.value);
    }
  }

  #deliver(queue: string, message: Delivery['message']): void {
    let isSettled = false;
    const settle = (after: () => void): Promise<boolean> => {
      if (isSettled || !this.#queues.has(queue)) return Promise.resolve(false);
      isSettled = true;
      after();
      return Promise.resolve(true);
    };
    this.#onDelivery({
      message,
      queue,
      ack: () => settle(() => undefined),
      reject: ({ requeue }) =>
        settle(() => {
          if (!requeue) return;
          const properties = { ...message.properties, redelivered: true };
          setImmediate(() => {
            this.#deliver(queue, { ...message, properties });
          });
        }),
    });
  }
}
