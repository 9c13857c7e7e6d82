// What a broker owes the rest of Umbel. Three implementations (Redis, RabbitMQ, memory) pass one contract suite. Connections come
// back by themselves: methods that need a connection reject with AppError 'broker_unreachable' while there is none (they never hang
// longer than `timeoutMs`), subscriptions and consumers survive and are re-established. It must not know tasks' meaning: bytes in,
// messages out.
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import type { WireMessage } from '../celery/message.ts';
import type { BrokerPort } from './memory/broker-port.ts';

export type ExchangeType = 'direct' | 'topic' | 'fanout';

export type DeclareOptions = {
  exchange?: string;
  exchangeType?: ExchangeType;
  routingKey?: string;
  maxPriority?: number;
  /** More arguments for RabbitMQ, e.g. `x-queue-type`. */
  queueArguments?: Readonly<Record<string, string | number | boolean>>;
  passive?: boolean;
  /** Gone with its last consumer; declared again where a consumer comes back after a lost connection. */
  autoDelete?: boolean;
  /** A queue of this process alone, for replies: gone with its consumer, or after this long without one. */
  temporary?: { expiresMs: number };
};

export type PublishTarget = { exchange: string; routingKey: string };

export type Delivery = {
  message: WireMessage;
  queue: string;
  /** Acknowledges. Settling twice, or after the connection was lost, is a no-op that answers false. */
  ack(): Promise<boolean>;
  /** Drops the message, or puts it back (Redis: at the back of its queue; RabbitMQ: where the broker puts it). */
  reject(options: { requeue: boolean }): Promise<boolean>;
};

export type ConsumeOptions = {
  /** The most that is delivered and not settled; 0 for no limit. */
  prefetch: number;
  /**
   * False while what was delivered keeps the receiver busy: a transport that fetches may then wait until there is room for many. Asked
   * whenever one was settled.
   */
  isHungry?: () => boolean;
  /** Called before more is fetched: what can be settled by now, should be. */
  beforeFetch?: () => void;
};

export interface Consumer {
  readonly queues: readonly string[];
  addQueue(queue: string): Promise<void>;
  /** Stops taking from the queue; what was delivered stays delivered. */
  cancelQueue(queue: string): Promise<void>;
  setPrefetch(count: number): Promise<void>;
  /** Stops taking; deliveries not settled yet go back to the front of their queues. */
  close(): Promise<void>;
}

/** One event message. `body` is only valid during the call: decode it or copy it. */
export type EventPayload = {
  body: Buffer;
  contentType: string;
  contentEncoding: string;
  compression: string | null;
  routingKey: string;
};

export interface EventSink {
  onEvents(payload: EventPayload): void;
  /** A stretch in which events were or may have been missed. Called at its end, with what is known. */
  onGap(gap: EventGap): void;
  /** A message that is not an envelope; the stream goes on. */
  onMalformed(reason: string, sample: string): void;
}

export type EventGap = {
  cause: 'disconnected' | 'buffer-overrun';
  startedAt: number;
  endedAt: number;
  detail: string;
  lostCount: number | null;
};

export interface EventSubscription {
  /** Bytes received and not handed over yet. */
  bufferedBytes(): number;
  /** Since when no event can arrive, and why; null while they do. It comes back by itself. */
  lost(): { at: number; reason: string } | null;
  close(): Promise<void>;
}

export type ControlRequest = {
  method: string;
  arguments: Record<string, unknown>;
  /** Null: every worker. */
  destination: readonly string[] | null;
  pattern?: { text: string; matcher: 'glob' | 'pcre' };
};

export type ControlReply = { hostname: string; value: unknown };

export type GatherOptions = {
  /** Gives up after this long; the replies so far are the answer. */
  timeoutMs: number;
  /** Ends early when so many replied. Default: the number of destinations, when given. */
  expected?: number;
  onReply?: (reply: ControlReply) => void;
};

/** What a worker receives on its control mailbox. `reply` is a no-op when none is wanted. */
export type ControlDelivery = {
  request: ControlRequest;
  headers: Record<string, unknown>;
  reply(value: unknown): Promise<void>;
};

export type QueueListing = {
  name: string;
  source: 'binding' | 'broker' | 'declared';
  bindings: { exchange: string; routingKey: string }[];
  durable: boolean | null;
  queueType: string | null;
  arguments: Record<string, unknown>;
  /** False for queues that are known to carry something else (events, control, replies). */
  task: boolean;
};

export type QueueListings = { queues: QueueListing[]; complete: boolean; reason: string | null };

export type QueueMeasure = {
  name: string;
  exists: boolean | null;
  ready: number | null;
  readyByPriority: { priority: number; ready: number }[] | null;
  inFlight: number | null;
  consumers: number | null;
  reason: string | null;
};

