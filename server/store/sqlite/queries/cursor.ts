// Where a page ended: the sort, the last row's key and its id; between rows of one key, the time of their last fact. Opaque to the browser, checked when it comes back.
import { AppError } from '../../../core/errors.ts';

export type SortKey = string | number | null;
/** `at`: of sorts by a key that many rows share. */
export type Position = { key: SortKey; id: number; at?: number };

export function encodeCursor(sort: string, { key, id, at }: Position): string {
  const parts = at === undefined ? [sort, key, id] : [sort, key, id, at];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

export function decodeCursor(sort: string, cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  const parts = parse(cursor);
  if (Array.isArray(parts) && parts.length >= 3 && parts.length <= 4 && parts[0] === sort) {
    const [, key, id, at] = parts as unknown[];
    const isKey = key === null || typeof key === 'string' || Number.isFinite(key);
    if (isKey && typeof id === 'number' && Number.isSafeInteger(id)) {
      const position = { key: key as SortKey, id };
      if (at === undefined) return position;
      if (typeof at === 'number' && Number.isFinite(at)) return { ...position, at };
    }
  }
  throw new AppError('bad_request', 'This cursor is not one of this list: begin again without it.');
}

/** By key, unknown last in both directions, then by the last fact where the sort says so, then by row. */
export function comparePositions(a: Position, b: Position, descending: boolean): number {
  if (a.key !== b.key) {
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return a.key < b.key === descending ? 1 : -1;
  }
  if (a.at !== undefined && b.at !== undefined && a.at !== b.at) {
    return a.at < b.at === descending ? 1 : -1;
  }
  return descending ? b.id - a.id : a.id - b.id;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
