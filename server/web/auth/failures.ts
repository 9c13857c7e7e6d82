// Counts wrong credentials per address and stops listening for a while when there are too many.
import type { Clock } from '../../core/clock.ts';

const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

export class Failures {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before this address is listened to again; 0: now. */
  waitMs(address: string): number {
    const entry = this.#byAddress.get(address);
    if (entry === undefined) return 0;
    const left = entry.until - this.#clock.now();
    if (left <= 0) {
      this.#byAddress.delete(address);
      return 0;
    }
    return entry.count >= MAX_FAILURES ? left : 0;
  }

  add(address: string): void {
    const count = (this.#byAddress.get(address)?.count ?? 0) + 1;
    this.#byAddress.delete(address);
    if (this.#byAddress.size >= MAX_ADDRESSES) {
      const oldest = this.#byAddress.keys().next();
      if (oldest.done !== true) this.#byAddress.delete(oldest.value);
    }
    this.#byAddress.set(address, { count, until: this.#clock.now() + WINDOW_MS });
  }

  clear(address: string): void {
    this.#byAddress.delete(address);
  }
}
