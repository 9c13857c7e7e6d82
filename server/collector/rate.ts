// The change per second over the last seconds. Totals that only grow start again when they fall (a restart).

export class Rate {
  readonly #windowMs: number;
  #points: { at: number; total: number }[] = [];

  readonly #mayFall: boolean;

  constructor(windowMs: number, mayFall = false) {
    this.#windowMs = windowMs;
    this.#mayFall = mayFall;
  }

  /** Null until two observations are apart. */
  observe(total: number, now: number): number | null {
    const last = this.#points.at(-1);
    if (!this.#mayFall && last !== undefined && total < last.total) this.#points = [];
    this.#points.push({ at: now, total });
    while (this.#points.length > 2 && now - (this.#points[1]?.at ?? now) >= this.#windowMs) {
      this.#points.shift();
    }
    const first = this.#points[0];
    if (first === undefined || now - first.at < 100) return null;
    return ((total - first.total) * 1000) / (now - first.at);
  }
}
