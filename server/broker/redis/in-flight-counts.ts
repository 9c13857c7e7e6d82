// What is in flight for each queue, counted exactly from the hash `unacked`. A message never changes while it is in flight: it is
// read once, and of those seen before only the tag. What is read in one sample is bounded; until all are read, nothing is said.
import { UNACKED_KEY } from '../../celery/redis-layout.ts';
import { Bindings } from './redis-bindings.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

export const MAX_COUNTED_IN_FLIGHT = 20_000;
const MAX_SAMPLE_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const MAX_CHUNK = 200;
const FIRST_CHUNK = 20;

export type InFlight = {
  byQueue: ReadonlyMap<string, number>;
  /** Queues of which some messages in flight went to others, too. */
  shared: ReadonlySet<string>;
};

/** Exchange and routing key as a JSON list; null where the entry is no message. */
type Target = string | null;

export class InFlightCounts {
  readonly #link: RedisLink;
  readonly #settings: RedisSettings;
  /** Where each message in flight was sent, by its tag. */
  #targets = new Map<string, Target>();

  constructor(link: RedisLink, settings: RedisSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  /** By queue, or why it cannot be told. `total`: how many there are. */
  async count(total: number): Promise<InFlight | string> {
    if (total > MAX_COUNTED_IN_FLIGHT) {
      this.#targets.clear();
      return `${total} messages are in flight in all queues together; they are counted by queue up to ${MAX_COUNTED_IN_FLIGHT}`;
    }
    const key = this.#settings.key(UNACKED_KEY);
    const tags = total === 0 ? [] : await this.#link.run((redis) => redis.hkeys(key));
    const known = new Map<string, Target>();
    const unread: string[] = [];
    for (const tag of tags) {
      const target = this.#targets.get(tag);
      if (target === undefined) unread.push(tag);
      else known.set(tag, target);
    }
    const left = await this.#read(key, unread, known);
    this.#targets = known;
    return left === 0
      ? this.#sum(known.values())
      : `${total} messages are in flight in all queues together; ${left} of them, large ones, were not looked at yet`;
  }

  /** How many were left for the next time. */
  async #read(key: string, tags: readonly string[], known: Map<string, Target>): Promise<number> {
    let [bytes, chunk] = [0, FIRST_CHUNK];
    for (let at = 0; at < tags.length; at += chunk) {
      if (bytes > MAX_SAMPLE_BYTES) return tags.length - at;
      if (at > 0) chunk = chunkFor(bytes / at);
      const wanted = tags.slice(at, at + chunk);
      const values = await this.#link.run((redis) => redis.hmget(key, ...wanted));
      for (const [index, value] of values.entries()) {
        const tag = wanted[index];
        // Acknowledged meanwhile.
        if (value === null || tag === undefined) continue;
        bytes += value.length;
        known.set(tag, targetOf(value));
      }
    }
    return 0;
  }

  async #sum(targets: Iterable<Target>): Promise<InFlight> {
    const counts = new Map<string, number>();
    for (const target of targets) {
      if (target !== null) counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    const bindings = new Bindings(this.#link, this.#settings);
    const byQueue = new Map<string, number>();
    const shared = new Set<string>();
    for (const [target, count] of counts) {
      const [exchange, routingKey] = JSON.parse(target) as [string, string];
      const queues = await bindings.queuesOf({ exchange, routingKey }).catch(() => []);
      const [only = routingKey] = queues;
      if (queues.length > 1) for (const queue of queues) shared.add(queue);
      else byQueue.set(only, (byQueue.get(only) ?? 0) + count);
    }
    return { byQueue, shared };
  }
}

function chunkFor(averageBytes: number): number {
  return Math.max(1, Math.min(MAX_CHUNK, Math.floor(CHUNK_BYTES / Math.max(1, averageBytes))));
}

const TAIL = /"((?:[^"\\]|\\.)*)"\s*,\s*"((?:[^"\\]|\\.)*)"\s*\]\s*$/;
const TAIL_CHARS = 1200;

/** The last two elements of the stored triple, without reading the envelope before them. */
function targetOf(triple: string): Target {
  const match = TAIL.exec(triple.slice(-TAIL_CHARS));
  return match === null ? null : `["${match[1] ?? ''}","${match[2] ?? ''}"]`;
}
