import { describe, expect, it } from 'vitest';
import { meaningOf, pastedId, type KeyFacts } from './keys.ts';

const press = (key: string, more: Partial<KeyFacts> = {}): KeyFacts => ({
  key,
  meta: false,
  ctrl: false,
  alt: false,
  inField: false,
  ...more,
});

describe('meaningOf', () => {
  it('goes to pages after g', () => {
    expect(meaningOf(press('g'), null)).toEqual({ type: 'wait-for-page' });
    expect(meaningOf(press('t'), 'g')).toEqual({ type: 'go', path: 'tasks' });
    expect(meaningOf(press('t'), null)).toEqual({ type: 'none' });
    expect(meaningOf(press('x'), 'g')).toEqual({ type: 'none' });
  });

  it('leaves fields and the browser alone', () => {
    expect(meaningOf(press('j', { inField: true }), null)).toEqual({ type: 'none' });
    expect(meaningOf(press('/', { ctrl: true }), null)).toEqual({ type: 'none' });
    expect(meaningOf(press('K', { ctrl: true, inField: true }), null)).toEqual({ type: 'palette' });
  });
});

describe('pastedId', () => {
  it('knows an id among what was copied with it', () => {
    const id = '9f1c2a7e-41c0-4be1-9a55-0d3b6f0c71aa';
    expect(pastedId(` [${id}] `)).toBe(id);
    expect(pastedId(`"${id}",`)).toBe(id);
    expect(pastedId('mail.send')).toBeNull();
  });
});
