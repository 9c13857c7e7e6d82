import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCrontab, parseCrontabText, type Crontab } from './crontab.ts';
import { crontabText, readToldSchedule, tellSchedule } from './told-schedule.ts';

const read = (schedule: unknown) => {
  const [entry] = readToldSchedule({ entry: { task: 'tasks.add', schedule } });
  return entry === undefined ? null : { schedule: entry.schedule, when: entry.when };
};
const interval = (everyMs: number, relative = false) => ({ type: 'interval', everyMs, relative });

describe('what Python tells', () => {
  it.each([
    [30, 30_000],
    [0.5, 500],
    ['0:00:30', 30_000],
    ['1 day, 2:00:00.500000', 93_600_500],
    ['<freq: 30.00 seconds>', 30_000],
    ['<freq: 1.00 minute>', 60_000],
    ['<freq: 1.50 days>', 129_600_000],
  ])('is an interval: %s', (told, everyMs) => {
    expect(read(told)?.schedule).toEqual(interval(everyMs));
  });

  it.each([
    ['<crontab: */5 * * * * (m/h/dM/MY/d)>', '*/5 * * * *'],
    ['<crontab: 0 4 1 jan-jun mon-fri (m/h/dM/MY/d)>', '0 4 1 jan-jun mon-fri'],
    // Celery 5.2 had the day of the week third.
    ['<crontab: 0 4 sun 1 * (m/h/d/dM/MY)>', '0 4 1 * sun'],
    ['<crontab: {0, 30} [8, 9] * * (1,) (m/h/dM/MY/d)>', '0,30 8,9 * * 1'],
  ])('is a crontab: %s', (told, when) => {
    const parsed = parseCrontabText(when);
    expect(read(told)).toEqual({
      schedule: { type: 'crontab', crontab: parsed.ok && parsed.value },
      when,
    });
  });

  it.each([
    '<solar: sunrise at latitude 1, longitude: 2>',
    '<crontab: 61 * * * * (m/h/dM/MY/d)>',
    '<crontab: * * * * (m/h/dM/MY/d)>',
    '<crontab: * * * * * (m/m/m/m/m)>',
    '<freq: 0.00 seconds>',
    '0:00:00',
    '',
  ])('is kept as words where it is of no kind that is known: "%s"', (told) => {
    expect(read(told)).toEqual({ schedule: null, when: told });
  });
});

it('reads the whole entry, and what is no schedule is none', () => {
  const told = {
    add: {
      task: 'tasks.add',
      schedule: 10,
      relative: true,
      args: [1, [2]],
      kwargs: { deep: { a: null } },
      options: { queue: 'mail', priority: 3, expires: 5 },
    },
    nameless: { schedule: -1, args: 'text', kwargs: [], options: 7 },
    wrong: 'text',
  };
  expect(readToldSchedule(told)).toEqual([
    {
      ...{ name: 'add', task: 'tasks.add', schedule: interval(10_000, true), when: '10 s' },
      ...{ args: [1, [2]], kwargs: { deep: { a: null } }, queue: 'mail', priority: 3 },
    },
    {
      ...{ name: 'nameless', task: null, schedule: null, when: '-1' },
      ...{ args: null, kwargs: null, queue: null, priority: null },
    },
  ]);
  for (const nothing of [null, [], 'text', 7]) expect(readToldSchedule(nothing)).toEqual([]);
});

it('reads anything without throwing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      readToldSchedule(value);
      readToldSchedule({ a: value, b: { task: value, schedule: value, options: value } });
      read(text);
      read(`<crontab: ${text} (m/h/dM/MY/d)>`);
    }),
  );
});

const field = (min: number, max: number) =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: max - min + 1 })
    .map((values) => values.sort((a, b) => a - b));

it('is read as what our workers tell', () => {
  const crontabs: fc.Arbitrary<Crontab> = fc.record({
    minute: field(0, 59),
    hour: field(0, 23),
    dayOfMonth: field(1, 28),
    monthOfYear: field(1, 12),
    dayOfWeek: field(0, 6),
  });
  fc.assert(
    fc.property(crontabs, (crontab) => {
      expect(read(tellSchedule({ type: 'crontab', crontab }))?.schedule).toEqual({
        type: 'crontab',
        crontab,
      });
    }),
  );
  expect(
    read(tellSchedule({ type: 'interval', everyMs: 1500, relative: false }))?.schedule,
  ).toEqual(interval(1500));
});

it.each([
  [{}, '* * * * *'],
  [{ minute: '*/15', hour: '8-18' }, '*/15 8-18 * * *'],
  [{ minute: '0,30', dayOfMonth: '*/2', dayOfWeek: 'mon' }, '0,30 * */2 * 1'],
  [{ minute: '5-59/10', monthOfYear: '6' }, '5,15,25,35,45,55 * * 6 *'],
])('writes a crontab as short as it goes: %j', (fields, text) => {
  const parsed = parseCrontab(fields);
  expect(parsed.ok && crontabText(parsed.value)).toBe(text);
});
