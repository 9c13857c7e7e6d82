// Consuming beside Python workers on the same queues: what is taken is in `unacked` by the same step (redis-take.ts), several
// messages at a time and never more than the prefetch count; what was acknowledged meanwhile goes with it. An idle consumer is woken by a
// watch on its queues, and looks by itself now and then for what the watch does not see.
import {
  UNACKED_INDEX_KEY,
  UNACKED_KEY,
  consumeKeys,
  decodeEnvelope,
  parseQueueKey,
  withoutKeyPrefix,
} from '../../celery/redis-layout.ts';
import type { ConsumeOptions, Consumer, Delivery } from '../transport.ts';
import { QueueWatch } from './queue-watch.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';
import { exchangeMessages, type Taken } from './redis-take.ts';
import { UnackedStore, keepRestoring, type HeldMessage } from './redis-unacked.ts';

/** Without room, or without a connection. */
const PAUSE_MS = 1000;
/** How often an idle consumer looks: with a watch on its queues, and without. */
const LOOK_MS = 100;
const LOOK_UNWATCHED_MS = 20;
const MOST_AT_ONCE = 100;
const RESTORE_EVERY_MS = 60_000;
export const MALFORMED_KEY = '_umbel.malformed';

type Acknowledgement = { held: HeldMessage; resolve: (wasThere: boolean) => void };

