import { expect, it } from 'vitest';
import { Roster } from './roster.ts';

const member = (name: string) => ({ name, place: -1 });
const names = (roster: Roster<ReturnType<typeof member>>) =>
  [...roster].map(({ name }) => name).sort();

it('knows who is present, in whatever order they leave', () => {
  const roster = new Roster<ReturnType<typeof member>>();
  const all = Array.from({ length: 50 }, (_, at) => member(String(at)));
  for (const one of all) roster.add(one);
  for (const [at, one] of all.entries()) if (at % 3 === 0) expect(roster.delete(one)).toBe(true);
  const left = all.filter((_, at) => at % 3 !== 0);
  expect(names(roster)).toEqual(left.map(({ name }) => name).sort());
  for (const one of left.reverse()) expect(roster.delete(one)).toBe(true);
  expect(roster.size).toBe(0);
});

it('takes nobody twice, and lets nobody leave twice or from where he is not', () => {
  const [roster, other] = [new Roster<ReturnType<typeof member>>(), new Roster()];
  const [one, two] = [member('one'), member('two')];
  roster.add(one);
  roster.add(one);
  other.add(two);
  expect(roster.size).toBe(1);
  expect(roster.delete(two)).toBe(false);
  expect(roster.delete(one)).toBe(true);
  expect(roster.delete(one)).toBe(false);
  roster.add(one);
  expect(names(roster)).toEqual(['one']);
});

it('finds one of them', () => {
  const roster = new Roster<ReturnType<typeof member>>();
  const all = [member('one'), member('two')];
  for (const one of all) roster.add(one);
  expect(roster.find(({ name }) => name === 'two')).toBe(all[1]);
  expect(roster.find(({ name }) => name === 'three')).toBeUndefined();
});
