// Keeps the pool as large as the work in hand, between two bounds: grows at once, shrinks after half a minute without need. Mirrors
// celery.worker.autoscale.
import type { Clock } from '../core/clock.ts';

const KEEP_ALIVE_MS = 30_000;
const EVERY_MS = 1000;

export type AutoscalerOptions = {
  max: number;
  min: number;
  clock: Clock;
  /** Tasks that run or wait for the pool. */
  demand: () => number;
  size: () => number;
  resize: (size: number) => void;
  keepAliveMs?: number;
};

export class Autoscaler {
  readonly #options: AutoscalerOptions;
  #max: number;
  #min: number;
  #neededAt: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
    this.#max = Math.max(options.max, options.min);
    this.#min = Math.min(options.max, options.min);
    this.#neededAt = options.clock.now();
  }

  get bounds(): { max: number; min: number } {
    return { max: this.#max, min: this.#min };
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.scale();
    }, EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** By time, and whenever a task arrived. */
  scale(): void {
    const { clock, demand, size, resize, keepAliveMs = KEEP_ALIVE_MS } = this.#options;
    const wanted = Math.max(this.#min, Math.min(this.#max, demand()));
    const now = clock.now();
    if (wanted >= size()) this.#neededAt = now;
    if (wanted > size()) resize(wanted);
    else if (wanted < size() && now - this.#neededAt > keepAliveMs) resize(wanted);
  }

  update(given: { max: number | null; min: number | null }): { max: number; min: number } {
    const { size, resize } = this.#options;
    this.#max = Math.max(1, given.max ?? this.#max);
    this.#min = Math.min(this.#max, Math.max(1, given.min ?? this.#min));
    const bounded = Math.max(this.#min, Math.min(this.#max, size()));
    if (bounded !== size()) resize(bounded);
    return this.bounds;
  }
}
