// Finding the queues of a Redis broker: from the bindings that processes declared, and from lists that hold messages. The
// walk through the key space is bounded, and says when it did not reach the end.
import {
  BINDING_KEY_PREFIX,
  decodeEnvelope,
  parseBinding,
  parseQueueKey,
  withoutKeyPrefix,
} from '../../celery/redis-layout.ts';
import type { QueueListing, QueueListings } from '../transport.ts';
import { MALFORMED_KEY } from './redis-consumer.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

const MAX_ROUNDS = 1000;
const MAX_LISTS = 5000;
const MAX_CHECKED = 500;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export async function listRedisQueues(
  link: RedisLink,
  settings: RedisSettings,
): Promise<QueueListings> {
  const prefix = settings.fanout.globalKeyPrefix ?? '';
  const pattern = (rest: string) => `${prefix.replace(/[*?[\]\\]/g, '\\$&')}${rest}`;
  const bindings = await scan(link, pattern(`${BINDING_KEY_PREFIX}*`), 'set');
  const lists = await scan(link, pattern('*'), 'list');
  const queues = new Map<string, QueueListing>();
  for (const key of bindings.keys) await addBindings(link, settings, key, prefix, queues);
  let checked = 0;
  for (const key of lists.keys) {
    const name = parseQueueKey(withoutKeyPrefix(key, prefix) ?? key, settings.sep).queue;
    if (queues.has(name) || name === MALFORMED_KEY) continue;
    checked += 1;
    if (checked > MAX_CHECKED) break;
    if (await holdsMessages(link, key)) queues.set(name, listing(name, 'broker', settings));
  }
  const isCut = bindings.isCut || lists.isCut || checked > MAX_CHECKED;
  return {
    queues: [...queues.values()],
    complete: !isCut,
    reason: isCut ? 'The database holds more keys than are looked through' : null,
  };
}

async function addBindings(
  link: RedisLink,
  settings: RedisSettings,
  key: string,
  prefix: string,
  queues: Map<string, QueueListing>,
): Promise<void> {
  const exchange = (withoutKeyPrefix(key, prefix) ?? key).slice(BINDING_KEY_PREFIX.length);
  let cursor = '0';
  let rounds = 0;
  do {
    const [next, members] = await link.run((redis) => redis.sscan(key, cursor, 'COUNT', 1000));
    cursor = next;
    rounds += 1;
    for (const member of members) {
      const binding = parseBinding(member, settings.sep);
      if (binding === null) continue;
      const known = queues.get(binding.queue) ?? listing(binding.queue, 'binding', settings);
      const { routingKey } = binding;
      known.bindings.push({ exchange, routingKey });
      known.task &&= !isSystemExchange(exchange, settings);
      queues.set(binding.queue, known);
    }
  } while (cursor !== '0' && rounds < 100 && queues.size < MAX_LISTS);
}

function isSystemExchange(exchange: string, settings: RedisSettings): boolean {
  return exchange === settings.eventExchange || exchange.endsWith('.pidbox');
}

function listing(
  name: string,
  source: QueueListing['source'],
  settings: RedisSettings,
): QueueListing {
  const isSystem =
    name.endsWith('.pidbox') || name.startsWith(`${settings.eventExchange}.`) || UUID.test(name);
  return {
    name,
    source,
    bindings: [],
    durable: null,
    queueType: null,
    arguments: {},
    task: !isSystem,
  };
}

async function holdsMessages(link: RedisLink, key: string): Promise<boolean> {
  const size = await link.run((redis) => redis.lindexBuffer(key, -1)).catch(() => null);
  if (size === null) return false;
  const message = decodeEnvelope(size);
  return message.ok && message.value.contentType !== '';
}

async function scan(
  link: RedisLink,
  pattern: string,
  type: 'set' | 'list',
): Promise<{ keys: string[]; isCut: boolean }> {
  const keys = new Set<string>();
  let cursor = '0';
  let rounds = 0;
  do {
    const [next, found] = await link.run((redis) =>
      redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000, 'TYPE', type),
    );
    cursor = next;
    rounds += 1;
    for (const key of found) keys.add(key);
  } while (cursor !== '0' && rounds < MAX_ROUNDS && keys.size < MAX_LISTS);
  return { keys: [...keys], isCut: cursor !== '0' };
}
