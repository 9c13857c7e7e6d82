// One channel with what is set up on it, kept as long as its owner wants it: set up again after a reconnect, and when
// RabbitMQ closes the channel, or deletes the queue, while the connection lives. It must not know what it is used for.
//
// States: closed -> up (attached) -> down (lost, refused) -> up | ended.
import type { Channel, ChannelModel } from 'amqplib';
import { backoffMs } from '../../core/backoff.ts';
import { errorText } from '../../core/errors.ts';
import { openChannel, type AmqpLink, type AmqpSession } from './amqp-link.ts';

export type Loss = { at: number; reason: string };

export type KeptChannelParts = {
  /** Declares and consumes. Called for every new channel. */
  setUp: (channel: Channel, model: ChannelModel) => Promise<void>;
  onDown?: () => void;
  /** Set up again after a loss. */
  onRestored?: (loss: Loss) => void;
};

export class KeptChannel implements AmqpSession {
  readonly #link: AmqpLink;
  readonly #parts: KeptChannelParts;
  #channel: Channel | null = null;
  #loss: Loss | null = null;
  #timer: NodeJS.Timeout | null = null;
  #attempt = 0;
  /** An attempt that takes longer than its successor is given up. */
  #generation = 0;
  #isEnded = false;

  constructor(link: AmqpLink, parts: KeptChannelParts) {
    this.#link = link;
    this.#parts = parts;
  }

  /** Null while there is none. */
  get channel(): Channel | null {
    return this.#channel;
  }

  /** Null while it is up. */
  get loss(): Loss | null {
    return this.#loss;
  }

  async attach(model: ChannelModel): Promise<void> {
    this.#clearTimer();
    this.#generation += 1;
    const generation = this.#generation;
    const channel = await openChannel(model);
    const life = { isOver: false, reason: 'RabbitMQ closed the channel' };
    channel.on('error', (error: unknown) => {
      life.reason = `RabbitMQ closed the channel: ${errorText(error)}`;
    });
    channel.on('close', () => {
      life.isOver = true;
      if (this.#channel === channel) this.#down(life.reason);
    });
    try {
      await this.#parts.setUp(channel, model);
    } catch (error) {
      await channel.close().catch(() => undefined);
      throw error;
    }
    if (this.#isEnded || generation !== this.#generation) {
      await channel.close().catch(() => undefined);
      return;
    }
    this.#channel = channel;
    this.#attempt = 0;
    if (life.isOver) {
      this.#down(life.reason);
      return;
    }
    const loss = this.#loss;
    this.#loss = null;
    if (loss !== null) this.#parts.onRestored?.(loss);
  }

  /** The connection is gone: who reconnects attaches. */
  lost(reason: string): void {
    this.#clearTimer();
    this.#loss = { at: this.#loss?.at ?? Date.now(), reason };
    if (this.#channel === null) return;
    this.#channel = null;
    this.#parts.onDown?.();
  }

  /** What was set up ended without the channel, such as a deleted queue: begins anew. */
  renew(channel: Channel, reason: string): void {
    if (this.#channel !== channel) return;
    this.#down(reason);
    channel.close().catch(() => undefined);
  }

  /** Tries again by itself, after an attempt that was refused while the connection lives. */
  retry(error: unknown): void {
    if (this.#isEnded) return;
    this.#loss ??= { at: Date.now(), reason: errorText(error) };
    this.#clearTimer();
    const delayMs = backoffMs(this.#attempt, { capMs: 3000 });
    this.#attempt += 1;
    this.#timer = setTimeout(() => void this.#reattach(), delayMs);
  }

  /** Stops keeping it, at once; the channel is left to the connection. */
  end(): void {
    this.#isEnded = true;
    this.#clearTimer();
    this.#channel = null;
  }

  async close(): Promise<void> {
    this.#link.removeSession(this);
    const channel = this.#channel;
    this.end();
    if (channel !== null) await this.#link.inTime(channel.close()).catch(() => undefined);
  }

  async #reattach(): Promise<void> {
    const model = this.#link.peek();
    if (model === null || this.#channel !== null || this.#isEnded) return;
    try {
      await this.#link.inTime(this.attach(model));
    } catch (error) {
      if (this.#link.peek() === model) this.retry(error);
    }
  }

  #down(reason: string): void {
    this.#channel = null;
    this.#parts.onDown?.();
    this.retry(reason);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
