// Delays between attempts to reconnect: doubling, capped, jittered, so that a broker that returns is found within the cap.

export type BackoffOptions = { firstMs?: number; capMs?: number; random?: () => number };

/** Milliseconds to wait before attempt `attempt` (0 is the first retry); at most `capMs` (default 5 s). */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const { firstMs = 200, capMs = 5000, random = Math.random } = options;
  const ceiling = Math.min(capMs, firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
