// Messages that were delivered and not acknowledged, where the broker keeps them readable: tasks that nobody announced
// become known with their exact arguments. Those delivered a moment ago are left to their events.
import type { PeekedMessage, Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import type { Fold } from './fold.ts';
import { mergeInFlight, messageId } from './merge-queued.ts';

const LIMIT = 200;
const SETTLED_MS = 5000;

export class InFlightWatch {
  readonly #transport: Transport;
  readonly #fold: Fold;
  readonly #clock: Clock;
  #before = new Set<string>();

  constructor(transport: Transport, fold: Fold, clock: Clock) {
    this.#transport = transport;
    this.#fold = fold;
    this.#clock = clock;
  }

  async round(): Promise<void> {
    const { status, capabilities } = {
      status: this.#transport.status(),
      capabilities: this.#transport.capabilities,
    };
    if (status.state !== 'connected' || !capabilities.inFlight.ok) return;
    const peek = await this.#transport.peekInFlight({ limit: LIMIT });
    if (!peek.supported) return;
    const now = this.#clock.now();
    const seen = new Set<string>();
    for (const item of peek.messages) {
      const id = messageId(item);
      if (id === null) continue;
      seen.add(id);
      if (this.#isSettled(item, id, now)) mergeInFlight(this.#fold, item, now);
    }
    this.#before = seen;
  }

  #isSettled(item: PeekedMessage, id: string, now: number): boolean {
    return item.deliveredAt === null ? this.#before.has(id) : now - item.deliveredAt >= SETTLED_MS;
  }
}
