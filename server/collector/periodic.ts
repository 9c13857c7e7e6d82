// Runs a job again and again, never twice at once, until closed. A job that fails is logged and runs again next time.
import type { Logger } from '../core/logger.ts';
import { errorText } from '../core/errors.ts';

export class Periodic {
  readonly #name: string;
  readonly #intervalMs: number;
  readonly #job: () => Promise<void> | void;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(name: string, intervalMs: number, job: () => Promise<void> | void, logger: Logger) {
    this.#name = name;
    this.#intervalMs = intervalMs;
    this.#job = job;
    this.#logger = logger;
  }

  start(firstAfterMs = this.#intervalMs): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.runNow().finally(() => this.start());
    }, firstAfterMs);
  }

  /** Joins the run that is under way, if there is one. */
  runNow(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#job();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What a stop interrupted is no failure. */
  #failed(error: unknown): void {
    if (this.#closed) return;
    this.#logger.warn({ job: this.#name, reason: errorText(error) }, 'a periodic job failed');
  }

  /** Resolves when the run under way ended. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }
}
