import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PyFloat, PyOpaque, PyTuple, type PyValue } from '../../../lib/python/values.ts';
import { viewPickle } from './pickle-view.ts';
import { writePickle } from './pickle-write.ts';

const plain = fc.letrec<{ value: PyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
    fc.bigInt({ min: -(2n ** 200n), max: -(2n ** 53n) }),
    fc.double().filter((number) => !Number.isInteger(number)),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

describe('writePickle', () => {
  it('writes what the reader reads', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const view = viewPickle(writePickle(value));
        expect(view).toEqual({ ok: true, value });
      }),
      { numRuns: 200 },
    );
  });

  it('keeps tuples and floats apart from lists and integers', () => {
    const value = new PyTuple([new PyFloat(1), 1, [new PyTuple([])]]);
    expect(viewPickle(writePickle(value))).toEqual({ ok: true, value });
  });

  it('refuses what is no plain data', () => {
    expect(() => writePickle([new PyOpaque('a widget', 12)])).toThrow(/a widget/);
  });
});
