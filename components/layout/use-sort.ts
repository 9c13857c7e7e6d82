'use client';
import { parseAsString, useQueryState } from 'nuqs';

export type Sort<K extends string> = { key: K; descending: boolean };

/** The order of a table, kept in the URL as `key` or `-key`. Unknown keys fall back to the first. */
export function useSort<K extends string>(keys: readonly [K, ...K[]]) {
  const [text, setText] = useQueryState('sort', parseAsString.withDefault(keys[0]));
  const wanted = text.replace(/^-/, '');
  const key = keys.find((one) => one === wanted) ?? keys[0];
  const sort: Sort<K> = { key, descending: text.startsWith('-') };
  return {
    sort,
    /** Figures start with the largest, names with the first. */
    toggle: (next: K, startDescending: boolean) => {
      const descending = next === key ? !sort.descending : startDescending;
      void setText(`${descending ? '-' : ''}${next}`);
    },
    directionOf: (one: K): 'asc' | 'desc' | null =>
      one === key ? (sort.descending ? 'desc' : 'asc') : null,
  };
}

/** Orders by a value; what is not known comes last in either direction. */
export function compareBy<T>(
  valueOf: (item: T) => string | number | null,
  descending: boolean,
): (a: T, b: T) => number {
  return (a, b) => {
    const left = valueOf(a);
    const right = valueOf(b);
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order =
      typeof left === 'string' || typeof right === 'string'
        ? String(left).localeCompare(String(right), 'en', { numeric: true })
        : left - right;
    return descending ? -order : order;
  };
}
