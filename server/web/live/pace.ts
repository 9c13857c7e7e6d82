// Bounds how often something runs: at once when it has been quiet, else so long after the last run that no more than one falls into
// an interval. What was asked for is never forgotten: the last request always runs.

export class Pace {
  readonly #intervalMs: number;
  readonly #run: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  #asked = false;
  #closed = false;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** `run` handles its own errors. */
  constructor(intervalMs: number, run: () => Promise<void>) {
    this.#intervalMs = intervalMs;
    this.#run = run;
  }

  /** Something is asked for, and what was handed out last is no longer true. */
  get pending(): boolean {
    return this.#asked || this.#running;
  }

  ask(): void {
    if (this.#closed) return;
    this.#asked = true;
    if (this.#running || this.#timer !== null) return;
    const waitMs = this.#lastAt + this.#intervalMs - performance.now();
    if (waitMs <= 0) void this.#start();
    else this.#timer = setTimeout(() => void this.#start(), waitMs);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #start(): Promise<void> {
    this.#timer = null;
    this.#asked = false;
    this.#running = true;
    this.#lastAt = performance.now();
    await this.#run();
    this.#finish();
  }

  #finish(): void {
    this.#running = false;
    if (this.#asked) this.ask();
  }
}
