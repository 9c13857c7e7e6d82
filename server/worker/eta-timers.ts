// Tasks that wait for their time. It must not know what becomes of them then.
import { after } from '../core/after.ts';
import type { Clock } from '../core/clock.ts';
import type { HeldRequest } from './request.ts';

export class EtaTimers {
  readonly #clock: Clock;
  readonly #onDue: (held: HeldRequest) => void;
  readonly #timers = new Map<HeldRequest, () => void>();

  constructor(clock: Clock, onDue: (held: HeldRequest) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get count(): number {
    return this.#timers.size;
  }

  add(held: HeldRequest, etaAt: number): void {
    const end = after(etaAt - this.#clock.now(), () => {
      this.#timers.delete(held);
      this.#onDue(held);
    });
    this.#timers.set(held, end);
  }

  stop(): void {
    for (const end of this.#timers.values()) end();
    this.#timers.clear();
  }
}
