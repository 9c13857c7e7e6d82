// Those who wait for a result: each key is listened to once, and reading follows listening, so that a result stored in
// between is not missed. It must not know how a backend announces.
import type { ResultMeta } from '../celery/result-meta.ts';

export type WaitParts = {
  listen: () => Promise<void>;
  read: () => Promise<ResultMeta | null>;
  leave: () => Promise<void>;
  isReady: (meta: ResultMeta) => boolean;
};

export class Waiters {
  #isClosed = false;
  readonly #waiting = new Map<string, Set<(meta: ResultMeta | null) => void>>();

  keys(): string[] {
    return [...this.#waiting.keys()];
  }

  tell(key: string, meta: ResultMeta | null): void {
    if (meta === null) return;
    for (const tell of [...(this.#waiting.get(key) ?? [])]) tell(meta);
  }

  async wait(key: string, timeoutMs: number, parts: WaitParts): Promise<ResultMeta | null> {
    let settle: (meta: ResultMeta | null) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const done = new Promise<ResultMeta | null>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    const hear = (meta: ResultMeta | null) => {
      if (meta === null || parts.isReady(meta)) settle(meta);
    };
    const timer = setTimeout(() => settle(null), timeoutMs);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(hear));
    // Neither may outlast the time that there is.
    const look = async (): Promise<void> => {
      await parts.listen();
      const stored = await parts.read();
      if (stored !== null) hear(stored);
    };
    look().catch((error: unknown) => {
      fail(error);
    });
    try {
      return await done;
    } catch (error) {
      if (this.#isClosed) return null;
      throw error;
    } finally {
      clearTimeout(timer);
      waiting.delete(hear);
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) {
        this.#waiting.delete(key);
        await parts.leave();
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const waiting of this.#waiting.values()) for (const tell of [...waiting]) tell(null);
  }
}
