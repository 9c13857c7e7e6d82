import { expect, it } from 'vitest';
import { collectGarbage } from './collect-garbage.ts';

it('collects what nobody holds', () => {
  let held: object | null = { some: 'thing' };
  const seen = new WeakRef(held);
  collectGarbage();
  expect(seen.deref()).toBe(held);
  held = null;
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collectGarbage();
    expect(seen.deref()).toBeUndefined();
  });
});
