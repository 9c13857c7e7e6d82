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
import { Roster, type Member } from '../../core/roster.ts';
import { QueueWatch } from './queue-watch.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';
import { exchangeMessages, type Taken } from './redis-take.ts';
import { UnackedStore, keepRestoring, type HeldMessage } from './redis-unacked.ts';

/** Without a connection, and how often it looks whether more is wanted. */
const PAUSE_MS = 1000;
/** How often an idle consumer looks: with a watch on its queues, and without. */
const LOOK_MS = 100;
const LOOK_UNWATCHED_MS = 20;
const MOST_AT_ONCE = 100;
/** Redis works on one while the messages of the other are delivered; each takes half of a prefetch count that is worth halving. */
const MOST_ROUNDS = 2;
const LEAST_HALVED = 32;
const RESTORE_EVERY_MS = 60_000;
export const MALFORMED_KEY = '_umbel.malformed';

/** `number` counts deliveries: what is given back keeps its order. */
type Held = HeldMessage & Member & { number: number };
type Acknowledgement = { held: Held; resolve: (wasThere: boolean) => void };

export class RedisConsumer implements Consumer {
  readonly #settings: RedisSettings;
  readonly #link: RedisLink;
  readonly #watch: QueueWatch;
  readonly #store: UnackedStore;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #held = new Roster<Held>();
  readonly #moving = new Set<Promise<unknown>>();
  readonly #isHungry: () => boolean;
  readonly #beforeFetch: () => void;
  readonly #stop = new AbortController();
  #lastNumber = 0;
  #acks: Acknowledgement[] = [];
  #rounds: Promise<void>[] = [];
  #askingCount = 0;
  /** Messages: asked for in rounds that are not answered yet; registered as ours and not delivered yet. */
  #askedCount = 0;
  #takenCount = 0;
  #queues: string[];
  #prefetch: number;
  /** Nothing waits, or Redis is away: nothing is asked for until then. */
  #rest: NodeJS.Timeout | null = null;
  /** For what nobody tells: that the pool has become hungry. */
  #regular: NodeJS.Timeout | null = null;
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
    this.#beforeFetch = options.beforeFetch ?? (() => undefined);
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
    this.#ask();
    this.#regular = setInterval(() => {
      this.#ask();
    }, PAUSE_MS);
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
    await Promise.all(this.#rounds);
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
    this.#endRest();
    if (this.#regular !== null) clearInterval(this.#regular);
    await Promise.all(this.#rounds);
    await Promise.all(
      this.#acks.splice(0).map(async ({ held, resolve }) => {
        resolve(await this.#store.acknowledge(held).catch(() => false));
      }),
    );
    for (const held of [...this.#held].sort((a, b) => b.number - a.number)) {
      if (this.#held.delete(held)) await this.#store.giveBack(held, 'front').catch(() => false);
    }
    await this.#watch.stop();
    await this.#background;
  }

  /** Begins what rounds are worth it now. Acknowledgements wait for the answer of a round, to go with the next. */
  #ask(): void {
    if (!this.#isClosed && this.#askingCount < MOST_ROUNDS) this.#beforeFetch();
    while (!this.#isClosed && this.#askingCount < MOST_ROUNDS) {
      const most = this.#room();
      const canTake = most > 0 && this.#rest === null;
      if (!canTake && (this.#acks.length === 0 || this.#askingCount > 0)) return;
      const round = this.#round(this.#acks.splice(0, MOST_AT_ONCE), most);
      this.#rounds.push(round);
      void round.finally(() => {
        this.#rounds = this.#rounds.filter((other) => other !== round);
      });
    }
  }

  #room(): number {
    if (this.#queues.length === 0) return 0;
    if (this.#prefetch === 0) return MOST_AT_ONCE;
    const coming = this.#askedCount + this.#takenCount;
    const free = this.#prefetch - this.#held.size - coming;
    const isWanted = free * 3 >= this.#prefetch || (coming === 0 && this.#isHungry());
    if (!isWanted) return 0;
    const share = this.#prefetch < LEAST_HALVED ? this.#prefetch : Math.ceil(this.#prefetch / 2);
    return Math.max(0, Math.min(free, share, MOST_AT_ONCE));
  }

  /** Acknowledges and takes in one step. The next step is on its way while this one's messages are delivered. */
  async #round(acks: readonly Acknowledgement[], most: number): Promise<void> {
    this.#askingCount += 1;
    this.#askedCount += most;
    const taken = await this.#exchange(acks, most).catch(() => null);
    this.#askingCount -= 1;
    this.#askedCount -= most;
    this.#takenCount = taken?.length ?? 0;
    if (taken === null) this.#restFor(PAUSE_MS);
    else if (taken.length > 0) this.#endRest();
    else if (most > 0) this.#restUntilReady();
    this.#ask();
    this.#takenCount = 0;
    for (const one of taken ?? []) this.#deliver(one);
    this.#ask();
    await Promise.all(this.#moving);
  }

  #wake(): void {
    this.#endRest();
    this.#ask();
  }

  #restUntilReady(): void {
    this.#restFor(this.#watch.isSupported ? LOOK_MS : LOOK_UNWATCHED_MS);
    this.#watch.arm();
  }

  #restFor(ms: number): void {
    this.#endRest();
    if (this.#isClosed) return;
    this.#rest = setTimeout(() => {
      this.#wake();
    }, ms);
  }

  #endRest(): void {
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = null;
  }

  async #exchange(acks: readonly Acknowledgement[], most: number): Promise<Taken[]> {
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
      return taken;
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
    this.#lastNumber += 1;
    const held: Held = {
      place: -1,
      number: this.#lastNumber,
      tag,
      listKey,
      message: decoded.value,
      exchange: properties.exchange ?? '',
      routingKey: properties.routingKey ?? queue,
    };
    this.#held.add(held);
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

  #toDelivery(held: Held, queue: string): Delivery {
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

  #acknowledge(held: Held): Promise<boolean> {
    if (this.#isClosed) return this.#settle(held, () => this.#store.acknowledge(held));
    if (!this.#held.delete(held)) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#acks.push({ held, resolve });
      if (this.#acks.length === 1) setImmediate(() => this.#ask());
    });
  }

  async #settle(held: Held, move: () => Promise<boolean>): Promise<boolean> {
    if (!this.#held.delete(held)) return false;
    this.#wake();
    return move().catch(() => false);
  }
}
