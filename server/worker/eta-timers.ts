// Tasks that wait for their time. It must not know what becomes of them then.
import type { Clock } from '../core/clock.ts';
import type { HeldRequest } from './request.ts';

/** Node's timers fire at once beyond this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class EtaTimers {
  readonly #clock: Clock;
  readonly #onDue: (held: HeldRequest) => void;
  readonly #timers = new Map<HeldRequest, NodeJS.Timeout>();

  constructor(clock: Clock, onDue: (held: HeldRequest) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get count(): number {
    return this.#timers.size;
  }

  add(held: HeldRequest, etaAt: number): void {
    const left = etaAt - this.#clock.now();
    const timer = setTimeout(
      () => {
        if (left > MAX_TIMER_MS) {
          this.add(held, etaAt);
          return;
        }
        this.#timers.delete(held);
        this.#onDue(held);
      },
      Math.min(Math.max(0, left), MAX_TIMER_MS),
    );
    this.#timers.set(held, timer);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