export type PeekedMessage = {
  /** Null when the bytes are not a message; `issue` says why. */
  message: WireMessage | null;
  queue: string;
  priority: number | null;
  /** Epoch ms of the delivery, for in-flight messages. */
  deliveredAt: number | null;
  sizeBytes: number;
  issue: string | null;
};

export type Peek = {
  supported: boolean;
  reason: string | null;
  messages: PeekedMessage[];
  /** More messages are there than were read. */
  truncated: boolean;
};

export type InFlightPeek = Peek & {
  /** Where another call goes on (`after`); null at the end. */
  next: string | null;
};

export type InFlightWanted = {
  /** At least so many are read before the answer is cut; ≤ 1000. */
  limit: number;
  queue?: string;
  /** Narrows to these task ids. */
  ids?: readonly string[];
  /** `next` of an earlier call. What is there throughout is told at least once from the start to the end. */
  after?: string;
};

export type CloseReason = { code: 'closed' | 'failed'; detail: string };

export interface Transport {
  readonly kind: 'redis' | 'amqp' | 'memory';
  /** The URL without credentials. */
  readonly displayUrl: string;
  readonly capabilities: {
    peek: { ok: boolean; reason: string | null };
    inFlight: { ok: boolean; reason: string | null };
    /** Which number is served first. */
    priorityOrder: 'low-first' | 'high-first';
    prioritySteps: readonly number[] | null;
  };

  /** Resolves when connected for the first time; rejects with broker_unreachable, broker_auth or bad_configuration. Keeps trying afterwards either way until `close`. */
  connect(): Promise<void>;
  status(): ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;

  /** Declares a durable task queue with a direct exchange of the same name unless told otherwise. */
  declareQueue(queue: string, options?: DeclareOptions): Promise<void>;
  /** For publishing to whoever is bound; to a fanout exchange also when nobody is. */
  declareExchange(exchange: string, type: ExchangeType): Promise<void>;
  publish(message: WireMessage, target: PublishTarget): Promise<void>;
  consume(
    queues: readonly string[],
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer>;

  /** Publishes to the event exchange (`routingKey` e.g. task.sent, task.multi). */
  publishEvent(message: WireMessage, routingKey: string): Promise<void>;
  subscribeEvents(sink: EventSink): Promise<EventSubscription>;
  /** Only the events that workers tell of themselves (`worker.#`): few, and without an account of gaps. */
  subscribeWorkerEvents(
    onEvent: (event: EventPayload) => void,
  ): Promise<{ close(): Promise<void> }>;

  broadcast(request: ControlRequest): Promise<void>;
  gather(request: ControlRequest, options: GatherOptions): Promise<ControlReply[]>;
  /** A worker's side of remote control: requests addressed to `hostname`, or to everybody. */
  serveControl(
    hostname: string,
    onRequest: (delivery: ControlDelivery) => void,
  ): Promise<{ close(): Promise<void> }>;

  listQueues(): Promise<QueueListings>;
  /** Never rejects for one queue: what could not be read is null with a reason. */
  measureQueues(names: readonly string[]): Promise<QueueMeasure[]>;
  /** `from` next: the messages to be served first, in serving order; newest: the last published first. `limit` ≤ 1000. */
  peek(queue: string, options: { from: 'next' | 'newest'; limit: number }): Promise<Peek>;
  /** Delivered and unacknowledged messages, where the broker keeps them readable. */
  peekInFlight(wanted: InFlightWanted): Promise<InFlightPeek>;
  /** Removes all waiting messages; the number removed. */
  purge(queue: string): Promise<number>;

  close(): Promise<void>;
  closed(): Promise<CloseReason>;
}

/** Everything about a broker that an address cannot say. */
export type TransportOptions = {
  url: string;
  /** memory:// only: the port that leads to the broker (see memory/serve.ts). */
  port?: BrokerPort;
  /** Celery's global_keyprefix (Redis). */
  keyPrefix?: string;
  eventExchange?: string;
  controlExchange?: string;
  prioritySteps?: readonly number[];
  separator?: string;
  fanoutPrefix?: boolean | string;
  fanoutPatterns?: boolean;
  sentinelMaster?: string;
  /** RabbitMQ management API, e.g. http://user:password@host:15672/api/; probed when absent. */
  managementUrl?: string;
  visibilityTimeoutMs?: number;
  /** RabbitMQ: events received and not read yet that are kept; what comes beyond is dropped and counted. */
  eventBuffer?: { maxCount?: number; maxBytes?: number };
  /** For a command whose connection is there but silent. Default 5000. */
  timeoutMs?: number;
  connectTimeoutMs?: number;
  /** How this client names itself to the broker. */
  clientName?: string;
};
