import { describe, expect, it } from 'vitest';
import { at, numbersAt, textAt, toFacts } from './facts.ts';

const stats = {
  pid: 7,
  pool: { timeouts: [60, 30], 'put-guarded-by-semaphore': false },
  total: { 'a.b': 3 },
};

describe('toFacts', () => {
  it('flattens a reply and writes values as Python does', () => {
    expect(toFacts(stats).map((fact) => [fact.name, fact.value])).toEqual([
      ['pid', '7'],
      ['pool.timeouts', '[60,30]'],
      ['pool.put-guarded-by-semaphore', 'False'],
      ['total.a.b', '3'],
    ]);
  });

  it('keeps keys as they are and knows what is masked', () => {
    expect(toFacts({ broker_password: '********', x: null, y: '' })).toEqual([
      { name: 'broker_password', value: '********', isMasked: true },
      { name: 'x', value: 'None', isMasked: false },
      { name: 'y', value: "''", isMasked: false },
    ]);
  });
});

it('reads paths without falling through the prototype', () => {
  expect(at(stats, 'pool', 'timeouts')).toEqual([60, 30]);
  expect(textAt(stats, 'constructor')).toBeNull();
  expect(numbersAt(stats, 'total')).toEqual([['a.b', 3]]);
});
