// The transport to RabbitMQ, with the exchanges and queues that Celery declares there.
import { randomUUID } from 'node:crypto';
import type { ChannelModel } from 'amqplib';
import type { ConnectionStatus } from '../../../lib/contract/index.ts';
import { redactUrl } from '../../core/redact.ts';
import {
  EVENT_EXCHANGE,
  eventExchange,
  eventQueue,
  pidboxExchange,
  pidboxQueue,
  replyExchange,
  replyQueue,
  type QueueDeclaration,
} from '../../celery/amqp-layout.ts';
import type { WireMessage } from '../../celery/message.ts';
import type { AmqpServer } from '../broker-url.ts';
import { createGathering, toControlDelivery, toControlMessage } from '../control-messages.ts';
import type {
  CloseReason,
  Consumer,
  ControlDelivery,
  ControlReply,
  ControlRequest,
  DeclareOptions,
  Delivery,
  EventPayload,
  EventSink,
  EventSubscription,
  ExchangeType,
  GatherOptions,
  InFlightPeek,
  Peek,
  PublishTarget,
  QueueListings,
  QueueMeasure,
  Transport,
  TransportOptions,
} from '../transport.ts';
import { AmqpConsumer } from './amqp-consumer.ts';
import { declareAmqpQueue, taskExchange } from './amqp-declare.ts';
import { EVENT_BUFFER_LIMITS, EventBuffer, type EventBufferLimits } from './event-buffer.ts';
import { AmqpLink } from './amqp-link.ts';
import { AmqpMailbox } from './amqp-mailbox.ts';
import { AmqpPublisher } from './amqp-publisher.ts';
import { listAmqpQueues, measureAmqpQueues } from './amqp-queues.ts';
import { ManagementApi } from './management.ts';

const NO_PEEK = 'RabbitMQ cannot show waiting messages without taking them from the queue';
const NO_IN_FLIGHT = 'RabbitMQ does not show messages that are delivered and not acknowledged';
const EVENT_TTL_MS = 60_000;

export class AmqpTransport implements Transport {
  readonly kind = 'amqp';
  readonly displayUrl: string;
  readonly capabilities = {
    peek: { ok: false, reason: NO_PEEK },
    inFlight: { ok: false, reason: NO_IN_FLIGHT },
    priorityOrder: 'high-first',
    prioritySteps: null,
  } as const;
  readonly #link: AmqpLink;
  readonly #publisher: AmqpPublisher;
  readonly #management: ManagementApi;
  readonly #events: string;
  readonly #controlExchange: string | undefined;
  readonly #eventLimits: EventBufferLimits;
  readonly #fanouts = new Set<string>();
  /** Queues that go with their last consumer, and have to be declared again with the next. */
  readonly #comeAndGo = new Map<string, DeclareOptions>();

