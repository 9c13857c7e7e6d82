// The way to an embedded broker. A port of this process is there once; over a socket (memory:///path) it is opened again after a loss, and before
// the broker is there, and all that is to last is told anew. It must not know what is said.
import type { ConnectionState } from '../connection-state.ts';
import { Supervisor } from '../supervisor.ts';
import type { BrokerPort } from './broker-port.ts';
import { PortClient } from './port-client.ts';
import type { MemoryOperation, MemoryPush, MemorySession } from './protocol.ts';
import { openSocketPort } from './socket-port.ts';

/** Where the broker is: behind a port, or at the path of a socket. */
export type MemoryPlace = { port: BrokerPort } | { path: string };

/** Told to each new connection: what the broker, or its successor, has to know. */
export type Lasting = (client: Pick<PortClient, 'call'>) => Promise<unknown>;

const GONE = 'The embedded broker is gone';

export class MemoryLink {
  readonly #port: PortClient | null;
  readonly #supervisor: Supervisor<PortClient> | null;
  readonly #state: ConnectionState;
  readonly #listeners = new Set<(push: MemoryPush) => void>();
  readonly #lasting = new Map<string, Lasting>();
  #opening: Promise<void> | null = null;
  #generation = 0;
  /** Of the supervisor: set before what lasts is told, so that what it brings can be answered. */
  #latest: PortClient | null = null;

  constructor(place: MemoryPlace, timeoutMs: number, state: ConnectionState) {
    this.#state = state;
    if ('port' in place) {
      this.#supervisor = null;
      this.#port = new PortClient(place.port, timeoutMs, () => {
        state.close({ code: 'failed', detail: GONE });
      });
      return;
    }
    this.#port = null;
    this.#supervisor = new Supervisor({
      open: async (lost) => {
        const client = new PortClient(await openSocketPort(place.path), timeoutMs, () =>
          lost(GONE),
        );
        await this.#begin(client);
        return client;
      },
      prepare: async (client) => {
        this.#generation += 1;
        this.#latest = client;
        for (const tell of [...this.#lasting.values()]) await tell(client);
      },
      discard: (client) => {
        client.close();
      },
      state,
    });
  }

  /** Grows with each connection: what was said of an earlier one means nothing in a later one. */
  get generation(): number {
    return this.#generation;
  }

  async connect(): Promise<void> {
    if (this.#supervisor !== null) return this.#supervisor.start();
    this.#opening ??= this.#begin(this.#client()).then(() => {
      this.#state.connected();
    });
    return this.#opening;
  }

  listen(listener: (push: MemoryPush) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  call<K extends MemoryOperation>(
    operation: K,
    arg: Parameters<MemorySession[K]>[0],
  ): Promise<ReturnType<MemorySession[K]>> {
    let client: PortClient;
    try {
      client = this.#client();
    } catch (error) {
      return Promise.reject(error);
    }
    return client.call(operation, arg);
  }

  /** Sends without waiting; a lost connection makes it a no-op. */
  tell<K extends MemoryOperation>(operation: K, arg: Parameters<MemorySession[K]>[0]): void {
    (this.#port ?? this.#latest)?.tell(operation, arg);
  }

  /** Tells it now and to each later connection, until it is called off. */
  async last(name: string, tell: Lasting): Promise<void> {
    const before = this.#lasting.get(name);
    this.#lasting.set(name, tell);
    try {
      await tell(this);
    } catch (error) {
      if (before === undefined) this.#lasting.delete(name);
      else this.#lasting.set(name, before);
      throw error;
    }
  }

  callOff(name: string): void {
    this.#lasting.delete(name);
  }

  async close(): Promise<void> {
    this.#port?.close();
    await this.#supervisor?.stop();
    this.#listeners.clear();
  }

  async #begin(client: PortClient): Promise<void> {
    client.open();
    client.listen((push) => {
      for (const listener of [...this.#listeners]) listener(push);
    });
    try {
      await client.call('hello', null);
    } catch (error) {
      if (this.#supervisor !== null) client.close();
      throw error;
    }
  }

  #client(): PortClient {
    const client = this.#port ?? this.#latest ?? this.#supervisor?.get();
    if (client === undefined) throw new TypeError('There is no way to the broker');
    return client;
  }
}
