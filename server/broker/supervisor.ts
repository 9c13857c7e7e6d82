// Keeps one connection alive: opens it, waits with growing, jittered delays after a failure, and opens it again after a
// loss, until it is stopped. It must not know what is connected to.
//
// States: opening -> up (opened) | waiting (refused); up -> waiting (lost); waiting -> opening (delay over); any -> stopped.
import { AppError, errorText, isAppError } from '../core/errors.ts';
import { backoffMs } from '../core/backoff.ts';
import type { ConnectionState } from './connection-state.ts';

export type SupervisorOptions<C> = {
  /** Opens a connection and calls `lost` once when it ends later. Rejects with an AppError. */
  open: (lost: (reason: string) => void) => Promise<C>;
  discard: (connection: C) => void | Promise<void>;
  /** After each opening, before the connection counts as up. A rejection counts as a failed attempt. */
  prepare?: (connection: C) => Promise<void>;
  onDown?: (reason: string) => void;
  state: ConnectionState;
};

const PERMANENT: ReadonlySet<string> = new Set(['broker_auth', 'bad_configuration']);
const CAP_MS = 3000;

export class Supervisor<C> {
  readonly #options: SupervisorOptions<C>;
  #current: C | null = null;
  #timer: NodeJS.Timeout | null = null;
  #attemptCount = 0;
  #wasUp = false;
  #isStopped = false;
  #trying: Promise<void> | null = null;

  constructor(options: SupervisorOptions<C>) {
    this.#options = options;
  }

  /** Up already, or one attempt at once, which decides the promise; attempts go on either way. */
  start(): Promise<void> {
    if (this.#current !== null) return Promise.resolve();
    if (this.#trying !== null) return this.#trying;
    if (this.#timer !== null) clearTimeout(this.#timer);
    return this.#attempt();
  }

  /** The connection, or AppError broker_unreachable. */
  get(): C {
    if (this.#current !== null) return this.#current;
    const { reason } = this.#options.state.status;
    throw new AppError(
      this.#isStopped ? 'closed' : 'broker_unreachable',
      this.#isStopped ? 'The connection is closed' : (reason ?? 'Not connected yet'),
    );
  }

  peek(): C | null {
    return this.#current;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = null;
    if (current !== null) await this.#options.discard(current);
    await this.#trying?.catch(() => undefined);
  }

  #attempt(): Promise<void> {
    const trying = this.#try().finally(() => {
      if (this.#trying === trying) this.#trying = null;
    });
    this.#trying = trying;
    trying.catch(() => undefined);
    return trying;
  }

  async #try(): Promise<void> {
    const early = new AbortController();
    let opened: C | null = null;
    try {
      const lost = (reason: string) => {
        if (early.signal.aborted) return;
        early.abort();
        if (opened !== null && this.#current === opened) this.#lost(opened, reason);
      };
      opened = await this.#options.open(lost);
      await this.#options.prepare?.(opened);
      if (this.#isStopped) throw new AppError('closed', 'The connection is closed');
      if (early.signal.aborted)
        throw new AppError('broker_unreachable', 'The connection was lost at once');
    } catch (error) {
      if (opened !== null) await this.#options.discard(opened);
      this.#retry(error);
      throw error;
    }
    this.#current = opened;
    this.#attemptCount = 0;
    this.#wasUp = true;
    this.#options.state.connected();
  }

  #lost(connection: C, reason: string): void {
    this.#current = null;
    void this.#options.discard(connection);
    if (this.#isStopped) return;
    this.#options.onDown?.(reason);
    this.#retry(new AppError('broker_unreachable', reason));
  }

  #retry(error: unknown): void {
    if (this.#isStopped) return;
    const delayMs = backoffMs(this.#attemptCount, { capMs: CAP_MS });
    this.#attemptCount += 1;
    const { state } = this.#options;
    if (isAppError(error) && PERMANENT.has(error.code)) {
      state.failed(error.message, this.#attemptCount, Date.now() + delayMs);
    } else {
      state.waiting(errorText(error), this.#attemptCount, delayMs, this.#wasUp);
    }
    this.#timer = setTimeout(() => void this.#attempt().catch(() => undefined), delayMs);
  }
}
