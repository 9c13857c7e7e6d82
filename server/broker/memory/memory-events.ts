// Fanout of events inside the memory broker. A subscriber says what it has consumed; when it falls too far behind, what
// comes is dropped, counted, and told to it as a gap as soon as it has room again.
import type { Clock } from '../../core/clock.ts';
import type { MemoryPush, PortEvent } from './protocol.ts';

type Subscriber = {
  subscription: number;
  push: (push: MemoryPush) => void;
  pendingBytes: number;
  droppedCount: number;
  droppingSince: number;
};

export class MemoryEvents {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #subscribers = new Set<Subscriber>();

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
  }

  publish(event: PortEvent): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.pendingBytes + event.body.byteLength > this.#maxBytes) {
        if (subscriber.droppedCount === 0) subscriber.droppingSince = this.#clock.now();
        subscriber.droppedCount += 1;
        continue;
      }
      this.#reportDrops(subscriber);
      subscriber.pendingBytes += event.body.byteLength;
      subscriber.push({ type: 'event', subscription: subscriber.subscription, event });
    }
  }

  subscribe(subscription: number, push: (push: MemoryPush) => void) {
    const subscriber: Subscriber = {
      subscription,
      push,
      pendingBytes: 0,
      droppedCount: 0,
      droppingSince: 0,
    };
    this.#subscribers.add(subscriber);
    return {
      consumed: (bytes: number) => {
        subscriber.pendingBytes -= bytes;
        if (subscriber.pendingBytes <= this.#maxBytes / 2) this.#reportDrops(subscriber);
      },
      end: () => void this.#subscribers.delete(subscriber),
    };
  }

  #reportDrops(subscriber: Subscriber): void {
    if (subscriber.droppedCount === 0) return;
    const lostCount = subscriber.droppedCount;
    subscriber.droppedCount = 0;
    subscriber.push({
      type: 'gap',
      subscription: subscriber.subscription,
      gap: {
        cause: 'buffer-overrun',
        startedAt: subscriber.droppingSince,
        endedAt: this.#clock.now(),
        detail: `${lostCount} event messages came faster than they were read`,
        lostCount: null,
      },
    });
  }
}
