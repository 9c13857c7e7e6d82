// Listing and measuring RabbitMQ's queues: what waits and who consumes by passive declares, which are exact at that moment; of many
// queues by the management API alone, a request a sample, whose figures are up to five seconds old. What is in flight, and which
// queues there are, only it knows.
import { isAppError, errorText } from '../../core/errors.ts';
import type { QueueListing, QueueListings, QueueMeasure } from '../transport.ts';
import { LOST, type AmqpLink } from './amqp-link.ts';
import type { ManagementApi, ManagedQueue } from './management.ts';

/** Of more queues than these a declare each would be a load of its own. */
const MAX_DECLARED = 100;
const CHANNELS = 8;
/** Each channel is opened for the sample: few queues need only one. */
const QUEUES_A_CHANNEL = 25;
const MAX_BINDINGS_A_QUEUE = 50;

type Count = { ready: number; consumers: number } | { missing: true } | { error: unknown };

export async function listAmqpQueues(
  link: AmqpLink,
  management: ManagementApi,
  eventExchange: string,
): Promise<QueueListings> {
  const found = await management.queues(link.server());
  if (!found.ok) return { queues: [], complete: false, reason: found.reason };
  const bound = await management.bindings(link.server());
  const bindings = new Map<string, QueueListing['bindings']>();
  for (const { queue, exchange, routingKey } of bound.ok ? bound.bindings : []) {
    const own = bindings.get(queue) ?? [];
    if (own.length < MAX_BINDINGS_A_QUEUE) own.push({ exchange, routingKey });
    bindings.set(queue, own);
  }
  const reasons = [
    ...(found.isCut ? [`Only the first ${found.queues.length} queues were read`] : []),
    ...(bound.ok ? [] : [bound.reason]),
  ];
  return {
    complete: !found.isCut,
    reason: reasons.length === 0 ? null : reasons.join('; '),
    queues: found.queues.map((queue) => ({
      name: queue.name,
      source: 'broker',
      bindings: bindings.get(queue.name) ?? [],
      durable: queue.durable,
      queueType: queue.type,
      arguments: queue.arguments,
      task:
        !queue.exclusive &&
        !queue.name.endsWith('.pidbox') &&
        !queue.name.startsWith(`${eventExchange}.`) &&
        !(queue.autoDelete && 'x-expires' in queue.arguments) &&
        !queue.name.startsWith('celery_delayed_'),
    })),
  };
}

export async function measureAmqpQueues(
  link: AmqpLink,
  management: ManagementApi,
  names: readonly string[],
): Promise<QueueMeasure[]> {
  const managed = await management.queues(link.server());
  if (!managed.ok) {
    const counts = await countQueues(link, names);
    const why = `In flight is unknown: ${managed.reason}`;
    return names.map((name) => toMeasure(name, counts.get(name), null, why));
  }
  const known = new Map(managed.queues.map((queue) => [queue.name, queue]));
  const isCounted = (name: string) => {
    if (names.length <= MAX_DECLARED) return false;
    const queue = known.get(name);
    if (queue === undefined) return !managed.isCut;
    return queue.ready !== null && queue.consumers !== null;
  };
  const counts = await countQueues(
    link,
    names.filter((name) => !isCounted(name)),
  );
  const why = 'In flight is not known yet';
  return names.map((name) => {
    const queue = known.get(name);
    const count = counts.get(name) ?? countOf(queue);
    return toMeasure(name, count, queue?.unacked ?? null, why);
  });
}

function countOf(queue: ManagedQueue | undefined): Count {
  return queue === undefined
    ? { missing: true }
    : { ready: queue.ready ?? 0, consumers: queue.consumers ?? 0 };
}

/** `why` nothing is known of what is in flight, where that is so. */
function toMeasure(
  name: string,
  count: Count | undefined,
  inFlight: number | null,
  why: string,
): QueueMeasure {
  const unknown = { name, ready: null, readyByPriority: null, inFlight: null, consumers: null };
  if (count === undefined || 'error' in count) {
    const reason = count === undefined ? 'Not measured' : errorText(count.error);
    return { ...unknown, exists: null, reason };
  }
  if ('missing' in count) return { ...unknown, exists: false, reason: 'The queue does not exist' };
  const { ready, consumers } = count;
  const reason = inFlight === null ? why : null;
  return { name, exists: true, ready, readyByPriority: null, inFlight, consumers, reason };
}

/** On a few channels side by side; a queue that is refused costs its channel, not the others' answers. */
async function countQueues(link: AmqpLink, names: readonly string[]): Promise<Map<string, Count>> {
  const counts = new Map<string, Count>();
  const left = [...new Set(names)].reverse();
  const work = async () => {
    while (left.length > 0) {
      let current: string | undefined;
      try {
        await link.errand(
          async (channel) => {
            for (current = left.pop(); current !== undefined; current = left.pop()) {
              const { messageCount, consumerCount } = await link.inTime(
                channel.checkQueue(current),
              );
              counts.set(current, { ready: messageCount, consumers: consumerCount });
            }
          },
          { isLong: true },
        );
      } catch (error) {
        if (current === undefined) throw error;
        const isMissing = isAppError(error) && error.code === 'not_found';
        counts.set(current, isMissing ? { missing: true } : { error });
        if (isAppError(error) && LOST.has(error.code)) return;
      }
    }
  };
  const channels = Math.min(CHANNELS, Math.ceil(left.length / QUEUES_A_CHANNEL));
  await Promise.all(Array.from({ length: channels }, work));
  return counts;
}