export class RedisConsumer implements Consumer {
  readonly #settings: RedisSettings;
  readonly #link: RedisLink;
  readonly #watch: QueueWatch;
  readonly #store: UnackedStore;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #held = new Map<string, HeldMessage>();
  readonly #moving = new Set<Promise<unknown>>();
  readonly #isHungry: () => boolean;
  readonly #stop = new AbortController();
  #acks: Acknowledgement[] = [];
  #queues: string[];
  #prefetch: number;
  #wake: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();
  #background: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    link: RedisLink,
    settings: RedisSettings,
    options: ConsumeOptions & { queues: readonly string[] },
    onDelivery: (delivery: Delivery) => void,
  ) {
    this.#settings = settings;
    this.#link = link;
    this.#store = new UnackedStore(link, settings);
    this.#queues = [...options.queues];
    this.#prefetch = options.prefetch;
    this.#isHungry = options.isHungry ?? (() => true);
    this.#onDelivery = onDelivery;
    this.#watch = new QueueWatch(settings, () => {
      this.#wake();
    });
  }

  get queues(): readonly string[] {
    return this.#queues;
  }

  async open(): Promise<void> {
    try {
      await this.#watch.set(this.#queues);
    } catch (error) {
      await this.#watch.stop();
      throw error;
    }
    this.#loop = this.#run();
    const restoreMs = Math.min(RESTORE_EVERY_MS, this.#settings.visibilityTimeoutMs / 2);
    this.#background = keepRestoring(this.#store, restoreMs, this.#stop.signal);
  }

  async addQueue(queue: string): Promise<void> {
    if (!this.#queues.includes(queue)) this.#queues.push(queue);
    await this.#watch.set(this.#queues);
    this.#wake();
  }

  async cancelQueue(queue: string): Promise<void> {
    this.#queues = this.#queues.filter((name) => name !== queue);
    await this.#watch.set(this.#queues);
    await this.#round;
  }

  setPrefetch(count: number): Promise<void> {
    this.#prefetch = count;
    this.#wake();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop.abort();
    this.#wake();
    await this.#loop;
    await Promise.all(
      this.#acks.splice(0).map(async ({ held, resolve }) => {
        resolve(await this.#store.acknowledge(held).catch(() => false));
      }),
    );
    for (const held of [...this.#held.values()].reverse()) {
      await this.#store.giveBack(held, 'front').catch(() => false);
    }
    this.#held.clear();
    await this.#watch.stop();
    await this.#background;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const acks = this.#acks.splice(0, MOST_AT_ONCE);
      const most = this.#room();
      if (acks.length === 0 && most === 0) {
        await this.#pause(PAUSE_MS);
        continue;
      }
      const round = this.#exchange(acks, most).catch(() => null);
      this.#round = round.then(() => undefined);
      const count = await round;
      if (count === null) await this.#pause(PAUSE_MS);
      else if (this.#acks.length > 0) continue;
      else if (count === 0 && most > 0) await this.#idle();
    }
  }

  #room(): number {
    if (this.#queues.length === 0) return 0;
    if (this.#prefetch === 0) return MOST_AT_ONCE;
    const room = Math.min(MOST_AT_ONCE, Math.max(0, this.#prefetch - this.#held.size));
    return room * 2 >= this.#prefetch || this.#isHungry() ? room : 0;
  }

  #idle(): Promise<void> {
    const pause = this.#pause(this.#watch.isSupported ? LOOK_MS : LOOK_UNWATCHED_MS);
    this.#watch.arm();
    return pause;
  }

  /** Until something changed, or the time is over. */
  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Acknowledges and takes in one step; the number taken. */
  async #exchange(acks: readonly Acknowledgement[], most: number): Promise<number> {
    const { steps, sep, key } = this.#settings;
    const queues = [...this.#queues];
    const lists = consumeKeys(queues, steps, sep).map(key);
    const keys = {
      unacked: key(UNACKED_KEY),
      index: key(UNACKED_INDEX_KEY),
      malformed: key(MALFORMED_KEY),
    };
    const given = { lists, width: queues.length, most, acks: acks.map(({ held }) => held.tag) };
    try {
      const { found, taken } = await this.#link.run((redis) =>
        exchangeMessages(redis, keys, given),
      );
      acks.forEach(({ resolve }, at) => resolve(found[at] ?? false));
      for (const one of taken) this.#deliver(one);
      await Promise.all(this.#moving);
      return taken.length;
    } catch (error) {
      for (const { resolve } of acks) resolve(false);
      throw error;
    }
  }

  #deliver({ listKey, tag, envelope }: Taken): void {
    const { sep, fanout } = this.#settings;
    const plain = withoutKeyPrefix(listKey, fanout.globalKeyPrefix) ?? listKey;
    const { queue } = parseQueueKey(plain, sep);
    const decoded = decodeEnvelope(envelope);
    if (!decoded.ok) {
      this.#move(this.#store.setAside(tag, this.#settings.key(MALFORMED_KEY), envelope));
      return;
    }
    const { properties } = decoded.value;
    const held: HeldMessage = {
      tag,
      listKey,
      message: decoded.value,
      exchange: properties.exchange ?? '',
      routingKey: properties.routingKey ?? queue,
    };
    this.#held.set(held.tag, held);
    if (this.#isClosed) return;
    const at = this.#queues.indexOf(queue);
    if (at < 0) {
      this.#move(this.#settle(held, () => this.#store.giveBack(held, 'front')));
      return;
    }
    if (this.#queues.length > 1) this.#queues.push(...this.#queues.splice(at, 1));
    this.#onDelivery(this.#toDelivery(held, queue));
  }

  /** The round ends when it is done. */
  #move(moving: Promise<unknown>): void {
    const done = moving.catch(() => undefined).finally(() => this.#moving.delete(done));
    this.#moving.add(done);
  }

  #toDelivery(held: HeldMessage, queue: string): Delivery {
    return {
      message: held.message,
      queue,
      ack: () => this.#acknowledge(held),
      reject: ({ requeue }) =>
        requeue
          ? this.#settle(held, () => this.#store.giveBack(held, 'back'))
          : this.#acknowledge(held),
    };
  }

  #acknowledge(held: HeldMessage): Promise<boolean> {
    if (this.#isClosed) return this.#settle(held, () => this.#store.acknowledge(held));
    if (!this.#held.delete(held.tag)) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#acks.push({ held, resolve });
      if (this.#acks.length === 1) setImmediate(() => this.#wake());
    });
  }

  async #settle(held: HeldMessage, move: () => Promise<boolean>): Promise<boolean> {
    if (!this.#held.delete(held.tag)) return false;
    this.#wake();
    return move().catch(() => false);
  }
}
