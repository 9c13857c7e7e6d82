// One connection to Redis that comes back by itself, with a heartbeat that notices a server that no longer answers.
import type { Redis } from 'ioredis';
import { errorText } from '../../core/errors.ts';
import { ConnectionState } from '../connection-state.ts';
import { Supervisor } from '../supervisor.ts';
import { openRedis, placeOf, type RedisTarget } from './open-redis.ts';
import { toRedisError } from './redis-errors.ts';

export const HEARTBEAT_MS = 5000;

export type RedisLinkOptions = {
  /** After each opening, before commands are let through. */
  prepare?: (redis: Redis) => Promise<void>;
  onDown?: (reason: string) => void;
  heartbeat?: boolean;
};

export class RedisLink {
  readonly state = new ConnectionState();
  readonly #supervisor: Supervisor<Redis>;
  readonly #place: string;
  readonly #heartbeat: NodeJS.Timeout | null;

  constructor(target: RedisTarget, options: RedisLinkOptions = {}) {
    this.#place = placeOf(target.address);
    this.#supervisor = new Supervisor<Redis>({
      state: this.state,
      open: (lost) => openRedis(target, lost),
      discard: (redis) => redis.disconnect(),
      ...(options.prepare === undefined ? {} : { prepare: options.prepare }),
      ...(options.onDown === undefined ? {} : { onDown: options.onDown }),
    });
    this.#heartbeat =
      options.heartbeat === false ? null : setInterval(() => void this.#beat(), HEARTBEAT_MS);
    this.#heartbeat?.unref();
  }

  start(): Promise<void> {
    return this.#supervisor.start();
  }

  /** Throws AppError broker_unreachable while there is no connection. */
  get(): Redis {
    return this.#supervisor.get();
  }

  /** Runs commands; what Redis says against them becomes an AppError. */
  async run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = this.#supervisor.get();
    try {
      return await work(redis);
    } catch (error) {
      if (/^READONLY/.test(errorText(error))) redis.disconnect();
      throw toRedisError(error, this.#place);
    }
  }

  async stop(): Promise<void> {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await this.#supervisor.stop();
    this.state.close({ code: 'closed', detail: 'Closed' });
  }

  async #beat(): Promise<void> {
    const redis = this.#supervisor.peek();
    if (redis === null) return;
    try {
      await redis.ping();
    } catch {
      redis.disconnect();
    }
  }
}
