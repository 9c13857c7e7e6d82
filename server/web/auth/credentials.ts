// Basic credentials: read from the header, compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';

export type Credentials = { user: string; password: string };

export function parseBasic(header: string | undefined): Credentials | null {
  const match = /^basic +([a-z0-9+/=_-]{1,4096})$/i.exec(header?.trim() ?? '');
  if (match?.[1] === undefined) return null;
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Takes as long for a user that does not exist as for one that does. */
export function areKnown(given: Credentials, known: ReadonlyMap<string, string>): boolean {
  let found = false;
  for (const [user, password] of known) {
    const sameUser = isEqual(user, given.user);
    const samePassword = isEqual(password, given.password);
    found = (sameUser && samePassword) || found;
  }
  return found;
}

function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
