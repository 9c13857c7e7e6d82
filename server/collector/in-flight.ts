// Messages that were delivered and not acknowledged, where the broker keeps them readable: tasks that nobody announced
// become known with their exact arguments. Those delivered a moment ago are left to their events. What is more than a round
// reads is read by the following ones, from where it stopped.
import type { PeekedMessage, Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import type { Fold } from './fold.ts';
import { mergeInFlight, messageId } from './merge-queued.ts';

const PAGE = 500;
const MAX_PAGES_A_ROUND = 10;
const MAX_ROUND_BYTES = 32 * 1024 * 1024;
const SETTLED_MS = 5000;

export class InFlightWatch {
  readonly #transport: Transport;
  readonly #fold: Fold;
  readonly #clock: Clock;
  /** Those without a time of delivery, of this pass and of the last one through all that is in flight. */
  #seen = new Set<string>();
  #before = new Set<string>();
  #after: string | null = null;

  constructor(transport: Transport, fold: Fold, clock: Clock) {
    this.#transport = transport;
    this.#fold = fold;
    this.#clock = clock;
  }

  async round(): Promise<void> {
    let bytes = 0;
    for (let page = 0; page < MAX_PAGES_A_ROUND && bytes < MAX_ROUND_BYTES; page += 1) {
      const { state } = this.#transport.status();
      if (state !== 'connected' || !this.#transport.capabilities.inFlight.ok) return;
      const after = this.#after;
      const peek = await this.#transport.peekInFlight({
        limit: PAGE,
        ...(after === null ? {} : { after }),
      });
      if (!peek.supported) return;
      const now = this.#clock.now();
      for (const item of peek.messages) {
        bytes += item.sizeBytes;
        this.#look(item, now);
      }
      this.#after = peek.next;
      if (peek.next !== null) continue;
      this.#before = this.#seen;
      this.#seen = new Set();
      return;
    }
  }

  #look(item: PeekedMessage, now: number): void {
    const id = messageId(item);
    if (id === null) return;
    if (item.deliveredAt === null) this.#seen.add(id);
    if (this.#isSettled(item, id, now)) mergeInFlight(this.#fold, item, now);
  }

  #isSettled(item: PeekedMessage, id: string, now: number): boolean {
    return item.deliveredAt === null ? this.#before.has(id) : now - item.deliveredAt >= SETTLED_MS;
  }
}
