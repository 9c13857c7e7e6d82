// The transport to the embedded broker, which may live in another thread or process: everything goes over a port, so that
// all use it in the same way. A port does not come back once it is closed; a socket is opened again.
import type { ConnectionStatus } from '../../../lib/contract/index.ts';
import type { WireMessage } from '../../celery/message.ts';
import {
  DEFAULT_PRIORITY_STEPS,
  decodeEnvelope,
  encodeEnvelope,
} from '../../celery/redis-layout.ts';
import { ConnectionState } from '../connection-state.ts';
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
  InFlightWanted,
  Peek,
  PublishTarget,
  QueueListings,
  QueueMeasure,
  Transport,
} from '../transport.ts';
import { subscribeMemoryEvents } from './memory-event-subscription.ts';
import { openMemoryConsumer } from './memory-consumer.ts';
import { MemoryLink, type MemoryPlace } from './memory-link.ts';
import type { PortPeek } from './protocol.ts';

export const MAX_PEEK = 1000;

const TIMEOUT_MS = 5000;

export class MemoryTransport implements Transport {
  readonly kind = 'memory';
  readonly displayUrl = 'memory://';
  readonly capabilities = {
    peek: { ok: true, reason: null },
    inFlight: { ok: true, reason: null },
    priorityOrder: 'low-first',
    prioritySteps: DEFAULT_PRIORITY_STEPS,
  } as const;
  readonly #state = new ConnectionState();
  readonly #link: MemoryLink;
  #lastId = 0;

  constructor(place: MemoryPlace, timeoutMs = TIMEOUT_MS) {
    this.#link = new MemoryLink(place, timeoutMs, this.#state);
  }

  connect(): Promise<void> {
    return this.#link.connect();
  }

  status(): ConnectionStatus {
    return this.#state.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#state.listen(listener);
  }

  async declareQueue(queue: string, options: DeclareOptions = {}): Promise<void> {
    const wanted = {
      queue,
      exchange: options.exchange ?? queue,
      exchangeType: options.exchangeType ?? 'direct',
      routingKey: options.routingKey ?? queue,
      passive: options.passive ?? false,
      autoDelete: options.autoDelete ?? false,
    };
    if (wanted.passive) await this.#link.call('declareQueue', wanted);
    else {
      const name = `queue ${queue} ${wanted.exchange} ${wanted.routingKey}`;
      await this.#link.last(name, (client) => client.call('declareQueue', wanted));
    }
  }

