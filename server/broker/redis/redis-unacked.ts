// What is delivered and not acknowledged, kept as kombu keeps it: the hash `unacked` and the index by time of delivery.
// Every move is one script, so that a message is never in two places or in none.
import { setTimeout as wait } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import {
  UNACKED_INDEX_KEY,
  UNACKED_KEY,
  UNACKED_MUTEX_EXPIRE_MS,
  UNACKED_MUTEX_KEY,
  decodeUnacked,
  encodeEnvelope,
  priorityStep,
  queueKey,
} from '../../celery/redis-layout.ts';
import type { WireMessage } from '../../celery/message.ts';
import { coalesce } from '../../core/coalesce.ts';
import type { RedisLink } from './redis-link.ts';
import { lookupQueues } from './redis-publish.ts';
import { runScript } from './redis-script.ts';
import type { RedisSettings } from './redis-settings.ts';

export type HeldMessage = {
  tag: string;
  /** The list that it came from, with the prefix. */
  listKey: string;
  message: WireMessage;
  exchange: string;
  routingKey: string;
};

const MOVE = `if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call(ARGV[2], KEYS[3], ARGV[3])
  return 1
end
return 0`;
const ACKNOWLEDGE = `local found = {}
for at = 1, #ARGV do
  found[at] = redis.call('HDEL', KEYS[1], ARGV[at])
  if found[at] == 1 then redis.call('ZREM', KEYS[2], ARGV[at]) end
end
return found`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const RESTORE_BATCH = 200;

export class UnackedStore {
  readonly #link: RedisLink;
  readonly #settings: RedisSettings;
  readonly #acknowledge = coalesce((tags: readonly string[]) => this.#acknowledgeAll(tags));

  constructor(link: RedisLink, settings: RedisSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  /** What is no envelope would end a Python worker; it is kept for inspection, not delivered. */
  setAside(tag: string, listKey: string, envelope: string): Promise<boolean> {
    return this.#move(tag, 'LPUSH', listKey, envelope);
  }

  /** False when it was not there any more: settled, or restored by somebody. */
  acknowledge(held: HeldMessage): Promise<boolean> {
    return this.#acknowledge(held.tag);
  }

  /** To the back of the queue, as a rejection does, or to the front, as a restore does. */
  giveBack(held: HeldMessage, to: 'back' | 'front'): Promise<boolean> {
    const command = to === 'back' ? 'LPUSH' : 'RPUSH';
    return this.#move(held.tag, command, held.listKey, redelivered(held));
  }

  /** Restores what others have held for longer than the visibility timeout; the number restored. */
  async restoreOverdue(): Promise<number> {
    const { key, visibilityTimeoutMs } = this.#settings;
    const token = randomUUID();
    const mutex = key(UNACKED_MUTEX_KEY);
    const expireMs = Math.min(UNACKED_MUTEX_EXPIRE_MS, Math.max(1000, visibilityTimeoutMs));
    const taken = await this.#link.run((redis) => redis.set(mutex, token, 'PX', expireMs, 'NX'));
    if (taken === null) return 0;
    try {
      const before = (Date.now() - visibilityTimeoutMs) / 1000;
      const tags = await this.#link.run((redis) =>
        redis.zrangebyscore(key(UNACKED_INDEX_KEY), '-inf', before, 'LIMIT', 0, RESTORE_BATCH),
      );
      let restored = 0;
      for (const tag of tags) if (await this.#restore(tag)) restored += 1;
      return restored;
    } finally {
      await this.#link
        .run((redis) => runScript(redis, RELEASE, [mutex], [token]))
        .catch(() => undefined);
    }
  }

  async #restore(tag: string): Promise<boolean> {
    const { key, steps, sep } = this.#settings;
    const text = await this.#link.run((redis) => redis.hget(key(UNACKED_KEY), tag));
    if (text === null) {
      await this.#link.run((redis) => redis.zrem(key(UNACKED_INDEX_KEY), tag));
      return false;
    }
    const unacked = decodeUnacked(text);
    if (!unacked.ok) return false;
    const { message, exchange, routingKey } = unacked.value;
    const [queue] = await lookupQueues(this.#link, this.#settings, { exchange, routingKey });
    if (queue === undefined) return false;
    const step = priorityStep(message.properties.priority, steps);
    const listKey = key(queueKey(queue, step, sep));
    return this.giveBack({ tag, listKey, message, exchange, routingKey }, 'front');
  }

  async #acknowledgeAll(tags: readonly string[]): Promise<boolean[]> {
    const { key } = this.#settings;
    const keys = [key(UNACKED_KEY), key(UNACKED_INDEX_KEY)];
    const found = await this.#link.run((redis) => runScript(redis, ACKNOWLEDGE, keys, tags));
    return (found as number[]).map((count) => count === 1);
  }

  async #move(tag: string, command: string, listKey: string, envelope: string): Promise<boolean> {
    const { key } = this.#settings;
    const moved = await this.#link.run((redis) =>
      runScript(
        redis,
        MOVE,
        [key(UNACKED_KEY), key(UNACKED_INDEX_KEY), listKey],
        [tag, command, envelope],
      ),
    );
    return moved === 1;
  }
}

function redelivered({ message, tag, exchange, routingKey }: HeldMessage): string {
  const marked: WireMessage = {
    ...message,
    headers: { ...message.headers, redelivered: true },
    properties: { ...message.properties, redelivered: true },
  };
  return encodeEnvelope(marked, { exchange, routingKey, deliveryTag: tag });
}

/** Restores at once and then every `everyMs`, until the signal. */
export async function keepRestoring(
  store: UnackedStore,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await store.restoreOverdue().catch(() => 0);
    await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
