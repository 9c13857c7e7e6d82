// Measuring queues in Redis in one round trip, and counting what is in flight for each from the bounded hash `unacked`.
import { UNACKED_KEY } from '../../celery/redis-layout.ts';
import type { QueueMeasure } from '../transport.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

export const MAX_COUNTED_IN_FLIGHT = 5000;
const NO_CONSUMERS = 'Redis does not know consumers';

export async function measureRedisQueues(
  link: RedisLink,
  settings: RedisSettings,
  names: readonly string[],
): Promise<QueueMeasure[]> {
  const unackedKey = settings.key(UNACKED_KEY);
  const results = await link.run((redis) => {
    const pipeline = redis.pipeline();
    for (const name of names) for (const key of settings.keysOf(name)) pipeline.llen(key);
    return pipeline.hlen(unackedKey).exec();
  });
  const answers = results ?? [];
  const [hlenError, hlen] = answers.at(-1) ?? [new Error('no answer'), null];
  const inFlight =
    hlenError === null && typeof hlen === 'number'
      ? await countInFlight(link, unackedKey, hlen)
      : `unacked cannot be read: ${hlenError?.message ?? 'no answer'}`;
  const { steps } = settings;
  return names.map((name, index) => {
    const own = answers.slice(index * steps.length, (index + 1) * steps.length);
    const failed = own.find(([error]) => error !== null)?.[0];
    const counts = own.map(([, count]) => (typeof count === 'number' ? count : 0));
    const ready = failed === undefined ? counts.reduce((sum, count) => sum + count, 0) : null;
    const reasons = [
      ...(failed == null ? [] : [`The length cannot be read: ${failed.message}`]),
      ...(typeof inFlight === 'string' ? [inFlight] : []),
      NO_CONSUMERS,
    ];
    return {
      name,
      exists: ready === null ? null : ready > 0 ? true : null,
      ready,
      readyByPriority:
        ready === null
          ? null
          : steps.map((priority, step) => ({ priority, ready: counts[step] ?? 0 })),
      inFlight: typeof inFlight === 'string' ? null : (inFlight.get(name) ?? 0),
      consumers: null,
      reason: reasons.join('; '),
    };
  });
}

/** By routing key (the queue, for the default exchange), or why it cannot be told. */
async function countInFlight(
  link: RedisLink,
  key: string,
  total: number,
): Promise<Map<string, number> | string> {
  const counts = new Map<string, number>();
  if (total === 0) return counts;
  if (total > MAX_COUNTED_IN_FLIGHT) {
    return `${total} messages are in flight in all queues together; they are counted by queue up to ${MAX_COUNTED_IN_FLIGHT}`;
  }
  const seen = new Set<string>();
  let cursor = '0';
  let rounds = 0;
  do {
    const [next, entries] = await link.run((redis) => redis.hscan(key, cursor, 'COUNT', 500));
    cursor = next;
    rounds += 1;
    for (let at = 0; at + 1 < entries.length; at += 2) {
      const tag = entries[at] ?? '';
      if (seen.has(tag)) continue;
      seen.add(tag);
      const queue = routingKeyOf(entries[at + 1] ?? '');
      if (queue !== null) counts.set(queue, (counts.get(queue) ?? 0) + 1);
    }
  } while (cursor !== '0' && rounds < 100);
  return cursor === '0' ? counts : 'The messages in flight changed faster than they were counted';
}

/** The last element of the stored triple, without reading the envelope before it. */
export function routingKeyOf(triple: string): string | null {
  const match = /"((?:[^"\\]|\\.)*)"\s*\]\s*$/.exec(triple.slice(-600));
  if (match === null) return null;
  try {
    return JSON.parse(`"${match[1] ?? ''}"`) as string;
  } catch {
    return null;
  }
}
