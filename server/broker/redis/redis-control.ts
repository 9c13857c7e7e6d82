// Remote control over Redis: requests go out on the fanout channel, replies come to a list of our own that is bound before
// the request and taken away afterwards, so that late replies do not pile up in a list that nobody reads.
import type { Redis } from 'ioredis';
import { replyQueueName } from '../../celery/amqp-layout.ts';
import {
  decodeEnvelope,
  encodeBinding,
  fanoutChannel,
  priorityStep,
  encodeEnvelope,
  queueKey,
} from '../../celery/redis-layout.ts';
import { createGathering, toControlDelivery } from '../control-messages.ts';
import type { ControlDelivery, ControlReply, ControlRequest, GatherOptions } from '../transport.ts';
import { openRedis } from './open-redis.ts';
import { toRedisError } from './redis-errors.ts';
import { RedisLink } from './redis-link.ts';
import { lookupQueues, publishFanout } from './redis-publish.ts';
import type { RedisSettings } from './redis-settings.ts';

/** A round of inspection asks for so many things at once. */
const MAX_IDLE = 8;
/** One that was idle for longer may have been given up on the way without a word. */
const MAX_IDLE_MS = 30_000;

export class RedisControl {
  readonly #link: RedisLink;
  readonly #settings: RedisSettings;
  #idle: { redis: Redis; since: number }[] = [];
  readonly #busy = new Set<Redis>();
  readonly #servers = new Set<(body: Buffer) => void>();
  #subscriber: RedisLink | null = null;
  #subscribing: Promise<void> | null = null;

  constructor(link: RedisLink, settings: RedisSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  async gather(request: ControlRequest, options: GatherOptions): Promise<ControlReply[]> {
    const { key, replyExchange, bindings, sep, steps, pidboxExchange } = this.#settings;
    const base = replyExchange.replace(/^reply\./, '').replace(/\.pidbox$/, '');
    const gathering = createGathering(request, options, replyExchange);
    const queue = replyQueueName(gathering.oid, base);
    const lists = steps.map((step) => key(queueKey(queue, step, sep)));
    const member = encodeBinding({ routingKey: gathering.oid, pattern: '', queue }, sep);
    const redis = await this.#acquire();
    const endsAt = Date.now() + options.timeoutMs;
    try {
      await this.#link.run((commands) => commands.sadd(bindings(replyExchange), member));
      const target = { exchange: pidboxExchange, routingKey: '' };
      await publishFanout(this.#link, this.#settings, gathering.message(), target);
      const reading = (async () => {
        while (!gathering.isOver()) {
          const leftSeconds = Math.max(0.01, (endsAt - Date.now()) / 1000);
          const popped = await redis.brpop(lists, leftSeconds);
          const reply = popped === null ? null : decodeEnvelope(popped[1]);
          if (reply?.ok === true) gathering.take(reply.value);
          if (popped === null) break;
        }
      })().catch(() => gathering.finish());
      await gathering.wait();
      this.#release(redis, reading);
      return gathering.replies;
    } catch (error) {
      this.#busy.delete(redis);
      redis.disconnect();
      throw error;
    } finally {
      await this.#link
        .run((commands) => commands.multi().srem(bindings(replyExchange), member).del(lists).exec())
        .catch(() => undefined);
    }
  }

  async serve(
    hostname: string,
    onRequest: (delivery: ControlDelivery) => void,
  ): Promise<{ close(): Promise<void> }> {
    const serve = (body: Buffer) => {
      const message = decodeEnvelope(body);
      if (!message.ok) return;
      const delivery = toControlDelivery(message.value, hostname, async (reply, to) => {
        const envelope = encodeEnvelope(reply, to);
        const step = priorityStep(0, this.#settings.steps);
        for (const queue of await lookupQueues(this.#link, this.#settings, to)) {
          const list = this.#settings.key(queueKey(queue, step, this.#settings.sep));
          await this.#link.run((redis) => redis.lpush(list, envelope));
        }
      });
      if (delivery !== null) onRequest(delivery);
    };
    this.#servers.add(serve);
    this.#subscribing ??= this.#subscribe();
    await this.#subscribing;
    return {
      close: () => {
        this.#servers.delete(serve);
        return Promise.resolve();
      },
    };
  }

  async close(): Promise<void> {
    for (const { redis } of this.#idle) redis.disconnect();
    for (const redis of this.#busy) redis.disconnect();
    this.#idle = [];
    this.#servers.clear();
    await this.#subscriber?.stop();
  }

  #subscribe(): Promise<void> {
    const channel = fanoutChannel(this.#settings.pidboxExchange, '', this.#settings.fanout);
    this.#subscriber = new RedisLink(this.#settings.target, {
      prepare: async (redis) => {
        redis.on('messageBuffer', (_channel: Buffer, body: Buffer) => {
          for (const serve of [...this.#servers]) serve(body);
        });
        await redis.subscribe(channel);
      },
    });
    return this.#subscriber.start();
  }

  async #acquire(): Promise<Redis> {
    const idle = this.#takeIdle();
    if (idle !== null) {
      this.#busy.add(idle);
      return idle;
    }
    try {
      this.#link.get();
      const redis = await openRedis(this.#settings.blockingTarget, () => undefined);
      this.#busy.add(redis);
      return redis;
    } catch (error) {
      throw toRedisError(error, 'the broker');
    }
  }

  #takeIdle(): Redis | null {
    const goodSince = Date.now() - MAX_IDLE_MS;
    for (let newest = this.#idle.pop(); newest !== undefined; newest = this.#idle.pop()) {
      if (newest.redis.status === 'ready' && newest.since >= goodSince) return newest.redis;
      newest.redis.disconnect();
    }
    return null;
  }

  /** A connection still waiting for replies that nobody wants any more is cut, not kept. */
  #release(redis: Redis, reading: Promise<void>): void {
    this.#busy.delete(redis);
    let isIdle = false;
    void reading.then(() => {
      isIdle = true;
    });
    setImmediate(() => {
      if (isIdle && redis.status === 'ready' && this.#idle.length < MAX_IDLE) {
        this.#idle.push({ redis, since: Date.now() });
      } else redis.disconnect();
    });
  }
}
