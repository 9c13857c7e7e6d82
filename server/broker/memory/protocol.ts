// What travels over the MessagePort between the memory broker and its clients: requests with one argument and one
// answer each, and pushes. Everything is plain data, so that it survives structured cloning between threads.
import type { AppErrorCode } from '../../core/errors.ts';
import type { EventGap, ExchangeType, QueueListings, QueueMeasure } from '../transport.ts';

export type PortEvent = {
  body: Uint8Array;
  contentType: string;
  contentEncoding: string;
  compression: string | null;
  routingKey: string;
};

export type PortMessage = {
  envelope: string;
  queue: string;
  priority: number;
  redelivered: boolean;
  deliveredAt: number | null;
};

export type PortPeek = { messages: PortMessage[]; truncated: boolean };

export type Declaration = {
  queue: string;
  exchange: string;
  exchangeType: ExchangeType;
  routingKey: string;
  passive: boolean;
  autoDelete: boolean;
};

/** What a client may ask for. Each method takes one argument and may throw an AppError. */
export interface MemorySession {
  hello(arg: null): string;
  declareQueue(arg: Declaration): null;
  declareExchange(arg: { exchange: string; type: ExchangeType }): null;
  publish(arg: {
    envelope: string;
    priority: number;
    taskId: string | null;
    exchange: string;
    routingKey: string;
  }): null;
  consume(arg: { consumer: number; queues: readonly string[]; prefetch: number }): null;
  addQueue(arg: { consumer: number; queue: string }): null;
  cancelQueue(arg: { consumer: number; queue: string }): null;
  setPrefetch(arg: { consumer: number; prefetch: number }): null;
  closeConsumer(arg: { consumer: number }): null;
  settle(arg: { tag: number; as: 'ack' | 'drop' | 'requeue' }): boolean;
  publishEvent(arg: PortEvent): null;
  subscribeEvents(arg: { subscription: number }): null;
  eventsConsumed(arg: { subscription: number; bytes: number }): null;
  unsubscribeEvents(arg: { subscription: number }): null;
  broadcast(arg: { envelope: string }): null;
  openReplies(arg: { oid: string }): null;
  closeReplies(arg: { oid: string }): null;
  reply(arg: { oid: string; envelope: string }): null;
  serveControl(arg: { server: number }): null;
  stopControl(arg: { server: number }): null;
  listQueues(arg: null): QueueListings;
  measureQueues(arg: { names: readonly string[] }): QueueMeasure[];
  peek(arg: { queue: string; from: 'next' | 'newest'; limit: number }): PortPeek;
  peekInFlight(arg: {
    limit: number;
    queue: string | null;
    ids: readonly string[] | null;
    after: number | null;
  }): PortPeek & { next: number | null };
  purge(arg: { queue: string }): number;
  getValues(arg: { keys: readonly string[] }): (string | null)[];
  setValue(arg: { key: string; text: string; expiresMs: number | null }): null;
  swapValue(arg: {
    key: string;
    from: string | null;
    to: string;
    expiresMs: number | null;
  }): boolean;
  addMember(arg: {
    key: string;
    name: string;
    text: string;
    score: number;
    expiresMs: number | null;
  }): string[];
  deleteValues(arg: { keys: readonly string[] }): null;
  watchValue(arg: { key: string }): null;
  unwatchValue(arg: { key: string }): null;
}

export type MemoryOperation = keyof MemorySession;

export type MemoryPush =
  | { type: 'delivery'; consumer: number; tag: number; message: PortMessage }
  | { type: 'event'; subscription: number; event: PortEvent }
  | { type: 'gap'; subscription: number; gap: EventGap }
  | { type: 'control'; server: number; envelope: string }
  | { type: 'reply'; oid: string; envelope: string }
  | { type: 'value'; key: string; text: string };

export type PortRequest = { id: number; operation: MemoryOperation; arg: unknown };
export type PortAnswer =
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'refusal'; id: number; code: AppErrorCode; message: string };
export type FromBroker = PortAnswer | MemoryPush;
