// The queues that a worker takes from: their definitions by the name that the broker knows. A broadcast is known by another name in each
// worker. It must not know what is taken.
import { randomUUID } from 'node:crypto';
import type { Transport } from '../broker/transport.ts';
import type { AppConfig } from '../client/config.ts';
import { declarationOf, queueNamed, type QueueDefinition } from '../client/queues.ts';

export class WorkerQueues {
  readonly #transport: Transport;
  readonly #conf: AppConfig;
  /** By the broker's name. */
  readonly #known = new Map<string, QueueDefinition>();

  constructor(transport: Transport, conf: AppConfig) {
    this.#transport = transport;
    this.#conf = conf;
  }

  /** Declares it; the name by which the broker knows it. */
  async declare(name: string, given: Partial<QueueDefinition> = {}): Promise<string> {
    const listed = queueNamed(this.#conf, name);
    const queue = this.#conf.taskQueues.includes(listed) ? listed : { ...listed, ...given };
    const own = queue.broadcast === true ? (this.nameOf(name) ?? `bcast.${randomUUID()}`) : name;
    await this.#transport.declareQueue(own, declarationOf(this.#conf, queue));
    this.#known.set(own, queue);
    return own;
  }

  /** The broker's name of a queue, by it or by the name in the settings; null when it was not declared. */
  nameOf(name: string): string | null {
    if (this.#known.has(name)) return name;
    const found = [...this.#known].find(([, queue]) => queue.name === name);
    return found?.[0] ?? null;
  }

  definitionOf(own: string): QueueDefinition {
    return this.#known.get(own) ?? { name: own };
  }
}
