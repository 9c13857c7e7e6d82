// Sessions in memory: a browser shows its Basic credentials once and carries a cookie from then on (a WebSocket may not send them).
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';

const MAX_SESSIONS = 10_000;
const IDLE_MS = 24 * 3_600_000;
const MAX_AGE_MS = 14 * 24 * 3_600_000;

type Session = { user: string; createdAt: number; usedAt: number };

export class Sessions {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(user: string): string {
    if (this.#sessions.size >= MAX_SESSIONS) this.#dropOldest();
    const id = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    this.#sessions.set(id, { user, createdAt: now, usedAt: now });
    return id;
  }

  /** The user of a session that is still good. */
  find(id: string): string | null {
    const session = this.#sessions.get(id);
    if (session === undefined) return null;
    const now = this.#clock.now();
    this.#sessions.delete(id);
    if (now - session.usedAt > IDLE_MS || now - session.createdAt > MAX_AGE_MS) return null;
    session.usedAt = now;
    this.#sessions.set(id, session);
    return session.user;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The map is in order of use. */
  #dropOldest(): void {
    const oldest = this.#sessions.keys().next();
    if (oldest.done !== true) this.#sessions.delete(oldest.value);
  }
}
