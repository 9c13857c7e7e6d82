// Names and options of one Redis broker, worked out once from the address and the transport options.
import {
  DEFAULT_PRIORITY_STEPS,
  DEFAULT_SEP,
  DEFAULT_VISIBILITY_TIMEOUT_MS,
  bindingKey,
  queueKeys,
  withKeyPrefix,
  type FanoutOptions,
} from '../../celery/redis-layout.ts';
import { EVENT_EXCHANGE, pidboxExchange, replyExchange } from '../../celery/amqp-layout.ts';
import type { RedisAddress } from '../broker-url.ts';
import type { TransportOptions } from '../transport.ts';
import { databaseOf, type RedisTarget } from './open-redis.ts';

export type RedisSettings = {
  target: RedisTarget;
  /** For connections that wait in blocking commands. */
  blockingTarget: RedisTarget;
  timeoutMs: number;
  steps: readonly number[];
  sep: string;
  fanout: FanoutOptions;
  eventExchange: string;
  pidboxExchange: string;
  replyExchange: string;
  visibilityTimeoutMs: number;
  /** Puts the key prefix before a key. */
  key: (name: string) => string;
  /** All lists of a queue, the one served first in front. */
  keysOf: (queue: string) => string[];
  bindings: (exchange: string) => string;
};

export function toRedisSettings(address: RedisAddress, options: TransportOptions): RedisSettings {
  const timeoutMs = options.timeoutMs ?? 5000;
  const named =
    address.type === 'sentinel' && options.sentinelMaster !== undefined
      ? { ...address, master: options.sentinelMaster }
      : address;
  const open = {
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    clientName: options.clientName ?? 'umbel',
  };
  const prefix = options.keyPrefix ?? '';
  const steps = [...(options.prioritySteps ?? DEFAULT_PRIORITY_STEPS)].sort((a, b) => a - b);
  const sep = options.separator ?? DEFAULT_SEP;
  const key = (name: string) => withKeyPrefix(name, prefix);
  return {
    target: { address: named, open: { ...open, commandTimeoutMs: timeoutMs } },
    blockingTarget: { address: named, open: { ...open, commandTimeoutMs: null } },
    timeoutMs,
    steps,
    sep,
    fanout: {
      db: databaseOf(address),
      globalKeyPrefix: prefix,
      fanoutPrefix: options.fanoutPrefix ?? true,
      fanoutPatterns: options.fanoutPatterns ?? true,
    },
    eventExchange: options.eventExchange ?? EVENT_EXCHANGE,
    pidboxExchange: pidboxExchange(options.controlExchange).name,
    replyExchange: replyExchange(options.controlExchange).name,
    visibilityTimeoutMs: options.visibilityTimeoutMs ?? DEFAULT_VISIBILITY_TIMEOUT_MS,
    key,
    keysOf: (queue) => queueKeys(queue, steps, sep).map(key),
    bindings: (exchange) => key(bindingKey(exchange)),
  };
}
