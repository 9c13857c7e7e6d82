// A private queue of this client (events, control requests, control replies): declared exclusive, bound, consumed without
// acknowledgements, and set up again after each loss, under a new name where the name is free.
import type { Channel, ChannelModel } from 'amqplib';
import type { ExchangeDeclaration, QueueDeclaration } from '../../celery/amqp-layout.ts';
import type { WireMessage } from '../../celery/message.ts';
import { assertQueue, type AmqpLink } from './amqp-link.ts';
import { fromAmqp } from './amqp-messages.ts';
import { KeptChannel, type Loss } from './kept-channel.ts';

export type MailboxOptions = {
  exchange: ExchangeDeclaration;
  /** Asked for each time that the queue is declared. */
  queue: () => QueueDeclaration;
  bindingKey: string;
  onMessage: (message: WireMessage) => void;
  onRestored?: (loss: Loss) => void;
};

export class AmqpMailbox {
  readonly #link: AmqpLink;
  readonly #options: MailboxOptions;
  readonly #kept: KeptChannel;

  constructor(link: AmqpLink, options: MailboxOptions) {
    this.#link = link;
    this.#options = options;
    const { onRestored } = options;
    this.#kept = new KeptChannel(link, {
      setUp: (channel, model) => this.#setUp(channel, model),
      ...(onRestored === undefined ? {} : { onRestored }),
    });
  }

  /** Null while it is set up. */
  get loss(): Loss | null {
    return this.#kept.loss;
  }

  open(): Promise<void> {
    return this.#link.addSession(this.#kept);
  }

  close(): Promise<void> {
    return this.#kept.close();
  }

  async #setUp(channel: Channel, model: ChannelModel): Promise<void> {
    const { exchange, bindingKey, onMessage } = this.#options;
    const queue = this.#options.queue();
    await this.#link.declareExchange(exchange, model);
    await assertQueue(channel, queue);
    await channel.bindQueue(queue.name, exchange.name, bindingKey);
    const take = (message: Parameters<Parameters<Channel['consume']>[1]>[0]) => {
      if (message !== null) onMessage(fromAmqp(message));
      else this.#kept.renew(channel, `RabbitMQ deleted the queue ${queue.name}`);
    };
    await channel.consume(queue.name, take, { noAck: true });
  }
}
