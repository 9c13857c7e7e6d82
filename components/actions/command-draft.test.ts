import { describe, expect, it } from 'vitest';
import { toCommand } from './command-draft.ts';

describe('toCommand', () => {
  it('reads fields as the contract has them', () => {
    expect(toCommand('pool_grow', { n: ' 2 ' })).toEqual({
      ok: true,
      command: { command: 'pool_grow', n: 2 },
    });
    expect(toCommand('time_limit', { type: 'a.b', softMs: '1.5', hardMs: '' })).toEqual({
      ok: true,
      command: { command: 'time_limit', type: 'a.b', softMs: 1500, hardMs: null },
    });
    expect(toCommand('add_consumer', { queue: 'a&b' })).toEqual({
      ok: true,
      command: { command: 'add_consumer', queue: 'a&b' },
    });
  });

  it('sends no empty box, and no NaN', () => {
    expect(toCommand('pool_grow', {})).toMatchObject({
      ok: false,
      problems: { n: 'Please fill this in.' },
    });
    expect(toCommand('pool_grow', { n: 'many' })).toMatchObject({ ok: false });
    expect(toCommand('pool_grow', { n: '0' })).toMatchObject({ ok: false });
    expect(toCommand('rate_limit', { type: 'a', rateLimit: '' })).toMatchObject({ ok: false });
    expect(toCommand('rate_limit', { type: 'a', rateLimit: '10 per day' })).toMatchObject({
      ok: false,
    });
    expect(toCommand('autoscale', { min: '9', max: '3' })).toMatchObject({ ok: false });
    expect(toCommand('add_consumer', { queue: '  ' })).toMatchObject({ ok: false });
  });
});
