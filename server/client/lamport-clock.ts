// A Lamport clock, one a process: ahead by one before anything is sent, beyond the other's on receipt. Mirrors
// kombu.clocks.LamportClock.

export class LamportClock {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  forward(): number {
    this.#value += 1;
    return this.#value;
  }

  /** Takes over another's time when it is ahead. Anything that is no sensible clock is ignored. */
  adjust(other: unknown): number {
    if (typeof other === 'number' && Number.isSafeInteger(other) && other > this.#value) {
      this.#value = other;
    }
    return this.forward();
  }
}
