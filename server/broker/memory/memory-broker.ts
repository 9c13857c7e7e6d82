// The embedded broker: queues, fanout of events and control, and a key-value area for results, all in this process and
// none of it kept after it ends. It lives in one thread; clients reach it through sessions (see serve.ts).
import { systemClock, type Clock } from '../../core/clock.ts';
import { MemoryConsumers } from './memory-consumers.ts';
import { MemoryEvents } from './memory-events.ts';
import { MemoryQueues } from './memory-queues.ts';
import { MemoryRoutes } from './memory-routes.ts';
import { openSession } from './memory-session.ts';
import { MemoryValues } from './memory-values.ts';
import type { MemoryPush, MemorySession } from './protocol.ts';

export type MemoryBrokerOptions = {
  clock?: Clock;
  /** Messages waiting in all queues together; publishing beyond is refused. */
  maxMessages?: number;
  maxQueueBytes?: number;
  /** Results and chord counters; the oldest go first. */
  maxValueBytes?: number;
  /** Events that a subscriber has not consumed; what comes beyond is dropped, counted and reported to it. */
  maxEventBytes?: number;
};

export class MemoryBroker {
  readonly clock: Clock;
  readonly queues: MemoryQueues;
  readonly consumers: MemoryConsumers;
  readonly routes = new MemoryRoutes();
  /** Queues that go with their last consumer. */
  readonly comeAndGo = new Set<string>();
  readonly events: MemoryEvents;
  readonly values: MemoryValues;
  /** Worker sides of remote control, and clients that wait for replies by their reply address. */
  readonly controlServers = new Set<(envelope: string) => void>();
  readonly replyBoxes = new Map<string, (envelope: string) => void>();

  constructor(options: MemoryBrokerOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.queues = new MemoryQueues({
      maxMessages: options.maxMessages ?? 500_000,
      maxBytes: options.maxQueueBytes ?? 256 * 1024 * 1024,
    });
    this.consumers = new MemoryConsumers(this.queues, this.clock);
    this.events = new MemoryEvents(this.clock, options.maxEventBytes ?? 64 * 1024 * 1024);
    this.values = new MemoryValues(this.clock, options.maxValueBytes ?? 64 * 1024 * 1024);
  }

  /** After a consumer left these. */
  dropUnused(queues: readonly string[]): void {
    for (const queue of queues) {
      if (!this.comeAndGo.has(queue) || this.consumers.consumerCount(queue) > 0) continue;
      this.comeAndGo.delete(queue);
      this.routes.unbind(queue);
      this.queues.drop(queue);
    }
  }

  /** One client. `end` gives back everything it held. */
  open(push: (push: MemoryPush) => void): { session: MemorySession; end: () => void } {
    return openSession(this, push);
  }
}
