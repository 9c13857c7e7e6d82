import { describe, expect, it } from 'vitest';
import { compareBy } from './use-sort.ts';

const sorted = (values: (number | string | null)[], descending: boolean) =>
  [...values].sort(compareBy((value) => value, descending));

describe('compareBy', () => {
  it('keeps what is not known last in either direction', () => {
    expect(sorted([3, null, 1, 2], false)).toEqual([1, 2, 3, null]);
    expect(sorted([3, null, 1, 2], true)).toEqual([3, 2, 1, null]);
  });

  it('orders names as people count', () => {
    expect(sorted(['w10', 'w9', 'w1'], false)).toEqual(['w1', 'w9', 'w10']);
  });
});
