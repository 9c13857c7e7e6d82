// Consuming from RabbitMQ on a channel of its own; closing the channel makes the broker put back what was not settled. The
// prefetch count is asked for per consumer, as quorum queues demand, and kept over all queues together here: what comes
// beyond it waits unseen. A queue that is deleted is looked for until it is there again.
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { isAppError } from '../../core/errors.ts';
import type { Consumer, Delivery } from '../transport.ts';
import type { AmqpLink } from './amqp-link.ts';
import { fromAmqp } from './amqp-messages.ts';
import { KeptChannel } from './kept-channel.ts';

const LOOK_AGAIN_MS = 2000;
const MAX_PREFETCH = 65_535;

type Held = { channel: Channel; queue: string; message: ConsumeMessage };

export class AmqpConsumer implements Consumer {
  readonly #link: AmqpLink;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #kept: KeptChannel;
  readonly #declareAgain: (queue: string, on: ChannelModel) => Promise<void>;
  readonly #tags = new Map<string, string>();
  /** What deliveries are settled on: they come as soon as it consumes, before it is kept. */
  #current: Channel | null = null;
  #queues: string[];
  #prefetch: number;
  #waiting: Held[] = [];
  #deliveredCount = 0;
  #timer: NodeJS.Timeout | null = null;
  #isOpen = false;

  constructor(
    link: AmqpLink,
    options: {
      queues: readonly string[];
      prefetch: number;
      /** Does nothing for a queue that stays without its consumers. */
      declareAgain: (queue: string, on: ChannelModel) => Promise<void>;
    },
    onDelivery: (delivery: Delivery) => void,
  ) {
    this.#link = link;
    this.#queues = [...options.queues];
    this.#prefetch = options.prefetch;
    this.#declareAgain = options.declareAgain;
    this.#onDelivery = onDelivery;
    this.#kept = new KeptChannel(link, {
      setUp: (channel, model) => this.#setUp(channel, model),
      onDown: () => this.#forget(),
    });
  }

  get queues(): readonly string[] {
    return this.#queues;
  }

  async open(): Promise<void> {
    await this.#link.addSession(this.#kept);
    this.#isOpen = true;
  }

  async addQueue(queue: string): Promise<void> {
    if (this.#queues.includes(queue)) return;
    await this.#link.errand((channel) => channel.checkQueue(queue));
    this.#queues.push(queue);
    const { channel } = this.#kept;
    if (channel !== null) await this.#link.inTime(this.#consume(channel, queue));
  }

  async cancelQueue(queue: string): Promise<void> {
    this.#queues = this.#queues.filter((name) => name !== queue);
    const tag = this.#tags.get(queue);
    this.#tags.delete(queue);
    const { channel } = this.#kept;
    if (tag === undefined || channel === null) return;
    await this.#link.inTime(channel.cancel(tag));
    const unseen = this.#waiting.filter((held) => held.queue === queue);
    this.#waiting = this.#waiting.filter((held) => held.queue !== queue);
    for (const held of unseen.reverse()) held.channel.reject(held.message, true);
  }

  /** A count holds for consumers that begin after it: all begin again. */
  async setPrefetch(count: number): Promise<void> {
    this.#prefetch = count;
    this.#deliver();
    const { channel } = this.#kept;
    if (channel !== null) await this.#link.inTime(this.#restart(channel));
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isOpen = false;
    this.#forget();
    await this.#kept.close();
  }

  async #setUp(channel: Channel, model: ChannelModel): Promise<void> {
    this.#forget();
    this.#current = channel;
    await this.#limit(channel);
    for (const queue of this.#queues) {
      if (!this.#isOpen || (await this.#exists(queue, model))) await this.#consume(channel, queue);
      else this.#lookAgain();
    }
  }

  async #restart(channel: Channel): Promise<void> {
    await this.#limit(channel);
    for (const [queue, tag] of [...this.#tags]) {
      await channel.cancel(tag);
      await this.#consume(channel, queue);
    }
  }

  async #limit(channel: Channel): Promise<void> {
    await channel.prefetch(this.#prefetch > MAX_PREFETCH ? 0 : this.#prefetch, false);
  }

  async #consume(channel: Channel, queue: string): Promise<void> {
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message !== null) this.#take({ channel, queue, message });
      else if (this.#kept.channel === channel) {
        this.#tags.delete(queue);
        this.#lookAgain();
      }
    });
    this.#tags.set(queue, consumerTag);
  }

  #take(held: Held): void {
    if (!this.#queues.includes(held.queue)) {
      held.channel.reject(held.message, true);
      return;
    }
    this.#waiting.push(held);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#prefetch === 0 || this.#deliveredCount < this.#prefetch) {
      const held = this.#waiting.shift();
      if (held === undefined) return;
      this.#deliveredCount += 1;
      this.#onDelivery(this.#toDelivery(held));
    }
  }

  #toDelivery({ channel, queue, message }: Held): Delivery {
    let isSettled = false;
    const settle = (work: () => void): Promise<boolean> => {
      if (isSettled || this.#current !== channel) return Promise.resolve(false);
      isSettled = true;
      this.#deliveredCount -= 1;
      try {
        work();
      } catch {
        return Promise.resolve(false);
      }
      this.#deliver();
      return Promise.resolve(true);
    };
    return {
      message: fromAmqp(message),
      queue,
      ack: () => settle(() => channel.ack(message)),
      reject: ({ requeue }) => settle(() => channel.reject(message, requeue)),
    };
  }

  /** What was held goes back to its queues with the channel. */
  #forget(): void {
    this.#current = null;
    this.#tags.clear();
    this.#waiting = [];
    this.#deliveredCount = 0;
  }

  async #exists(queue: string, on: ChannelModel): Promise<boolean> {
    try {
      await this.#declareAgain(queue, on);
      await this.#link.errand((channel) => channel.checkQueue(queue), { on });
      return true;
    } catch (error) {
      if (isAppError(error) && error.code === 'not_found') return false;
      throw error;
    }
  }

  #lookAgain(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#lookForMissing().catch(() => this.#lookAgain());
    }, LOOK_AGAIN_MS);
  }

  async #lookForMissing(): Promise<void> {
    const { channel } = this.#kept;
    const model = this.#link.peek();
    if (channel === null || model === null) return;
    for (const queue of this.#queues.filter((name) => !this.#tags.has(name))) {
      if (await this.#exists(queue, model)) await this.#link.inTime(this.#consume(channel, queue));
      else this.#lookAgain();
    }
  }
}
