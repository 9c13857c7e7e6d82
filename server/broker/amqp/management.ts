// RabbitMQ's management API, where it answers: queues with their counts, page by page and only the columns needed.
// Certificates are verified. What goes wrong is kept as a sentence, never shown as an empty list.
import { errorText } from '../../core/errors.ts';
import { readManagement } from './management-request.ts';
import type { AmqpServer } from '../broker-url.ts';

export type ManagedQueue = {
  name: string;
  durable: boolean;
  type: string | null;
  arguments: Record<string, unknown>;
  ready: number | null;
  unacked: number | null;
  consumers: number | null;
  exclusive: boolean;
  autoDelete: boolean;
};

export type ManagedBinding = { exchange: string; queue: string; routingKey: string };

export type ManagedQueues =
  | { ok: true; queues: ManagedQueue[]; isCut: boolean; readAt: number }
  | { ok: false; reason: string };

export type ManagedBindings =
  { ok: true; bindings: ManagedBinding[] } | { ok: false; reason: string };

type Base = { url: string; authorization: string };

const RETRY_AFTER_MS = 60_000;
/** Two readers at nearly the same time share one answer. */
const FRESH_MS = 1000;
const PAGE_SIZE = 500;
const MAX_PAGES = 20;
const COLUMNS =
  'name,durable,type,arguments,messages_ready,messages_unacknowledged,consumers,exclusive,auto_delete';
const BINDING_COLUMNS = 'source,destination,destination_type,routing_key';

export class ManagementApi {
  readonly #configured: string | null;
  #base: Base | null = null;
  #latest: { at: number; answer: Promise<ManagedQueues> } | null = null;
  #failure: { reason: string; at: number } | null = null;

  constructor(url: string | undefined) {
    this.#configured = url ?? null;
  }

  queues(server: AmqpServer): Promise<ManagedQueues> {
    const now = Date.now();
    if (this.#latest !== null && now - this.#latest.at < FRESH_MS) return this.#latest.answer;
    const answer = this.#queues(server);
    this.#latest = { at: now, answer };
    return answer;
  }

  /** All bindings of the virtual host in one bounded request; only after the queues could be read. */
  async bindings(server: AmqpServer): Promise<ManagedBindings> {
    const base = this.#base;
    if (base === null) return { ok: false, reason: 'The management API does not answer' };
    try {
      const path = `bindings/${encodeURIComponent(server.vhost)}?columns=${BINDING_COLUMNS}`;
      const answer = await readManagement(base, path);
      const all = Array.isArray(answer) ? (answer as unknown[]) : [];
      return { ok: true, bindings: all.flatMap(toBinding) };
    } catch (error) {
      return { ok: false, reason: `The bindings cannot be read: ${whyOf(error)}` };
    }
  }

  async #queues(server: AmqpServer): Promise<ManagedQueues> {
    if (this.#failure !== null && Date.now() - this.#failure.at < RETRY_AFTER_MS) {
      return { ok: false, reason: this.#failure.reason };
    }
    const reasons: string[] = [];
    const candidates = this.#base === null ? this.#candidates(server) : [this.#base];
    for (const base of candidates) {
      try {
        const found = await readQueues(base, server.vhost);
        this.#base = base;
        this.#failure = null;
        return { ok: true, ...found, readAt: Date.now() };
      } catch (error) {
        reasons.push(`${base.url}: ${whyOf(error)}`);
      }
    }
    this.#base = null;
    const reason =
      candidates.length === 0
        ? 'The address of the management API is not a URL like http://user:password@host:15672/api/'
        : `The management API does not answer (${reasons.join('; ')})`;
    this.#failure = { reason, at: Date.now() };
    return { ok: false, reason };
  }

  #candidates(server: AmqpServer): Base[] {
    const own = basic(server.username, server.password);
    if (this.#configured !== null) {
      try {
        const url = new URL(this.#configured);
        const authorization =
          url.username === ''
            ? own
            : basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
        const path = url.pathname.replace(/\/+$/, '').replace(/\/api$/, '');
        return [{ url: `${url.origin}${path}/api/`, authorization }];
      } catch {
        return [];
      }
    }
    const host = server.host.includes(':') ? `[${server.host}]` : server.host;
    return [
      { url: `http://${host}:15672/api/`, authorization: own },
      { url: `https://${host}:15671/api/`, authorization: own },
    ];
  }
}

async function readQueues(
  base: Base,
  vhost: string,
): Promise<{ queues: ManagedQueue[]; isCut: boolean }> {
  const queues: ManagedQueue[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const query = `page=${page}&page_size=${PAGE_SIZE}&columns=${COLUMNS}`;
    const path = `queues/${encodeURIComponent(vhost)}?${query}`;
    const answer = (await readManagement(base, path)) as { items?: unknown; page_count?: number };
    const items = Array.isArray(answer.items) ? (answer.items as unknown[]) : [];
    queues.push(...items.flatMap(toQueue));
    if (page >= (answer.page_count ?? 1)) return { queues, isCut: false };
  }
  return { queues, isCut: true };
}

function toQueue(raw: unknown): ManagedQueue[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const item = raw as Record<string, unknown>;
  if (typeof item['name'] !== 'string') return [];
  const count = (value: unknown) => (typeof value === 'number' ? value : null);
  return [
    {
      name: item['name'],
      durable: item['durable'] === true,
      type: typeof item['type'] === 'string' ? item['type'] : null,
      arguments: { ...(item['arguments'] as object | undefined) },
      ready: count(item['messages_ready']),
      unacked: count(item['messages_unacknowledged']),
      consumers: count(item['consumers']),
      exclusive: item['exclusive'] === true,
      autoDelete: item['auto_delete'] === true,
    },
  ];
}

/** Bindings of the default exchange, which every queue has, tell nothing. */
function toBinding(raw: unknown): ManagedBinding[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const item = raw as Record<string, unknown>;
  const { source: exchange, destination: queue, routing_key: routingKey } = item;
  if (typeof exchange !== 'string' || typeof queue !== 'string') return [];
  if (exchange === '' || item['destination_type'] !== 'queue') return [];
  return [{ exchange, queue, routingKey: typeof routingKey === 'string' ? routingKey : '' }];
}

function whyOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return errorText(cause instanceof Error ? cause : error);
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
