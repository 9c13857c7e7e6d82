// Looking at messages in Redis without taking them: bounded slices of the lists, and a bounded walk through `unacked`.
import { isUtf8 } from 'node:buffer';
import {
  UNACKED_INDEX_KEY,
  UNACKED_KEY,
  decodeEnvelope,
  decodeUnacked,
} from '../../celery/redis-layout.ts';
import type { InFlightPeek, InFlightWanted, Peek, PeekedMessage } from '../transport.ts';
import { Bindings } from './redis-bindings.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

export const MAX_PEEK = 1000;
const MAX_PEEK_BYTES = 32 * 1024 * 1024;
const SLICE = 50;
/** Of messages whose size is not known yet. */
const FIRST_SLICE = 4;
const SLICE_BYTES = 4 * 1024 * 1024;
const MAX_SCANNED = 20_000;

export async function peekRedis(
  link: RedisLink,
  settings: RedisSettings,
  queue: string,
  options: { from: 'next' | 'newest'; limit: number },
): Promise<Peek> {
  const limit = Math.min(options.limit, MAX_PEEK);
  const lists = settings.steps.map((priority, index) => ({
    priority,
    key: settings.keysOf(queue)[index] ?? queue,
  }));
  if (options.from === 'newest') lists.reverse();
  const messages: PeekedMessage[] = [];
  let bytes = 0;
  for (const { key, priority } of lists) {
    for (let at = 0; ;) {
      const wanted = Math.min(sliceFor(bytes, messages.length), limit + 1 - messages.length);
      const found = await link.run((redis) =>
        options.from === 'next'
          ? redis.lrangeBuffer(key, -at - wanted, -at - 1)
          : redis.lrangeBuffer(key, at, at + wanted - 1),
      );
      if (options.from === 'next') found.reverse();
      for (const element of found) {
        if (messages.length >= limit || bytes > MAX_PEEK_BYTES) {
          return { supported: true, reason: null, messages, truncated: true };
        }
        bytes += element.length;
        messages.push(toPeeked(element, queue, priority));
      }
      if (found.length < wanted) break;
      at += wanted;
    }
  }
  return { supported: true, reason: null, messages, truncated: false };
}

/** Large messages are read a few at a time, however many are wanted. */
function sliceFor(bytes: number, count: number): number {
  if (count === 0) return FIRST_SLICE;
  return Math.max(1, Math.min(SLICE, Math.floor((SLICE_BYTES * count) / Math.max(1, bytes))));
}

function toPeeked(element: Buffer, queue: string, priority: number): PeekedMessage {
  const decoded = decodeEnvelope(element);
  return {
    message: decoded.ok ? decoded.value : null,
    queue,
    priority: decoded.ok ? (decoded.value.properties.priority ?? priority) : priority,
    deliveredAt: null,
    sizeBytes: element.length,
    issue: decoded.ok ? null : decoded.message,
  };
}

export async function peekRedisInFlight(
  link: RedisLink,
  settings: RedisSettings,
  options: InFlightWanted,
): Promise<InFlightPeek> {
  const limit = Math.min(options.limit, MAX_PEEK);
  const [unacked, index] = [settings.key(UNACKED_KEY), settings.key(UNACKED_INDEX_KEY)];
  const bindings = new Bindings(link, settings);
  const found: { tag: string; peeked: PeekedMessage }[] = [];
  const seen = new Set<string>();
  let cursor = options.after ?? '0';
  let bytes = 0;
  let isCut = false;
  do {
    const count = 4 * sliceFor(bytes, seen.size);
    const [next, entries] = await link.run((redis) =>
      redis.hscanBuffer(unacked, cursor, 'COUNT', count),
    );
    cursor = next.toString();
    for (let at = 0; at + 1 < entries.length; at += 2) {
      const [tag, value] = [entries[at]?.toString() ?? '', entries[at + 1] ?? Buffer.alloc(0)];
      if (seen.has(tag)) continue;
      seen.add(tag);
      bytes += value.length;
      if (!mayMatch(value, options)) continue;
      const peeked = await toInFlight(value, bindings);
      if (!isWanted(peeked, options)) continue;
      found.push({ tag, peeked });
    }
    // Never inside of a page: the cursor leads only to the next one.
    isCut = found.length >= limit || seen.size > MAX_SCANNED || bytes > MAX_PEEK_BYTES * 2;
  } while (cursor !== '0' && !isCut);
  const scores = await link.run((redis) => {
    const pipeline = redis.pipeline();
    for (const { tag } of found) pipeline.zscore(index, tag);
    return pipeline.exec();
  });
  const messages = found.map(({ peeked }, at) => {
    const score = Number(scores?.[at]?.[1] ?? Number.NaN);
    return { ...peeked, deliveredAt: Number.isFinite(score) ? Math.round(score * 1000) : null };
  });
  const next = cursor === '0' ? null : cursor;
  return { supported: true, reason: null, messages, truncated: next !== null, next };
}

/** A quick look at the bytes, before anything is decoded. */
function mayMatch(value: Buffer, { ids }: { ids?: readonly string[] }): boolean {
  if (ids === undefined || ids.length > 20) return true;
  return ids.some((id) => !/^[\w.-]+$/.test(id) || value.includes(id));
}

function isWanted(
  peeked: PeekedMessage,
  { queue, ids }: { queue?: string; ids?: readonly string[] },
): boolean {
  if (queue !== undefined && peeked.queue !== queue) return false;
  if (ids === undefined) return true;
  const id = peeked.message?.headers['id'] ?? peeked.message?.properties.correlationId;
  return typeof id === 'string' && ids.includes(id);
}

async function toInFlight(value: Buffer, bindings: Bindings): Promise<PeekedMessage> {
  const decoded = isUtf8(value) ? decodeUnacked(value) : null;
  const isRead = decoded?.ok === true;
  const queues = isRead ? await bindings.queuesOf(decoded.value).catch(() => []) : [];
  return {
    message: isRead ? decoded.value.message : null,
    // Of several that got it, which one it was taken from is not told.
    queue: queues.length > 1 ? '' : (queues[0] ?? (isRead ? decoded.value.routingKey : '')),
    priority: isRead ? (decoded.value.message.properties.priority ?? null) : null,
    deliveredAt: null,
    sizeBytes: value.length,
    issue: isRead ? null : (decoded?.message ?? 'The text is not UTF-8'),
  };
}
