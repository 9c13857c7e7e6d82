import { describe, expect, it } from 'vitest';
import { Admission } from './admission.ts';

describe('Admission', () => {
  it('admits what fits, and keeps it while others come', () => {
    const admission = new Admission(10, (name) => name.length);
    expect(['aaaa', 'bbbb', 'cccc', 'dd', 'aaaa'].map((name) => admission.has(name))).toEqual([
      ...[true, true, false, true, true],
    ]);
    expect(admission.refusedCount).toBe(1);
  });

  it('gives the room of names that are gone to others', () => {
    const admission = new Admission(10, (name) => name.length);
    admission.has('aaaaaaaa');
    expect(admission.has('bbbb')).toBe(false);
    admission.forgetAllBut(new Set(['bbbb']));
    expect(admission.has('bbbb')).toBe(true);
    expect(admission.refusedCount).toBe(0);
  });
});
