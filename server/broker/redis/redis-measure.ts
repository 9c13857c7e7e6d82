// Measuring queues in Redis: what waits in one round trip, and what is in flight as it is counted beside it.
import { UNACKED_KEY } from '../../celery/redis-layout.ts';
import type { QueueMeasure } from '../transport.ts';
import type { InFlightCounts } from './in-flight-counts.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

const NO_CONSUMERS = 'Redis does not know consumers';
const SHARED =
  'What is in flight is not known: other queues get the same messages, and Redis does not say from which of them one was taken';

export async function measureRedisQueues(
  link: RedisLink,
  settings: RedisSettings,
  counts: InFlightCounts,
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
      ? await counts.count(hlen)
      : `unacked cannot be read: ${hlenError?.message ?? 'no answer'}`;
  const { steps } = settings;
  return names.map((name, index) => {
    const own = answers.slice(index * steps.length, (index + 1) * steps.length);
    const failed = own.find(([error]) => error !== null)?.[0];
    const waiting = own.map(([, count]) => (typeof count === 'number' ? count : 0));
    const ready = failed === undefined ? waiting.reduce((sum, count) => sum + count, 0) : null;
    const isShared = typeof inFlight !== 'string' && inFlight.shared.has(name);
    const reasons = [
      ...(failed == null ? [] : [`The length cannot be read: ${failed.message}`]),
      ...(typeof inFlight === 'string' ? [inFlight] : []),
      ...(isShared ? [SHARED] : []),
      NO_CONSUMERS,
    ];
    return {
      name,
      exists: ready === null ? null : ready > 0 ? true : null,
      ready,
      readyByPriority:
        ready === null
          ? null
          : steps.map((priority, step) => ({ priority, ready: waiting[step] ?? 0 })),
      inFlight: typeof inFlight === 'string' || isShared ? null : (inFlight.byQueue.get(name) ?? 0),
      consumers: null,
      reason: reasons.join('; '),
    };
  });
}
