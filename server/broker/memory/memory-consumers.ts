// Hands the messages of the memory broker's queues to consumers, in turn and never more than each may hold, and keeps
// what is delivered until it is settled. A consumer that goes puts back what it held, in front, marked as redelivered.
import type { Clock } from '../../core/clock.ts';
import type { MemoryQueues, StoredMessage } from './memory-queues.ts';

export type Held = {
  tag: number;
  queue: string;
  message: StoredMessage;
  deliveredAt: number;
  consumer: MemoryConsumer;
};

export type MemoryConsumer = {
  queues: string[];
  /** 0 is unlimited. */
  prefetch: number;
  held: number;
  deliver: (held: Held) => void;
};

export class MemoryConsumers {
  readonly #queues: MemoryQueues;
  readonly #clock: Clock;
  readonly #held = new Map<number, Held>();
  #consumers: MemoryConsumer[] = [];
  #lastTag = 0;
  #isPumping = false;

  constructor(queues: MemoryQueues, clock: Clock) {
    this.#queues = queues;
    this.#clock = clock;
  }

  add(consumer: MemoryConsumer): void {
    this.#consumers.push(consumer);
    this.pump();
  }

  /** Delivers what can be delivered; consumers take turns. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      let idle = 0;
      while (idle < this.#consumers.length) {
        const consumer = this.#consumers.shift();
        if (consumer === undefined) break;
        this.#consumers.push(consumer);
        idle = this.#deliverOne(consumer) ? 0 : idle + 1;
      }
    } finally {
      this.#isPumping = false;
    }
  }

  settle(tag: number, as: 'ack' | 'drop' | 'requeue', owns: (held: Held) => boolean): boolean {
    const held = this.#held.get(tag);
    if (held === undefined || !owns(held)) return false;
    this.#held.delete(tag);
    held.consumer.held -= 1;
    if (as === 'requeue') {
      this.#queues.pushBack(held.queue, { ...held.message, redelivered: true });
    }
    this.pump();
    return true;
  }

  remove(consumer: MemoryConsumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
    const held = [...this.#held.values()].filter((one) => one.consumer === consumer).reverse();
    for (const { tag, queue, message } of held) {
      this.#held.delete(tag);
      this.#queues.pushFront(queue, { ...message, redelivered: true });
    }
    this.pump();
  }

  held(): Iterable<Held> {
    return this.#held.values();
  }

  heldCount(queue: string): number {
    let count = 0;
    for (const held of this.#held.values()) if (held.queue === queue) count += 1;
    return count;
  }

  consumerCount(queue: string): number {
    return this.#consumers.filter((consumer) => consumer.queues.includes(queue)).length;
  }

  #deliverOne(consumer: MemoryConsumer): boolean {
    if (consumer.prefetch > 0 && consumer.held >= consumer.prefetch) return false;
    const taken = this.#queues.take(consumer.queues);
    if (taken === undefined) return false;
    this.#lastTag += 1;
    const held: Held = {
      tag: this.#lastTag,
      ...taken,
      deliveredAt: this.#clock.now(),
      consumer,
    };
    this.#held.set(held.tag, held);
    consumer.held += 1;
    const at = consumer.queues.indexOf(taken.queue);
    consumer.queues.push(...consumer.queues.splice(at, 1));
    consumer.deliver(held);
    return true;
  }
}
