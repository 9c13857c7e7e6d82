// One connection to RabbitMQ that comes back by itself, with the sessions (consumers, subscriptions, mailboxes) that have
// to be set up again each time. Every request on it ends in bounded time.
import type { Channel, ChannelModel } from 'amqplib';
import { AppError, isAppError } from '../../core/errors.ts';
import type { ExchangeDeclaration, QueueDeclaration } from '../../celery/amqp-layout.ts';
import type { AmqpServer } from '../broker-url.ts';
import { ConnectionState } from '../connection-state.ts';
import { Supervisor } from '../supervisor.ts';
import { openAmqp, toAmqpError, type AmqpConnection } from './open-amqp.ts';

export interface AmqpSession {
  attach(model: ChannelModel): Promise<void>;
  lost(reason: string): void;
  /** Setting up was refused, and the connection lives. */
  retry(error: unknown): void;
  /** Nobody wants it any more. */
  end(): void;
}

/** Errors after which nothing more can be expected of the connection. */
export const LOST: ReadonlySet<string> = new Set(['timeout', 'broker_unreachable']);

export type AmqpLinkOptions = { connectTimeoutMs: number; timeoutMs: number; clientName: string };

export class AmqpLink {
  readonly state = new ConnectionState();
  readonly place: string;
  readonly #options: AmqpLinkOptions;
  readonly #sessions = new Set<AmqpSession>();
  readonly #declared = new WeakMap<ChannelModel, Map<string, Promise<void>>>();
  readonly #supervisor: Supervisor<AmqpConnection>;

  constructor(servers: readonly AmqpServer[], options: AmqpLinkOptions) {
    this.#options = options;
    this.place = servers.map(({ host, port }) => `${host}:${port}`).join(', ');
    this.#supervisor = new Supervisor<AmqpConnection>({
      state: this.state,
      open: (lost) => openAmqp(servers, options, lost),
      prepare: async ({ model }) => {
        for (const session of [...this.#sessions]) await this.#restore(session, model);
      },
      discard: async ({ model, destroy }) => {
        await this.inTime(model.close()).catch(() => undefined);
        destroy();
      },
      onDown: (reason) => {
        for (const session of this.#sessions) session.lost(reason);
      },
    });
  }

  start(): Promise<void> {
    return this.#supervisor.start();
  }

  server(): AmqpServer {
    return this.#supervisor.get().server;
  }

  model(): ChannelModel {
    return this.#supervisor.get().model;
  }

  /** Null while there is no connection. */
  peek(): ChannelModel | null {
    return this.#supervisor.peek()?.model ?? null;
  }

  async addSession(session: AmqpSession): Promise<void> {
    await this.inTime(session.attach(this.model()));
    this.#sessions.add(session);
  }

  removeSession(session: AmqpSession): void {
    this.#sessions.delete(session);
  }

  /** A channel for one errand: a refusal closes it and nothing else. A long one bounds its own steps. */
  async errand<T>(
    work: (channel: Channel) => Promise<T>,
    { on, isLong = false }: { on?: ChannelModel; isLong?: boolean } = {},
  ): Promise<T> {
    const model = on ?? this.model();
    const channel = await this.inTime(openChannel(model));
    try {
      return await (isLong ? work(channel) : this.inTime(work(channel)));
    } finally {
      await this.inTime(channel.close()).catch(() => undefined);
    }
  }

  /** Passively first: declaring with other arguments than are there would be refused. */
  declareExchange(exchange: ExchangeDeclaration, on: ChannelModel = this.model()): Promise<void> {
    const declared = this.#declared.get(on) ?? new Map<string, Promise<void>>();
    this.#declared.set(on, declared);
    const { name } = exchange;
    const known = declared.get(name);
    if (known !== undefined) return known;
    const declaring = this.#declareExchange(exchange, on);
    declared.set(name, declaring);
    declaring.catch(() => declared.delete(name));
    return declaring;
  }

  async #declareExchange(exchange: ExchangeDeclaration, on: ChannelModel): Promise<void> {
    const { name, type, durable, autoDelete } = exchange;
    const exists = await this.#exists((channel) => channel.checkExchange(name), on);
    if (exists) return;
    await this.errand((channel) => channel.assertExchange(name, type, { durable, autoDelete }), {
      on,
    });
  }

  async declareQueue(queue: QueueDeclaration, on: ChannelModel = this.model()): Promise<void> {
    const exists = await this.#exists((channel) => channel.checkQueue(queue.name), on);
    if (!exists) await this.errand((channel) => assertQueue(channel, queue), { on });
  }

  async inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const { timeoutMs } = this.#options;
    const late = new Promise<never>((_resolve, reject) => {
      const message = `RabbitMQ at ${this.place} did not answer in ${timeoutMs} ms`;
      timer = setTimeout(() => reject(new AppError('timeout', message)), timeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw toAmqpError(error, this.place);
    } finally {
      clearTimeout(timer);
      work.catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.end();
    this.#sessions.clear();
    await this.#supervisor.stop();
    this.state.close({ code: 'closed', detail: 'Closed' });
  }

  /** One session that is refused, such as one for a name that is still taken, must not keep the others down. */
  async #restore(session: AmqpSession, model: ChannelModel): Promise<void> {
    try {
      await this.inTime(session.attach(model));
    } catch (error) {
      if (isAppError(error) && LOST.has(error.code)) throw error;
      session.retry(error);
    }
  }

  async #exists(look: (channel: Channel) => Promise<unknown>, on: ChannelModel): Promise<boolean> {
    try {
      await this.errand(look, { on });
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return false;
      throw error;
    }
  }
}

export async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  return channel;
}

export async function assertQueue(channel: Channel, queue: QueueDeclaration): Promise<void> {
  const { name, durable, autoDelete, exclusive } = queue;
  await channel.assertQueue(name, { durable, autoDelete, exclusive, arguments: queue.arguments });
}
