// Reads single fields of raw events on the hot path: a value of another type is null. Hostile input is cut, never thrown.
import { isoToMs } from '../celery/fields.ts';
import { MAX_NAME_CHARS, cutText } from './bounds.ts';

/** A short text such as a name; '' counts as absent. */
export function shortText(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return cutText(value, MAX_NAME_CHARS);
}

export function integer(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** Not negative and not absurd. */
export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

export function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** ISO text to epoch milliseconds; most events carry null here. */
export function isoTime(value: unknown): number | null {
  return typeof value === 'string' ? isoToMs(value) : null;
}

const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** How far ahead of us a sender's clock may be before its timestamps are not believed. */
export const MAX_AHEAD_MS = 3_600_000;

/** Epoch ms with microseconds as the fraction; null when no sane clock says so. */
export function eventTime(timestamp: unknown, now: number): number | null {
  if (typeof timestamp !== 'number') return null;
  const at = Math.round(timestamp * 1_000_000) / 1000;
  return at >= EARLIEST_MS && at <= now + MAX_AHEAD_MS ? at : null;
}
