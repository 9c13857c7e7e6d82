// Publishing with confirms: the promise resolves when RabbitMQ has the message, and rejects when nobody would get it.
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { AppError } from '../../core/errors.ts';
import type { WireMessage } from '../../celery/message.ts';
import type { PublishTarget } from '../transport.ts';
import type { AmqpLink } from './amqp-link.ts';
import { toAmqp } from './amqp-messages.ts';

export class AmqpPublisher {
  readonly #link: AmqpLink;
  readonly #returned = new Map<string, number>();
  readonly #closedBecause = new WeakMap<ConfirmChannel, Error>();
  #opened: { model: ChannelModel; channel: Promise<ConfirmChannel> } | null = null;

  constructor(link: AmqpLink) {
    this.#link = link;
  }

  /** `mandatory`: an unroutable message is an error, not a silent loss. */
  async publish(message: WireMessage, target: PublishTarget, mandatory: boolean): Promise<void> {
    const { exchange, routingKey } = target;
    const channel = await this.#link.inTime(this.#channel());
    const mark = markOf(exchange, routingKey, message.properties.correlationId);
    await this.#link.inTime(
      new Promise<void>((resolve, reject) => {
        const options = { ...toAmqp(message), mandatory };
        channel.publish(exchange, routingKey, message.body, options, (error: unknown) => {
          const isReturned = this.#takeReturned(mark);
          if (error !== null && error !== undefined) reject(this.#failure(channel, error));
          else if (isReturned) reject(new AppError('broker_refused', nobodyGets(target)));
          else resolve();
        });
      }),
    );
  }

  /** RabbitMQ returns a message before it confirms it, so that equal marks cannot be mixed up. */
  #takeReturned(mark: string): boolean {
    const count = this.#returned.get(mark) ?? 0;
    if (count > 1) this.#returned.set(mark, count - 1);
    else this.#returned.delete(mark);
    return count > 0;
  }

  #failure(channel: ConfirmChannel, error: unknown): Error {
    const why = this.#closedBecause.get(channel);
    if (why !== undefined) return why;
    return error instanceof Error ? error : new Error('RabbitMQ refused the message');
  }

  #channel(): Promise<ConfirmChannel> {
    const model = this.#link.model();
    if (this.#opened?.model === model) return this.#opened.channel;
    const channel = this.#open(model);
    const opened = { model, channel };
    this.#opened = opened;
    channel.catch(() => {
      if (this.#opened === opened) this.#opened = null;
    });
    return channel;
  }

  async #open(model: ChannelModel): Promise<ConfirmChannel> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error: Error) => this.#closedBecause.set(channel, error));
    channel.on('close', () => {
      if (this.#opened?.model === model) this.#opened = null;
      this.#returned.clear();
    });
    channel.on('return', ({ fields, properties }) => {
      const correlationId: unknown = properties.correlationId;
      const id = typeof correlationId === 'string' ? correlationId : undefined;
      const mark = markOf(fields.exchange, fields.routingKey, id);
      this.#returned.set(mark, (this.#returned.get(mark) ?? 0) + 1);
    });
    return channel;
  }
}

function nobodyGets({ exchange, routingKey }: PublishTarget): string {
  return exchange === ''
    ? `RabbitMQ has no queue named ${routingKey}: nobody would get the message, so it was not sent`
    : `No queue is bound to the exchange ${exchange} with the routing key ${routingKey}: nobody would get the message, so it was not sent`;
}

function markOf(exchange: string, routingKey: string, correlationId: string | undefined): string {
  return JSON.stringify([exchange, routingKey, correlationId ?? null]);
}
