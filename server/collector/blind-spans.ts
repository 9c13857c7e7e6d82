// The stretches in which Umbel itself heard nobody: silence then says nothing about a worker. Pure; the clock is an argument.

/** Earlier ones count as silence again: by then a worker has been heard, or is long gone. */
const KEPT = 20;

type Span = { from: number; to: number | null };

export class BlindSpans {
  #spans: Span[] = [];

  add(from: number, to: number): void {
    this.#spans = [...this.#spans, { from, to }].slice(-KEPT);
  }

  /** Whether events arrive, told at every change. */
  hears(isHearing: boolean, now: number): void {
    const last = this.#spans.at(-1);
    const isBlind = last !== undefined && last.to === null;
    if (isHearing && isBlind) last.to = now;
    if (!isHearing && !isBlind)
      this.#spans = [...this.#spans, { from: now, to: null }].slice(-KEPT);
  }

  /** How long nothing was heard since then although somebody listened. */
  silenceSince(at: number, now: number): number {
    const blind = this.#spans.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to ?? now, now) - Math.max(from, at)),
      0,
    );
    return now - at - blind;
  }
}