  async declareExchange(exchange: string, type: ExchangeType): Promise<void> {
    await this.#link.last(`exchange ${exchange}`, (client) =>
      client.call('declareExchange', { exchange, type }),
    );
  }

  async publish(message: WireMessage, target: PublishTarget): Promise<void> {
    const { headers, properties } = message;
    const id = typeof headers['id'] === 'string' ? headers['id'] : properties.correlationId;
    await this.#link.call('publish', {
      envelope: encodeEnvelope(message, target),
      priority: properties.priority ?? 0,
      taskId: id ?? null,
      ...target,
    });
  }

  consume(
    queues: readonly string[],
    options: { prefetch: number },
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    const wanted = { queues, prefetch: options.prefetch };
    return openMemoryConsumer(this.#link, this.#nextId(), wanted, onDelivery);
  }

  async publishEvent(message: WireMessage, routingKey: string): Promise<void> {
    const compression = message.headers['compression'];
    await this.#link.call('publishEvent', {
      body: new Uint8Array(message.body),
      contentType: message.contentType,
      contentEncoding: message.contentEncoding,
      compression: typeof compression === 'string' ? compression : null,
      routingKey,
    });
  }

  subscribeEvents(sink: EventSink): Promise<EventSubscription> {
    return subscribeMemoryEvents(this.#link, this.#nextId(), sink);
  }

  subscribeWorkerEvents(
    onEvent: (event: EventPayload) => void,
  ): Promise<{ close(): Promise<void> }> {
    return this.subscribeEvents({
      onEvents: (event) => {
        if (event.routingKey.startsWith('worker.')) onEvent(event);
      },
      onGap: () => undefined,
      onMalformed: () => undefined,
    });
  }

  async broadcast(request: ControlRequest): Promise<void> {
    await this.#link.call('broadcast', { envelope: envelopeOf(toControlMessage(request)) });
  }

  async gather(request: ControlRequest, options: GatherOptions): Promise<ControlReply[]> {
    const gathering = createGathering(request, options);
    const { oid } = gathering;
    const stopListening = this.#link.listen((push) => {
      if (push.type !== 'reply' || push.oid !== oid) return;
      const reply = decodeEnvelope(push.envelope);
      if (reply.ok) gathering.take(reply.value);
    });
    try {
      await this.#link.call('openReplies', { oid });
      await this.#link.call('broadcast', { envelope: envelopeOf(gathering.message()) });
      return await gathering.wait();
    } finally {
      stopListening();
      this.#link.tell('closeReplies', { oid });
    }
  }

  async serveControl(
    hostname: string,
    onRequest: (delivery: ControlDelivery) => void,
  ): Promise<{ close(): Promise<void> }> {
    const server = this.#nextId();
    const stopListening = this.#link.listen((push) => {
      if (push.type !== 'control' || push.server !== server) return;
      const message = decodeEnvelope(push.envelope);
      if (!message.ok) return;
      const delivery = toControlDelivery(message.value, hostname, async (reply, to) => {
        await this.#link.call('reply', { oid: to.routingKey, envelope: envelopeOf(reply) });
      });
      if (delivery !== null) onRequest(delivery);
    });
    const name = `control ${String(server)}`;
    await this.#link.last(name, (client) => client.call('serveControl', { server }));
    return {
      close: async () => {
        stopListening();
        this.#link.callOff(name);
        await this.#link.call('stopControl', { server }).catch(() => undefined);
      },
    };
  }

  listQueues(): Promise<QueueListings> {
    return this.#link.call('listQueues', null);
  }

  measureQueues(names: readonly string[]): Promise<QueueMeasure[]> {
    return this.#link.call('measureQueues', { names });
  }

  async peek(queue: string, options: { from: 'next' | 'newest'; limit: number }): Promise<Peek> {
    const limit = Math.min(options.limit, MAX_PEEK);
    return toPeek(await this.#link.call('peek', { queue, from: options.from, limit }));
  }

  async peekInFlight(options: InFlightWanted): Promise<InFlightPeek> {
    const { limit, queue = null, ids = null } = options;
    const after = options.after === undefined ? null : Number(options.after);
    const wanted = { limit: Math.min(limit, MAX_PEEK), queue, ids, after };
    const { next, ...found } = await this.#link.call('peekInFlight', wanted);
    return { ...toPeek(found), next: next === null ? null : String(next) };
  }

  purge(queue: string): Promise<number> {
    return this.#link.call('purge', { queue });
  }

  async close(): Promise<void> {
    this.#state.close({ code: 'closed', detail: 'Closed' });
    await this.#link.close();
  }

  closed(): Promise<CloseReason> {
    return this.#state.closed;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function envelopeOf(message: WireMessage): string {
  return encodeEnvelope(message, { exchange: '', routingKey: '' });
}

function toPeek({ messages, truncated }: PortPeek): Peek {
  return {
    supported: true,
    reason: null,
    truncated,
    messages: messages.map(({ envelope, queue, priority, redelivered, deliveredAt }) => {
      const decoded = decodeEnvelope(envelope);
      if (decoded.ok && redelivered) decoded.value.properties.redelivered = true;
      return {
        message: decoded.ok ? decoded.value : null,
        queue,
        priority,
        deliveredAt,
        sizeBytes: envelope.length,
        issue: decoded.ok ? null : decoded.message,
      };
    }),
  };
}
