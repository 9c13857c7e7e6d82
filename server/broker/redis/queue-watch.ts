// Says when a queue has something, without taking it: BLMOVE from the right end of a list to the right end of the same list changes
// nothing, and waits as long as the list is empty. One connection a queue, for the first few; cutting it can lose nothing.
import { errorText } from '../../core/errors.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

const WAIT_SECONDS = 1;
/** Beyond, and for the other priority steps, the consumer looks by itself. */
const MOST_WATCHED = 4;

type Watched = { link: RedisLink; isWaiting: boolean };

export class QueueWatch {
  readonly #settings: RedisSettings;
  readonly #onReady: () => void;
  readonly #watched = new Map<string, Watched>();
  /** BLMOVE is there from Redis 6.2. */
  isSupported = true;

  constructor(settings: RedisSettings, onReady: () => void) {
    this.#settings = settings;
    this.#onReady = onReady;
  }

  async set(queues: readonly string[]): Promise<void> {
    const wanted = queues.slice(0, MOST_WATCHED);
    const gone = [...this.#watched].filter(([queue]) => !wanted.includes(queue));
    for (const [queue] of gone) this.#watched.delete(queue);
    const fresh = wanted.filter((queue) => !this.#watched.has(queue));
    const links = fresh.map((queue) => {
      const link = new RedisLink(this.#settings.blockingTarget, { heartbeat: false });
      this.#watched.set(queue, { link, isWaiting: false });
      return link;
    });
    await Promise.all(gone.map(([, { link }]) => link.stop()));
    await Promise.all(links.map((link) => link.start()));
  }

  /** Waits on every queue that is not waited on already. */
  arm(): void {
    for (const [queue, watched] of this.#watched) {
      if (!watched.isWaiting && this.isSupported) void this.#wait(queue, watched);
    }
  }

  async stop(): Promise<void> {
    const all = [...this.#watched.values()];
    this.#watched.clear();
    await Promise.all(all.map(({ link }) => link.stop()));
  }

  async #wait(queue: string, watched: Watched): Promise<void> {
    const key = this.#settings.key(queue);
    watched.isWaiting = true;
    try {
      const seen = await watched.link.get().blmove(key, key, 'RIGHT', 'RIGHT', WAIT_SECONDS);
      if (seen !== null) this.#onReady();
    } catch (error) {
      if (/unknown command/i.test(errorText(error))) this.isSupported = false;
    } finally {
      watched.isWaiting = false;
    }
  }
}
