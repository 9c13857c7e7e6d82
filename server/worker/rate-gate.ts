// Holds tasks back to the rate limit of their type, in order. It must not know what becomes of those it lets through.
import { after } from '../core/after.ts';
import type { Clock } from '../core/clock.ts';
import { parseRateLimit, TokenBucket } from './rate-limit.ts';
import type { HeldRequest } from './request.ts';

export class RateGate {
  readonly #clock: Clock;
  readonly #release: (held: HeldRequest) => void;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #lines = new Map<string, HeldRequest[]>();
  readonly #timers = new Map<string, () => void>();

  constructor(clock: Clock, release: (held: HeldRequest) => void) {
    this.#clock = clock;
    this.#release = release;
  }

  /** False when the limit is none of Celery's forms. */
  setLimit(name: string, limit: unknown): boolean {
    const intervalMs = parseRateLimit(limit);
    if (intervalMs === undefined) return false;
    if (intervalMs === null) this.#buckets.delete(name);
    else this.#buckets.set(name, new TokenBucket(intervalMs));
    this.#timers.get(name)?.();
    this.#timers.delete(name);
    this.#pass(name);
    return true;
  }

  enter(held: HeldRequest): void {
    const { name } = held.message;
    if (!this.#buckets.has(name)) {
      this.#release(held);
      return;
    }
    held.state = 'limited';
    const line = this.#lines.get(name) ?? [];
    line.push(held);
    this.#lines.set(name, line);
    if (!this.#timers.has(name)) this.#pass(name);
  }

  stop(): void {
    for (const end of this.#timers.values()) end();
    this.#lines.clear();
  }

  #pass(name: string): void {
    this.#timers.delete(name);
    const line = this.#lines.get(name) ?? [];
    const bucket = this.#buckets.get(name);
    while (line.length > 0) {
      const waitMs = bucket?.take(this.#clock.now()) ?? 0;
      if (waitMs > 0) {
        const end = after(waitMs, () => {
          this.#pass(name);
        });
        this.#timers.set(name, end);
        return;
      }
      const held = line.shift();
      if (held !== undefined) this.#release(held);
    }
  }
}