  constructor(servers: readonly AmqpServer[], options: TransportOptions) {
    this.displayUrl = redactUrl(options.url);
    this.#link = new AmqpLink(servers, {
      connectTimeoutMs: options.connectTimeoutMs ?? 5000,
      timeoutMs: options.timeoutMs ?? 5000,
      clientName: options.clientName ?? 'umbel',
    });
    this.#publisher = new AmqpPublisher(this.#link);
    this.#management = new ManagementApi(options.managementUrl);
    this.#events = options.eventExchange ?? EVENT_EXCHANGE;
    this.#controlExchange = options.controlExchange;
    this.#eventLimits = { ...EVENT_BUFFER_LIMITS, ...options.eventBuffer };
  }

  connect(): Promise<void> {
    return this.#link.start();
  }

  status(): ConnectionStatus {
    return this.#link.state.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#link.state.listen(listener);
  }

  async declareQueue(queue: string, options: DeclareOptions = {}): Promise<void> {
    if (options.autoDelete === true) this.#comeAndGo.set(queue, options);
    if (options.exchangeType === 'fanout') this.#fanouts.add(options.exchange ?? queue);
    await declareAmqpQueue(this.#link, queue, options);
  }

  async declareExchange(exchange: string, type: ExchangeType): Promise<void> {
    if (type === 'fanout') this.#fanouts.add(exchange);
    await this.#link.declareExchange(taskExchange(exchange, type));
  }

  /** A fanout exchange takes what nobody listens to. */
  publish(message: WireMessage, target: PublishTarget): Promise<void> {
    return this.#publisher.publish(message, target, !this.#fanouts.has(target.exchange));
  }

  async consume(
    queues: readonly string[],
    { prefetch }: { prefetch: number },
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    const declareAgain = async (queue: string, on: ChannelModel) => {
      const options = this.#comeAndGo.get(queue);
      if (options !== undefined) await declareAmqpQueue(this.#link, queue, options, on);
    };
    const wanted = { queues, prefetch, declareAgain };
    const consumer = new AmqpConsumer(this.#link, wanted, onDelivery);
    await consumer.open();
    return consumer;
  }

  async publishEvent(message: WireMessage, routingKey: string): Promise<void> {
    await this.#link.declareExchange(eventExchange(this.#events));
    await this.#publisher.publish(message, { exchange: this.#events, routingKey }, false);
  }

  async subscribeEvents(sink: EventSink): Promise<EventSubscription> {
    const buffer = new EventBuffer(sink, this.#eventLimits);
    const mailbox = new AmqpMailbox(this.#link, {
      exchange: eventExchange(this.#events),
      queue: () => patientEventQueue(this.#events),
      bindingKey: '#',
      onMessage: (message) => {
        buffer.push(toEventPayload(message));
      },
      onRestored: ({ at, reason }) => {
        const range = { startedAt: at, endedAt: Date.now() };
        sink.onGap({ cause: 'disconnected', ...range, detail: reason, lostCount: null });
      },
    });
    await mailbox.open();
    return {
      bufferedBytes: () => buffer.bytes,
      lost: () => mailbox.loss,
      close: async () => {
        await mailbox.close();
        buffer.close();
      },
    };
  }

  async subscribeWorkerEvents(
    onEvent: (event: EventPayload) => void,
  ): Promise<{ close(): Promise<void> }> {
    const mailbox = new AmqpMailbox(this.#link, {
      exchange: eventExchange(this.#events),
      queue: () => eventQueue(randomUUID(), { exclusive: true, prefix: this.#events }),
      bindingKey: 'worker.#',
      onMessage: (message) => {
        onEvent(toEventPayload(message));
      },
    });
    await mailbox.open();
    return { close: () => mailbox.close() };
  }

  broadcast(request: ControlRequest): Promise<void> {
    return this.#send(toControlMessage(request));
  }

  async gather(request: ControlRequest, options: GatherOptions): Promise<ControlReply[]> {
    const exchange = replyExchange(this.#controlExchange);
    const gathering = createGathering(request, options, exchange.name);
    const mailbox = new AmqpMailbox(this.#link, {
      exchange,
      queue: () => replyQueue(gathering.oid, this.#mailboxOptions()),
      bindingKey: gathering.oid,
      onMessage: (message) => gathering.take(message),
    });
    await mailbox.open();
    try {
      await this.#send(gathering.message());
      return await gathering.wait();
    } finally {
      await mailbox.close();
    }
  }

  async serveControl(
    hostname: string,
    onRequest: (delivery: ControlDelivery) => void,
  ): Promise<{ close(): Promise<void> }> {
    const mailbox = new AmqpMailbox(this.#link, {
      exchange: pidboxExchange(this.#controlExchange),
      queue: () => pidboxQueue(hostname, this.#mailboxOptions()),
      bindingKey: '',
      onMessage: (message) => {
        const delivery = toControlDelivery(message, hostname, (reply, to) =>
          this.#publisher.publish(reply, to, false),
        );
        if (delivery !== null) onRequest(delivery);
      },
    });
    await mailbox.open();
    return { close: () => mailbox.close() };
  }

  async listQueues(): Promise<QueueListings> {
    return listAmqpQueues(this.#link, this.#management, this.#events);
  }

  async measureQueues(names: readonly string[]): Promise<QueueMeasure[]> {
    return measureAmqpQueues(this.#link, this.#management, names);
  }

  peek(): Promise<Peek> {
    return Promise.resolve(unsupported(NO_PEEK));
  }

  peekInFlight(): Promise<InFlightPeek> {
    return Promise.resolve({ ...unsupported(NO_IN_FLIGHT), next: null });
  }

  async purge(queue: string): Promise<number> {
    const { messageCount } = await this.#link.errand((channel) => channel.purgeQueue(queue));
    return messageCount;
  }

  close(): Promise<void> {
    return this.#link.stop();
  }

  closed(): Promise<CloseReason> {
    return this.#link.state.closed;
  }

  async #send(message: WireMessage): Promise<void> {
    const exchange = pidboxExchange(this.#controlExchange);
    await this.#link.declareExchange(exchange);
    await this.#publisher.publish(message, { exchange: exchange.name, routingKey: '' }, false);
  }

  #mailboxOptions(): { exclusive: boolean; controlExchange?: string } {
    const controlExchange = this.#controlExchange;
    return { exclusive: true, ...(controlExchange === undefined ? {} : { controlExchange }) };
  }
}

/** A queue of our own may wait longer than Celery's five seconds: a reader that is busy for a moment loses nothing. */
function patientEventQueue(prefix: string): QueueDeclaration {
  const queue = eventQueue(randomUUID(), { exclusive: true, prefix });
  return { ...queue, arguments: { ...queue.arguments, 'x-message-ttl': EVENT_TTL_MS } };
}

function toEventPayload(message: WireMessage): EventPayload {
  const { body, contentType, contentEncoding, headers, properties } = message;
  const compression = headers['compression'];
  return {
    ...{ body, contentType, contentEncoding, routingKey: properties.routingKey ?? '' },
    compression: typeof compression === 'string' ? compression : null,
  };
}

function unsupported(reason: string): Peek {
  return { supported: false, reason, messages: [], truncated: false };
}
