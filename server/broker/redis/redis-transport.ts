// The transport to Redis, in the layout that kombu keeps there, so that Python's workers and clients share everything.
import type { ConnectionStatus } from '../../../lib/contract/index.ts';
import { redactUrl } from '../../core/redact.ts';
import { eventPattern, fanoutChannel } from '../../celery/redis-layout.ts';
import type { WireMessage } from '../../celery/message.ts';
import type { RedisAddress } from '../broker-url.ts';
import { toControlMessage } from '../control-messages.ts';
import type {
  CloseReason,
  ConsumeOptions,
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
  TransportOptions,
} from '../transport.ts';
import { subscribeRedisEvents } from './event-subscription.ts';
import { InFlightCounts } from './in-flight-counts.ts';
import { RedisConsumer } from './redis-consumer.ts';
import { RedisControl } from './redis-control.ts';
import { RedisLink } from './redis-link.ts';
import { measureRedisQueues } from './redis-measure.ts';
import { peekRedis, peekRedisInFlight } from './redis-peek.ts';
import { openWithFanout } from './redis-fanout.ts';
import {
  createPusher,
  declareRedisQueue,
  publishFanout,
  publishToRedis,
  type Pusher,
} from './redis-publish.ts';
import { listRedisQueues } from './redis-queues.ts';
import { subscribeRedisWorkerEvents } from './redis-worker-events.ts';
import { toRedisSettings, type RedisSettings } from './redis-settings.ts';

export class RedisTransport implements Transport {
  readonly kind = 'redis';
  readonly displayUrl: string;
  readonly capabilities: Transport['capabilities'];
  readonly #settings: RedisSettings;
  readonly #link: RedisLink;
  readonly #push: Pusher;
  readonly #control: RedisControl;
  readonly #inFlight: InFlightCounts;
  readonly #open = new Set<{ close(): Promise<void> }>();
  readonly #fanoutExchanges = new Set<string>();
  /** The channel of each queue that is bound to a fanout exchange. */
  readonly #fanoutQueues = new Map<string, string>();

  constructor(address: RedisAddress, options: TransportOptions) {
    this.displayUrl = redactUrl(options.url);
    this.#settings = toRedisSettings(address, options);
    this.capabilities = {
      peek: { ok: true, reason: null },
      inFlight: { ok: true, reason: null },
      priorityOrder: 'low-first',
      prioritySteps: this.#settings.steps,
    };
    this.#link = new RedisLink(this.#settings.target);
    this.#push = createPusher(this.#link);
    this.#control = new RedisControl(this.#link, this.#settings);
    this.#inFlight = new InFlightCounts(this.#link, this.#settings);
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
    const { exchange = queue, exchangeType, routingKey = '' } = options;
    if (exchangeType === 'fanout') {
      this.#fanoutExchanges.add(exchange);
      this.#fanoutQueues.set(queue, fanoutChannel(exchange, routingKey, this.#settings.fanout));
      return;
    }
    await declareRedisQueue(this.#link, this.#settings, queue, options);
  }

  declareExchange(exchange: string, type: ExchangeType): Promise<void> {
    if (type === 'fanout') this.#fanoutExchanges.add(exchange);
    return Promise.resolve();
  }

  publish(message: WireMessage, target: PublishTarget): Promise<void> {
    return this.#fanoutExchanges.has(target.exchange)
      ? publishFanout(this.#link, this.#settings, message, target)
      : publishToRedis(this.#link, this.#settings, this.#push, message, target);
  }

  async consume(
    queues: readonly string[],
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    const consumer = await openWithFanout(queues, {
      target: this.#settings.target,
      channels: this.#fanoutQueues,
      onDelivery,
      openLists: async (lists) => {
        const given = { ...options, queues: lists };
        const opened = new RedisConsumer(this.#link, this.#settings, given, onDelivery);
        await opened.open();
        return opened;
      },
    });
    this.#open.add(consumer);
    return consumer;
  }

  publishEvent(message: WireMessage, routingKey: string): Promise<void> {
    const target = { exchange: this.#settings.eventExchange, routingKey };
    return publishFanout(this.#link, this.#settings, message, target);
  }

  async subscribeEvents(sink: EventSink): Promise<EventSubscription> {
    const { target, fanout, eventExchange, timeoutMs } = this.#settings;
    const pattern = eventPattern(fanout, eventExchange);
    const subscription = await subscribeRedisEvents({ target, pattern, fanout, timeoutMs }, sink);
    this.#open.add(subscription);
    return subscription;
  }

  async subscribeWorkerEvents(
    onEvent: (event: EventPayload) => void,
  ): Promise<{ close(): Promise<void> }> {
    const { target, fanout, eventExchange } = this.#settings;
    const pattern = eventPattern(fanout, eventExchange, 'worker.#');
    const subscription = await subscribeRedisWorkerEvents({ target, pattern, fanout }, onEvent);
    this.#open.add(subscription);
    return subscription;
  }

  broadcast(request: ControlRequest): Promise<void> {
    const target = { exchange: this.#settings.pidboxExchange, routingKey: '' };
    return publishFanout(this.#link, this.#settings, toControlMessage(request), target);
  }

  gather(request: ControlRequest, options: GatherOptions): Promise<ControlReply[]> {
    return this.#control.gather(request, options);
  }

  serveControl(
    hostname: string,
    onRequest: (delivery: ControlDelivery) => void,
  ): Promise<{ close(): Promise<void> }> {
    return this.#control.serve(hostname, onRequest);
  }

  listQueues(): Promise<QueueListings> {
    return listRedisQueues(this.#link, this.#settings);
  }

  measureQueues(names: readonly string[]): Promise<QueueMeasure[]> {
    return measureRedisQueues(this.#link, this.#settings, this.#inFlight, names);
  }

  peek(queue: string, options: { from: 'next' | 'newest'; limit: number }): Promise<Peek> {
    return peekRedis(this.#link, this.#settings, queue, options);
  }

  peekInFlight(wanted: InFlightWanted): Promise<InFlightPeek> {
    return peekRedisInFlight(this.#link, this.#settings, wanted);
  }

  async purge(queue: string): Promise<number> {
    const keys = this.#settings.keysOf(queue);
    const results = await this.#link.run((redis) => {
      const transaction = redis.multi();
      for (const key of keys) transaction.llen(key);
      return transaction.del(keys).exec();
    });
    const counts = (results ?? []).slice(0, keys.length);
    return counts.reduce((sum, [, count]) => sum + (typeof count === 'number' ? count : 0), 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((one) => one.close()));
    this.#open.clear();
    await this.#control.close();
    await this.#link.stop();
  }

  closed(): Promise<CloseReason> {
    return this.#link.state.closed;
  }
}
