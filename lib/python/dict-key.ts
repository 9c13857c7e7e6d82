import { floatRepr } from './float-repr.ts';
import { PyFloat, type PyValue } from './values.ts';

/**
 * The text that a dict's key becomes in JSON, as Python's `json.dumps` decides; `null` for keys that
 * it refuses (tuples, bytes, …).
 */
export function dictKey(key: PyValue): string | null {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  if (key instanceof PyFloat) return floatRepr(key.value);
  if (typeof key !== 'number') return null;
  if (Number.isNaN(key)) return 'NaN';
  if (!Number.isFinite(key)) return key > 0 ? 'Infinity' : '-Infinity';
  return Number.isSafeInteger(key) ? String(key) : floatRepr(key);
}
