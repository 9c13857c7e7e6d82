// How task ids are stored: a canonical UUID as its 16 bytes, any other text as it is. And their 32-bit hash.
/** SQLite keeps UTF-8, which has no lone surrogates: they become U+FFFD before they are stored, compared or hashed. */
export function wellFormed(text: string): string {
  return (text as unknown as { toWellFormed(): string }).toWellFormed();
}

export type StoredId = Buffer | string;

export function encodeId(id: string): StoredId {
  if (id.length !== 36) return wellFormed(id);
  const bytes = Buffer.allocUnsafe(16);
  let at = 0;
  for (let index = 0; index < 36; index += 1) {
    const isDash = index === 8 || index === 13 || index === 18 || index === 23;
    if (isDash) {
      if (id.charCodeAt(index) !== 45) return wellFormed(id);
      continue;
    }
    const high = hexValue(id.charCodeAt(index));
    index += 1;
    const low = hexValue(id.charCodeAt(index));
    if (high < 0 || low < 0) return wellFormed(id);
    bytes[at] = high * 16 + low;
    at += 1;
  }
  return bytes;
}

/** Of 0-9 and a-f; upper case is another id. */
function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

export function decodeId(stored: unknown): string {
  if (typeof stored === 'string') return stored;
  if (!Buffer.isBuffer(stored)) return '';
  const hex = stored.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function decodeNullableId(stored: unknown): string | null {
  return stored === null || stored === undefined ? null : decodeId(stored);
}

/** FNV-1a with a final mix; never 0, which marks an empty place. */
export function hashId(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash ^= hash >>> 15;
  return hash === 0 ? 1 : hash | 0;
}
