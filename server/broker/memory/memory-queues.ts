// The queues of the memory broker: one list a priority step, the lowest step served first, as kombu keeps them in Redis.
// Bounded by the number of messages and by their size. It must not know who consumes.
import { AppError } from '../../core/errors.ts';
import { DEFAULT_PRIORITY_STEPS, priorityStep } from '../../celery/redis-layout.ts';
import { Deque } from './deque.ts';

export type StoredMessage = {
  envelope: string;
  exchange: string;
  routingKey: string;
  priority: number;
  taskId: string | null;
  redelivered: boolean;
};

export type QueueLimits = { maxMessages: number; maxBytes: number };

export class MemoryQueues {
  readonly steps: readonly number[];
  readonly #limits: QueueLimits;
  readonly #queues = new Map<string, Map<number, Deque<StoredMessage>>>();
  #messages = 0;
  #bytes = 0;

  constructor(limits: QueueLimits, steps: readonly number[] = DEFAULT_PRIORITY_STEPS) {
    this.#limits = limits;
    this.steps = [...steps].sort((a, b) => a - b);
  }

  names(): string[] {
    return [...this.#queues.keys()];
  }

  has(queue: string): boolean {
    return this.#queues.has(queue);
  }

  declare(queue: string): Map<number, Deque<StoredMessage>> {
    let lists = this.#queues.get(queue);
    if (lists === undefined) {
      lists = new Map(this.steps.map((step) => [step, new Deque<StoredMessage>()]));
      this.#queues.set(queue, lists);
    }
    return lists;
  }

  /** Throws broker_refused when the broker is full. */
  pushBack(queue: string, message: StoredMessage): void {
    const { maxMessages, maxBytes } = this.#limits;
    if (this.#messages >= maxMessages || this.#bytes + message.envelope.length > maxBytes) {
      throw new AppError(
        'broker_refused',
        `The embedded broker is full: ${this.#messages} messages, ${this.#bytes} bytes`,
      );
    }
    this.#listOf(queue, message).pushBack(message);
    this.#count(message, 1);
  }

  pushFront(queue: string, message: StoredMessage): void {
    this.#listOf(queue, message).pushFront(message);
    this.#count(message, 1);
  }

  /** The next message of the given queues: step by step, queues in the given order inside a step. */
  take(queues: readonly string[]): { queue: string; message: StoredMessage } | undefined {
    for (const step of this.steps) {
      for (const queue of queues) {
        const message = this.#queues.get(queue)?.get(step)?.takeFront();
        if (message !== undefined) {
          this.#count(message, -1);
          return { queue, message };
        }
      }
    }
    return undefined;
  }

  measure(queue: string): { priority: number; ready: number }[] {
    const lists = this.#queues.get(queue);
    return this.steps.map((step) => ({ priority: step, ready: lists?.get(step)?.size ?? 0 }));
  }

  /** In serving order from the front, or the latest of each step first from the back. */
  peek(queue: string, from: 'next' | 'newest', limit: number): StoredMessage[] {
    const lists = this.#queues.get(queue);
    const found: StoredMessage[] = [];
    const steps = from === 'next' ? this.steps : [...this.steps].reverse();
    for (const step of steps) {
      const list = lists?.get(step);
      const room = limit - found.length;
      if (list === undefined || room <= 0) continue;
      found.push(...(from === 'next' ? list.fromFront(room) : list.fromBack(room)));
    }
    return found;
  }

  purge(queue: string): number {
    let removed = 0;
    for (const list of this.#queues.get(queue)?.values() ?? []) {
      for (const message of list.clear()) {
        this.#count(message, -1);
        removed += 1;
      }
    }
    return removed;
  }

  drop(queue: string): void {
    this.purge(queue);
    this.#queues.delete(queue);
  }

  #listOf(queue: string, message: StoredMessage): Deque<StoredMessage> {
    const lists = this.declare(queue);
    const step = priorityStep(message.priority, this.steps);
    const list = lists.get(step) ?? new Deque<StoredMessage>();
    lists.set(step, list);
    return list;
  }

  #count(message: StoredMessage, sign: 1 | -1): void {
    this.#messages += sign;
    this.#bytes += sign * message.envelope.length;
  }
}
