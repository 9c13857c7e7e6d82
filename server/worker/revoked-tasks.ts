// Ids of revoked tasks, newest last: at most 50,000, forgotten after three hours, as in celery.worker.state.
import { performance } from 'node:perf_hooks';

const MAX_REVOKED = 50_000;
const EXPIRES_SECONDS = 10_800;

/** Seconds of this process's monotonic clock, as workers exchange them. */
const monotonicSeconds = () => performance.now() / 1000;

export class RevokedTasks {
  readonly #ids = new Map<string, number>();

  add(id: string, at = monotonicSeconds()): void {
    this.#ids.delete(id);
    this.#ids.set(id, at);
    for (const [oldest, since] of this.#ids) {
      if (this.#ids.size <= MAX_REVOKED && since > monotonicSeconds() - EXPIRES_SECONDS) break;
      this.#ids.delete(oldest);
    }
  }

  has(id: string): boolean {
    const since = this.#ids.get(id);
    return since !== undefined && since > monotonicSeconds() - EXPIRES_SECONDS;
  }

  entries(): Map<string, number> {
    return new Map(this.#ids);
  }

  list(): string[] {
    return [...this.#ids.keys()].filter((id) => this.has(id));
  }
}
