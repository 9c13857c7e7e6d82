// Rate limits: Celery's `N/s`, `N/m`, `N/h` as a token bucket with a burst of one. Pure; the caller brings the time.

/** Milliseconds between two tasks; null without a limit; undefined when it is none of Celery's forms. */
export function parseRateLimit(limit: unknown): number | null | undefined {
  if (limit === null || limit === undefined || limit === '' || limit === 0) return null;
  if (typeof limit === 'number') return limit > 0 ? 1000 / limit : undefined;
  if (typeof limit !== 'string') return undefined;
  const match = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(limit);
  if (match === null) return undefined;
  const count = Number(match[1]);
  if (count === 0) return null;
  const unit = match[2] === 'h' ? 3_600_000 : match[2] === 'm' ? 60_000 : 1000;
  return unit / count;
}

export class TokenBucket {
  #nextAt = 0;
  readonly intervalMs: number;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** Takes a token, or says how long to wait for the next one. */
  take(now: number): number {
    if (now < this.#nextAt) return this.#nextAt - now;
    this.#nextAt = now + this.intervalMs;
    return 0;
  }
}
