// After a busy stretch the collector's heap is full of what events left behind: the first quiet moment collects it, once.

/** Fewer leave nothing behind that matters. */
const BUSY_EVENTS = 50_000;
const QUIET_PER_SECOND = 500;
const QUIET_MS = 3000;

export class TidyMemory {
  readonly #collect: () => void;
  #sinceCollected = 0;
  #lastTotal = 0;
  #lastAt: number | null = null;
  #quietSince: number | null = null;

  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** About once a second. */
  observe(eventsTotal: number, now: number): void {
    const seconds = this.#lastAt === null ? 1 : Math.max(0.001, (now - this.#lastAt) / 1000);
    const added = eventsTotal - this.#lastTotal;
    this.#lastTotal = eventsTotal;
    this.#lastAt = now;
    this.#sinceCollected += added;
    if (added / seconds > QUIET_PER_SECOND) this.#quietSince = null;
    else this.#quietSince ??= now;
    if (this.#quietSince === null || this.#sinceCollected < BUSY_EVENTS) return;
    if (now - this.#quietSince < QUIET_MS) return;
    this.#sinceCollected = 0;
    this.#collect();
  }
}
