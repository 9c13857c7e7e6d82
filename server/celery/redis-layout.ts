// How kombu's Redis transport lays things out: key names, priority steps, bindings, fanout channels.
// Mirrors kombu.transport.redis and kombu.transport.virtual. Pure text; envelopes are in envelope.ts.

export { decodeEnvelope, decodeUnacked, encodeEnvelope } from './envelope.ts';

export const DEFAULT_SEP = '\x06\x16';
export const DEFAULT_PRIORITY_STEPS: readonly number[] = [0, 3, 6, 9];
export const UNACKED_KEY = 'unacked';
export const UNACKED_INDEX_KEY = 'unacked_index';
export const UNACKED_MUTEX_KEY = 'unacked_mutex';
export const UNACKED_MUTEX_EXPIRE_MS = 300_000;
export const DEFAULT_VISIBILITY_TIMEOUT_MS = 3_600_000;
export const BINDING_KEY_PREFIX = '_kombu.binding.';

/** The greatest step that is not above the priority, which is clamped to 0 to 9 first. */
export function priorityStep(
  priority: number | null | undefined,
  steps: readonly number[] = DEFAULT_PRIORITY_STEPS,
): number {
  const clamped = Number.isFinite(priority) ? Math.max(0, Math.min(9, Number(priority))) : 0;
  let best = steps[0] ?? 0;
  for (const step of steps) {
    if (step <= clamped && step > best) best = step;
  }
  return best;
}

/** The list of one priority step; step 0 has no suffix. */
export function queueKey(queue: string, step: number, sep: string = DEFAULT_SEP): string {
  return step === 0 ? queue : `${queue}${sep}${String(step)}`;
}

/** All lists of a queue in the order in which they are consumed: the lowest step first. */
export function queueKeys(
  queue: string,
  steps: readonly number[] = DEFAULT_PRIORITY_STEPS,
  sep: string = DEFAULT_SEP,
): string[] {
  return steps.map((step) => queueKey(queue, step, sep));
}

/** The keys that one `BRPOP` names: step by step, queues inside a step. */
export function consumeKeys(
  queues: readonly string[],
  steps: readonly number[] = DEFAULT_PRIORITY_STEPS,
  sep: string = DEFAULT_SEP,
): string[] {
  return steps.flatMap((step) => queues.map((queue) => queueKey(queue, step, sep)));
}

/** Queue and step of a list's key. A suffix that is no number belongs to the name. */
export function parseQueueKey(
  key: string,
  sep: string = DEFAULT_SEP,
): { queue: string; step: number } {
  const at = sep === '' ? -1 : key.lastIndexOf(sep);
  if (at > 0) {
    const suffix = key.slice(at + sep.length);
    if (/^\d{1,3}$/.test(suffix)) return { queue: key.slice(0, at), step: Number(suffix) };
  }
  return { queue: key, step: 0 };
}

/** A member of `_kombu.binding.<exchange>`. */
export type RedisBinding = { routingKey: string; pattern: string; queue: string };

/** `null` for a member that is not of three parts. */
export function parseBinding(member: string, sep: string = DEFAULT_SEP): RedisBinding | null {
  const [routingKey, pattern, queue, ...more] = member.split(sep);
  if (routingKey === undefined || pattern === undefined || queue === undefined) return null;
  return more.length > 0 || queue === '' ? null : { routingKey, pattern, queue };
}

export function encodeBinding(binding: RedisBinding, sep: string = DEFAULT_SEP): string {
  return [binding.routingKey, binding.pattern, binding.queue].join(sep);
}

export function bindingKey(exchange: string): string {
  return `${BINDING_KEY_PREFIX}${exchange}`;
}

/** `global_keyprefix` stands before every key and channel of the transport. */
export function withKeyPrefix(name: string, globalKeyPrefix = ''): string {
  return `${globalKeyPrefix}${name}`;
}

