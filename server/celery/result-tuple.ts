// Results as nested tuples (celery.result.as_tuple): a task is [[id, parent], null], a group is
// [[id, parent], [children]]. Bounded in depth.

import type { PyValue } from '../../lib/python/values.ts';

export type ResultTuple = {
  id: string;
  parent: ResultTuple | null;
  /** `null` for a task, a list for a group. */
  children: ResultTuple[] | null;
};

const MAX_DEPTH = 100;

export function decodeResultTuple(value: PyValue | undefined, depth = 0): ResultTuple | null {
  if (!Array.isArray(value) || depth > MAX_DEPTH) return null;
  const [head, members] = value;
  const [id, parent] = Array.isArray(head) ? head : [head];
  if (typeof id !== 'string') return null;
  return {
    id,
    parent: decodeResultTuple(parent, depth + 1),
    children: Array.isArray(members)
      ? members.flatMap((member) => decodeResultTuple(member, depth + 1) ?? [])
      : null,
  };
}

export function encodeResultTuple(tuple: ResultTuple): PyValue {
  return [
    [tuple.id, tuple.parent === null ? null : encodeResultTuple(tuple.parent)],
    tuple.children === null ? null : tuple.children.map(encodeResultTuple),
  ];
}
