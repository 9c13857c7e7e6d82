// Bounds how many names become label values: first come, first served, for as long as a name is known, since a counter that comes and
// goes would seem to run backwards. What is not admitted is left out and counted.

export class Admission {
  readonly #admitted = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #costOf: (name: string) => number;
  #left: number;

  constructor(budgetBytes: number, costOf: (name: string) => number) {
    this.#left = budgetBytes;
    this.#costOf = costOf;
  }

  has(name: string): boolean {
    if (this.#admitted.has(name)) return true;
    const cost = this.#costOf(name);
    if (cost > this.#left) {
      if (this.#refused.size < 10_000) this.#refused.add(name);
      return false;
    }
    this.#left -= cost;
    this.#admitted.add(name);
    return true;
  }

  /** Names that nobody knows any more make room for others. */
  forgetAllBut(names: ReadonlySet<string>): void {
    this.#refused.clear();
    for (const name of this.#admitted) {
      if (names.has(name)) continue;
      this.#admitted.delete(name);
      this.#left += this.#costOf(name);
    }
  }

  get refusedCount(): number {
    return this.#refused.size;
  }
}
