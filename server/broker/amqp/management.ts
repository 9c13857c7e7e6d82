// RabbitMQ's management API, where it answers: queues with their counts, page by page and only the columns needed.
// Certificates are verified, with the authority of the broker's own address or of the API's. What goes wrong is kept as a
// sentence that says what to do, never shown as an empty list.
import { errorText } from '../../core/errors.ts';
import { toTls, type AmqpServer } from '../broker-url.ts';
import { readManagement, type ManagementBase } from './management-request.ts';

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

const RETRY_AFTER_MS = 60_000;
/** What answered before, as before a restart of the broker, will do so again soon. */
const RETRY_KNOWN_AFTER_MS = 5000;
/** Two readers at nearly the same time share one answer. */
const FRESH_MS = 1000;
const PAGE_SIZE = 500;
const MAX_PAGES = 20;
const COLUMNS =
  'name,durable,type,arguments,messages_ready,messages_unacknowledged,consumers,exclusive,auto_delete';
const BINDING_COLUMNS = 'source,destination,destination_type,routing_key';

export class ManagementApi {
  readonly #configured: string | null;
  #base: ManagementBase | null = null;
  #hasAnswered = false;
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
    const patienceMs = this.#hasAnswered ? RETRY_KNOWN_AFTER_MS : RETRY_AFTER_MS;
    if (this.#failure !== null && Date.now() - this.#failure.at < patienceMs) {
      return { ok: false, reason: this.#failure.reason };
    }
    const reasons: string[] = [];
    const candidates = this.#base === null ? this.#candidates(server) : [this.#base];
    for (const base of candidates) {
      try {
        const found = await readQueues(base, server.vhost);
        this.#base = base;
        this.#hasAnswered = true;
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
        : `The management API cannot be read (${reasons.join('; ')}). ${this.#advice(server, reasons)}`;
    this.#failure = { reason, at: Date.now() };
    return { ok: false, reason };
  }

  #advice(server: AmqpServer, reasons: readonly string[]): string {
    if (reasons.some((reason) => reason.includes('HTTP 401'))) {
      return 'Give --management-url a user with the tag "monitoring" or "management"';
    }
    if (this.#configured !== null) return 'Check --management-url';
    const isKept = server.tls !== null && !isLoopback(server.host);
    const plain = isKept ? ', http:// too: unasked, credentials of amqps:// stay encrypted' : '';
    return `Enable the plugin rabbitmq_management, or say where it is with --management-url${plain}`;
  }

  #candidates(server: AmqpServer): ManagementBase[] {
    const own = basic(server.username, server.password);
    if (this.#configured !== null) {
      try {
        const url = new URL(this.#configured);
        const authorization =
          url.username === ''
            ? own
            : basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
        const path = url.pathname.replace(/\/+$/, '').replace(/\/api$/, '');
        const tls = url.search === '' ? server.tls : toTls(url.searchParams);
        return [{ url: `${url.origin}${path}/api/`, authorization, tls }];
      } catch {
        return [];
      }
    }
    const host = server.host.includes(':') ? `[${server.host}]` : server.host;
    const plain = { url: `http://${host}:15672/api/`, authorization: own, tls: null };
    const secure = { url: `https://${host}:15671/api/`, authorization: own, tls: server.tls };
    if (server.tls === null) return [plain, secure];
    return isLoopback(server.host) ? [secure, plain] : [secure];
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function readQueues(
  base: ManagementBase,
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
