// How long tasks usually take, by type: each run moves the estimate a step towards itself, whatever its size, so that it settles at the median.
// A mean would follow the moments in which a short task waits for a processor.

const STEP = 1.25;
const MOST_TYPES = 10_000;

export class Durations {
  readonly #byName = new Map<string, number>();

  /** Infinity for a type that has not run yet. */
  expectedMs(name: string): number {
    return this.#byName.get(name) ?? Infinity;
  }

  add(name: string, ms: number): void {
    const before = this.#byName.get(name);
    if (before === undefined) {
      if (this.#byName.size < MOST_TYPES) this.#byName.set(name, ms);
    } else
      this.#byName.set(
        name,
        ms > before ? Math.min(ms, before * STEP) : Math.max(ms, before / STEP),
      );
  }
}
