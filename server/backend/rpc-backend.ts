// rpc:// sends each result to the process that published the task, as a message to its reply queue, and keeps none. So results
// are read only by the sender, from what arrived since. Mirrors celery.backends.rpc.
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { AppError } from '../core/errors.ts';
import type { Consumer, Delivery } from '../broker/transport.ts';
import { decodeMessageBody } from '../celery/codec/body.ts';
import { createResultCodec, type ResultCodec } from '../celery/codec/result-codec.ts';
import { resultMetaFrom, resultMetaValue, type ResultMeta } from '../celery/result-meta.ts';
import { READY_STATES } from '../celery/states.ts';
import { ConnectionState } from '../broker/connection-state.ts';
import { DEFAULT_RESULT_EXPIRES_MS, type RpcOptions } from './backend-options.ts';
import type { ResultBackend, StoreRequest } from './result-backend.ts';
import { createInsistence, type Insist } from './insist.ts';
import { createPauses } from './pauses.ts';
import { Waiters } from './waiters.ts';

const REASON =
  'rpc:// delivers results only to the process that sent the task; they cannot be read by anybody else';
const MOST_KEPT = 10_000;
const PREFETCH = 100;

export class RpcBackend implements ResultBackend {
  readonly kind = 'rpc';
  readonly displayUrl = 'rpc://';
  readonly #state = new ConnectionState();
  readonly #options: RpcOptions | null;
  readonly #expiresMs: number | null;
  readonly #codec: ResultCodec;
  readonly #received = new Map<string, ResultMeta>();
  readonly #waiters = new Waiters();
  readonly #pauses = createPauses();
  readonly #insist: Insist;
  #consumer: Promise<Consumer> | null = null;

  /** Without options it is the backend of somebody else's process, of which nothing can be known. */
  constructor(
    options: RpcOptions | null,
    expiresMs: number | null = DEFAULT_RESULT_EXPIRES_MS,
    serializer = 'json',
  ) {
    this.#options = options;
    this.#codec = createResultCodec(serializer);
    this.#expiresMs = expiresMs;
    this.#insist = createInsistence(options?.patienceMs ?? 0, this.#pauses.pause);
  }

  /** Takes results from now on; before the first task is sent. */
  async connect(): Promise<void> {
    if (this.#options !== null) {
      this.#consumer ??= this.#listen(this.#options);
      this.#consumer.catch(() => {
        this.#consumer = null;
      });
      await this.#consumer;
    }
    this.#state.connected();
  }

  status(): ConnectionStatus {
    return this.#state.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#state.listen(listener);
  }

  async get(id: string): Promise<ResultMeta | null> {
    const [meta] = await this.getMany([id]);
    return meta ?? null;
  }

  getMany(ids: readonly string[]): Promise<(ResultMeta | null)[]> {
    if (this.#options === null) return unsupported();
    return Promise.resolve(ids.map((id) => this.#received.get(id) ?? null));
  }

  /** A message to whoever sent the task; nothing when it told no address. */
  async store(meta: ResultMeta, { hurry, replyTo = null }: StoreRequest = {}): Promise<void> {
    if (this.#options === null) return unsupported();
    if (replyTo === null || replyTo === '') return;
    const { isPersistent, transport } = this.#options;
    const message = {
      headers: {},
      properties: { correlationId: meta.taskId, deliveryMode: isPersistent ? 2 : 1 },
      ...this.#codec.format,
      body: Buffer.from(this.#codec.encode(resultMetaValue(meta))),
    };
    const target = { exchange: '', routingKey: replyTo };
    await this.#insist(() => transport().publish(message, target), hurry);
  }

  wait(id: string, timeoutMs: number): Promise<ResultMeta | null> {
    if (this.#options === null) return unsupported();
    return this.#waiters.wait(id, timeoutMs, {
      listen: () => Promise.resolve(),
      read: () => this.get(id),
      leave: () => Promise.resolve(),
      isReady: (meta) => READY_STATES.has(meta.status),
    });
  }

  forget(id: string): Promise<void> {
    if (this.#options === null) return unsupported();
    this.#received.delete(id);
    return Promise.resolve();
  }

  saveGroup(): Promise<void> {
    return unsupported();
  }

  restoreGroup(): Promise<null> {
    return unsupported();
  }

  forgetGroup(): Promise<void> {
    return unsupported();
  }

  cleanup(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#waiters.close();
    this.#pauses.close();
    const consumer = await this.#consumer?.catch(() => null);
    await consumer?.close();
    this.#state.close({ code: 'closed', detail: 'Closed' });
  }

  async #listen({ replyTo, transport }: RpcOptions): Promise<Consumer> {
    const broker = transport();
    await broker.connect();
    await broker.declareQueue(replyTo, {
      exchange: '',
      temporary: { expiresMs: this.#expiresMs ?? DEFAULT_RESULT_EXPIRES_MS },
    });
    return broker.consume([replyTo], { prefetch: PREFETCH }, (delivery) => {
      this.#receive(delivery);
    });
  }

  #receive(delivery: Delivery): void {
    void delivery.ack();
    const document = decodeMessageBody(delivery.message);
    const meta = document.ok ? resultMetaFrom(document.value) : document;
    if (!meta.ok) return;
    const { value } = meta;
    this.#received.delete(value.taskId);
    this.#received.set(value.taskId, value);
    const [oldest] = this.#received.keys();
    if (this.#received.size > MOST_KEPT && oldest !== undefined) this.#received.delete(oldest);
    this.#waiters.tell(value.taskId, value);
  }
}

function unsupported(): Promise<never> {
  return Promise.reject(new AppError('unsupported', REASON));
}
