// What a pickle left on the stack, as a plain tree: shared parts are repeated, cycles and depth are
// cut, and too many parts are refused.

import {
  PyBytes,
  PyOpaque,
  PyTuple,
  isPyDict,
  setKey,
  type PyDict,
  type PyValue,
} from '../../../lib/python/values.ts';
import { PickleError } from './pickle-reader.ts';

const MAX_DEPTH = 100;
const MAX_NODES = 200_000;

/** Throws `PickleError` when the tree would have too many nodes. */
export function detachedCopy(value: PyValue): PyValue {
  const open = new Set<PyValue>();
  let left = MAX_NODES;
  const copy = (item: PyValue): PyValue => {
    left -= 1;
    if (left < 0) throw new PickleError('The pickle is too large to be shown');
    if (typeof item !== 'object' || item === null) return item;
    if (item instanceof PyOpaque || item instanceof PyBytes) return item;
    if (open.has(item)) return new PyOpaque('a cycle', 0);
    if (open.size >= MAX_DEPTH) return new PyOpaque('nested too deeply', 0);
    open.add(item);
    const result = copyContainer(item, copy);
    open.delete(item);
    return result;
  };
  return copy(value);
}

function copyContainer(item: PyValue, copy: (inner: PyValue) => PyValue): PyValue {
  if (Array.isArray(item)) return item.map(copy);
  if (item instanceof PyTuple) return new PyTuple(item.items.map(copy));
  if (!isPyDict(item)) return item;
  const dict: PyDict = {};
  for (const [key, inner] of Object.entries(item)) setKey(dict, key, copy(inner));
  return dict;
}
