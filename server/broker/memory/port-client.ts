// The client's end of the port to a memory broker: requests with answers in time, and pushes to whoever listens.
import { AppError } from '../../core/errors.ts';
import type { BrokerPort } from './broker-port.ts';
import type { FromBroker, MemoryOperation, MemoryPush, MemorySession } from './protocol.ts';

type Pending = {
  resolve: (value: unknown) => void;
  reject: (error: AppError) => void;
  timer: NodeJS.Timeout;
};

export class PortClient {
  readonly #port: BrokerPort;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(push: MemoryPush) => void>();
  readonly #onClosed: () => void;
  #lastId = 0;
  #isClosed = false;

  constructor(port: BrokerPort, timeoutMs: number, onClosed: () => void = () => undefined) {
    this.#port = port;
    this.#timeoutMs = timeoutMs;
    this.#onClosed = onClosed;
  }

  open(): void {
    this.#port.on('message', (message) => {
      this.#receive(message as FromBroker);
    });
    this.#port.once('close', () => this.#closed());
  }

  listen(listener: (push: MemoryPush) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  call<K extends MemoryOperation>(
    operation: K,
    arg: Parameters<MemorySession[K]>[0],
  ): Promise<ReturnType<MemorySession[K]>> {
    if (this.#isClosed) {
      return Promise.reject(new AppError('broker_unreachable', 'The embedded broker is gone'));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new AppError('timeout', `The embedded broker did not answer ${operation} in time`));
      }, this.#timeoutMs);
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
      this.#port.postMessage({ id, operation, arg });
    });
  }

  /** Sends without waiting; a lost port makes it a no-op. */
  tell<K extends MemoryOperation>(operation: K, arg: Parameters<MemorySession[K]>[0]): void {
    if (!this.#isClosed) this.#port.postMessage({ id: 0, operation, arg });
  }

  close(): void {
    if (!this.#isClosed) this.#port.close();
    this.#closed();
  }

  #receive(message: FromBroker): void {
    if (message.type !== 'answer' && message.type !== 'refusal') {
      for (const listener of [...this.#listeners]) listener(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (message.type === 'answer') pending.resolve(message.value);
    else pending.reject(new AppError(message.code, message.message));
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new AppError('broker_unreachable', 'The embedded broker is gone'));
    }
    this.#pending.clear();
    this.#listeners.clear();
    this.#onClosed();
  }
}
