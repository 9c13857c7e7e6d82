import { describe, expect, it } from 'vitest';
import { toOutlook } from './outlook.ts';

const facts = {
  ready: 10,
  consumers: 2,
  inPerSecond: 1,
  outPerSecond: 2,
  emptyInMs: 9000,
  reason: null,
};

describe('toOutlook', () => {
  it('tells when a queue will be empty', () => {
    expect(toOutlook(facts)).toMatchObject({ type: 'drains', text: 'in 9 s' });
    expect(toOutlook({ ...facts, ready: 0, emptyInMs: 0 }).type).toBe('empty');
    expect(toOutlook({ ...facts, emptyInMs: null, inPerSecond: 3 }).type).toBe('grows');
    expect(toOutlook({ ...facts, emptyInMs: null, inPerSecond: 2 }).type).toBe('steady');
    const still = { ...facts, emptyInMs: null, inPerSecond: 0, outPerSecond: 0 };
    expect(toOutlook(still)).toMatchObject({ type: 'still', text: 'not moving' });
  });

  it('keeps apart what nobody consumes and what is not known', () => {
    expect(toOutlook({ ...facts, consumers: 0 }).type).toBe('no-consumer');
    expect(toOutlook({ ...facts, consumers: null }).type).toBe('drains');
    expect(toOutlook({ ...facts, ready: null, reason: 'NOAUTH' })).toEqual({
      type: 'unknown',
      text: 'unknown',
      reason: 'NOAUTH',
    });
    expect(toOutlook({ ...facts, emptyInMs: null, inPerSecond: null }).type).toBe('unknown');
  });
});