/** `null` when the name does not carry the prefix, so that it is not ours. */
export function withoutKeyPrefix(name: string, globalKeyPrefix = ''): string | null {
  return name.startsWith(globalKeyPrefix) ? name.slice(globalKeyPrefix.length) : null;
}

/** `transport_options` that decide about fanout channels; all processes must agree on them. */
export type FanoutOptions = {
  db: number;
  /** `true` is `/<db>.`, `false` none, text replaces it (`{db}` stands for the number). */
  fanoutPrefix?: boolean | string;
  fanoutPatterns?: boolean;
  globalKeyPrefix?: string;
};

function fanoutPrefix(options: FanoutOptions): string {
  const { fanoutPrefix: prefix = true, db, globalKeyPrefix = '' } = options;
  if (prefix === false) return globalKeyPrefix;
  const text = prefix === true ? '/{db}.' : prefix;
  return `${globalKeyPrefix}${text.replaceAll('{db}', String(db))}`;
}

/** The channel that a message to a fanout exchange is published on. */
export function fanoutChannel(
  exchange: string,
  routingKey: string,
  options: FanoutOptions,
): string {
  const channel = `${fanoutPrefix(options)}${exchange}`;
  if (routingKey === '' || options.fanoutPatterns === false) return channel;
  return `${channel}/${routingKey}`;
}

/** What to `PSUBSCRIBE` for the events of an exchange; `#` of the binding key becomes `*`. */
export function eventPattern(
  options: FanoutOptions,
  exchange = 'celeryev',
  bindingPattern = '#',
): string {
  return fanoutChannel(exchange, bindingPattern, options).replaceAll('#', '*');
}

/** Exchange and routing key of a channel, or `null` when the channel belongs to something else. */
export function parseFanoutChannel(
  channel: string,
  options: FanoutOptions,
): { exchange: string; routingKey: string } | null {
  const prefix = fanoutPrefix(options);
  if (!channel.startsWith(prefix)) return null;
  const rest = channel.slice(prefix.length);
  const slash = options.fanoutPatterns === false ? -1 : rest.indexOf('/');
  if (slash < 0) return { exchange: rest, routingKey: '' };
  return { exchange: rest.slice(0, slash), routingKey: rest.slice(slash + 1) };
}

/**
 * The stored `pattern` of a topic binding, written as kombu does. Match with `matchesTopic`: the
 * pattern of another process is data, and is never compiled.
 */
export function topicPattern(bindingKeyText: string): string {
  if (bindingKeyText === '') return '';
  const words = bindingKeyText.split('.').map((word) => {
    if (word === '*') return '.*?[^\\.]';
    return word === '#' ? '.*?' : word;
  });
  return `^${words.join('\\.')}$`;
}

/**
 * Whether a topic binding key matches, with kombu's (not AMQP's) meaning: `#` is any text, `*` is any
 * text that does not end in a dot. Bounded work for any input.
 */
export function matchesTopic(bindingKeyText: string, routingKey: string): boolean {
  let ends = new Set([0]);
  for (const [index, word] of bindingKeyText.split('.').entries()) {
    if (index > 0) ends = afterText(ends, '.', routingKey);
    ends =
      word === '*' || word === '#'
        ? afterWild(ends, word, routingKey)
        : afterText(ends, word, routingKey);
    if (ends.size === 0) return false;
  }
  return ends.has(routingKey.length);
}

function afterText(starts: ReadonlySet<number>, text: string, routingKey: string): Set<number> {
  const ends = new Set<number>();
  for (const start of starts) {
    if (routingKey.startsWith(text, start)) ends.add(start + text.length);
  }
  return ends;
}

function afterWild(starts: ReadonlySet<number>, word: string, routingKey: string): Set<number> {
  const ends = new Set<number>();
  const first = Math.min(...starts);
  if (word === '#') ends.add(first);
  for (let end = first + 1; end <= routingKey.length; end += 1) {
    if (word === '#' || routingKey[end - 1] !== '.') ends.add(end);
  }
  return ends;
}
