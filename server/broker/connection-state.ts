// The truth about one connection: what state it is in, since when, why, and when the next attempt is due. Those who
// listen are told of every change. Connecting itself is someone else's.
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { CloseReason } from './transport.ts';

export class ConnectionState {
  readonly #clock: Clock;
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();
  #status: ConnectionStatus;
  #resolveClosed: (reason: CloseReason) => void = () => undefined;
  readonly closed: Promise<CloseReason>;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#status = {
      state: 'connecting',
      since: clock.now(),
      reason: null,
      attempt: 0,
      nextAttemptAt: null,
    };
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get isOver(): boolean {
    return this.#status.state === 'closed';
  }

  listen(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  connected(): void {
    this.#change({ state: 'connected', reason: null, attempt: 0, nextAttemptAt: null });
  }

  /** The connection is lost, or an attempt at it failed; the next attempt is due in `delayMs`. */
  waiting(reason: string, attempt: number, delayMs: number, wasConnected: boolean): void {
    this.#change({
      state: wasConnected ? 'reconnecting' : 'connecting',
      reason,
      attempt,
      nextAttemptAt: this.#clock.now() + delayMs,
    });
  }

  /** It will not come by itself soon (wrong credentials, wrong settings). */
  failed(reason: string, attempt: number, nextAttemptAt: number | null): void {
    this.#change({ state: 'failed', reason, attempt, nextAttemptAt });
  }

  close(reason: CloseReason): void {
    if (this.isOver) return;
    this.#change({ state: 'closed', reason: reason.detail, attempt: 0, nextAttemptAt: null });
    this.#resolveClosed(reason);
    this.#listeners.clear();
  }

  #change(next: Omit<ConnectionStatus, 'since'>): void {
    if (this.isOver) return;
    const since = next.state === this.#status.state ? this.#status.since : this.#clock.now();
    this.#status = { ...next, since };
    for (const listener of [...this.#listeners]) listener(this.#status);
  }
}
