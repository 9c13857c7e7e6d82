// Measuring queues in Redis in one round trip, and counting what is in flight for each from the bounded hash `unacked`.
import { UNACKED_KEY } from '../../celery/redis-layout.ts';
import type { PublishTarget, QueueMeasure } from '../transport.ts';
import { Bindings } from './redis-bindings.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

export const MAX_COUNTED_IN_FLIGHT = 5000;
const NO_CONSUMERS = 'Redis does not know consumers';
const SHARED =
  'What is in flight is not known: other queues get the same messages, and Redis does not say from which of them one was taken';

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
      ? await countInFlight(link, settings, hlen)
      : `unacked cannot be read: ${hlenError?.message ?? 'no answer'}`;
  const { steps } = settings;
  return names.map((name, index) => {
    const own = answers.slice(index * steps.length, (index + 1) * steps.length);
    const failed = own.find(([error]) => error !== null)?.[0];
    const counts = own.map(([, count]) => (typeof count === 'number' ? count : 0));
    const ready = failed === undefined ? counts.reduce((sum, count) => sum + count, 0) : null;
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
          : steps.map((priority, step) => ({ priority, ready: counts[step] ?? 0 })),
      inFlight: typeof inFlight === 'string' || isShared ? null : (inFlight.byQueue.get(name) ?? 0),
      consumers: null,
      reason: reasons.join('; '),
    };
  });
}

type InFlight = {
  byQueue: Map<string, number>;
  /** Queues of which some messages in flight went to others, too. */
  shared: Set<string>;
};

/** By queue, or why it cannot be told. */
async function countInFlight(
  link: RedisLink,
  settings: RedisSettings,
  total: number,
): Promise<InFlight | string> {
  if (total > MAX_COUNTED_IN_FLIGHT) {
    return `${total} messages are in flight in all queues together; they are counted by queue up to ${MAX_COUNTED_IN_FLIGHT}`;
  }
  const key = settings.key(UNACKED_KEY);
  const targets: { target: PublishTarget; count: number }[] = [];
  const known = new Map<string, number>();
  const seen = new Set<string>();
  let cursor = total === 0 ? null : '0';
  for (let rounds = 0; cursor !== null && rounds < 100; rounds += 1) {
    const from = cursor;
    const [next, entries] = await link.run((redis) => redis.hscan(key, from, 'COUNT', 500));
    cursor = next === '0' ? null : next;
    for (let at = 0; at + 1 < entries.length; at += 2) {
      const tag = entries[at] ?? '';
      if (seen.has(tag)) continue;
      seen.add(tag);
      const target = targetOf(entries[at + 1] ?? '');
      if (target === null) continue;
      const name = JSON.stringify(target);
      const index = known.get(name) ?? targets.push({ target, count: 0 }) - 1;
      known.set(name, index);
      const counted = targets[index];
      if (counted !== undefined) counted.count += 1;
    }
  }
  if (cursor !== null) return 'The messages in flight changed faster than they were counted';
  return sumByQueue(new Bindings(link, settings), targets);
}

async function sumByQueue(
  bindings: Bindings,
  targets: readonly { target: PublishTarget; count: number }[],
): Promise<InFlight> {
  const inFlight: InFlight = { byQueue: new Map(), shared: new Set() };
  for (const { target, count } of targets) {
    const queues = await bindings.queuesOf(target).catch(() => []);
    const [only = target.routingKey] = queues;
    if (queues.length > 1) for (const queue of queues) inFlight.shared.add(queue);
    else inFlight.byQueue.set(only, (inFlight.byQueue.get(only) ?? 0) + count);
  }
  return inFlight;
}

const TAIL = /"((?:[^"\\]|\\.)*)"\s*,\s*"((?:[^"\\]|\\.)*)"\s*\]\s*$/;
const TAIL_CHARS = 1200;

/** The last two elements of the stored triple, without reading the envelope before them. */
function targetOf(triple: string): PublishTarget | null {
  const match = TAIL.exec(triple.slice(-TAIL_CHARS));
  if (match === null) return null;
  try {
    const [exchange, routingKey] = JSON.parse(`["${match[1] ?? ''}","${match[2] ?? ''}"]`) as [
      string,
      string,
    ];
    return { exchange, routingKey };
  } catch {
    return null;
  }
}
