import { afterEach, describe, expect, it } from 'vitest';
import { NOW, openControlRoom, type ControlRoom } from './testing/control-room.contract.ts';
import type { ControlDeps } from './deps.ts';

let room: ControlRoom | undefined;

async function open(changes?: Partial<ControlDeps>): Promise<ControlRoom> {
  room = await openControlRoom(changes);
  return room;
}
afterEach(async () => {
  await room?.close();
  room = undefined;
});

const MINUTE = 60_000;
const add = { task: 'tasks.add', schedule: 30, args: [16, 16], options: { queue: 'mail' } };
const nightly = { task: 'tasks.clean', schedule: '<crontab: 0 4 * * * (m/h/dM/MY/d)>' };
const telling = (beat_schedule: unknown, more: Record<string, unknown> = {}) => ({
  conf: { value: { beat_schedule, ...more }, readAt: NOW - MINUTE, reason: null },
  ...{ state: 'online' as const, eventsEnabled: true },
});

describe('SC1 the schedule', () => {
  it('is what workers tell, each different entry once, with the newest task of its type', async () => {
    const { control, worker, task } = await open();
    worker('b@h', telling({ add, nightly }, { timezone: 'Europe/Zurich' }));
    worker('a@h', telling({ nightly, add }, { timezone: 'Europe/Zurich' }));
    worker('c@h', telling({ add: { ...add, schedule: 60 } }));
    worker('d@h', telling({}));
    task({ id: 'old', type: 'tasks.add', sentAt: NOW - 5 * MINUTE, state: 'success' });
    // Changed last, sent first.
    task({ id: 'older', type: 'tasks.add', sentAt: NOW - 9 * MINUTE, updatedAt: NOW });
    task({ id: 'new', type: 'tasks.add', sentAt: NOW - 10_000, updatedAt: NOW - MINUTE });
    const { items, sources, total } = await control.schedule();
    expect(sources).toEqual([
      { kind: 'worker', name: 'a@h', others: 0, readAt: NOW - MINUTE },
      { kind: 'worker', name: 'c@h', others: 0, readAt: NOW - MINUTE },
    ]);
    expect([total, items.map(({ name, everyMs }) => [name, everyMs])]).toEqual([
      3,
      [
        ['add', 30_000],
        ['add', 60_000],
        ['nightly', null],
      ],
    ]);
    expect(items[0]).toEqual({
      ...{ name: 'add', task: 'tasks.add', kind: 'interval', everyMs: 30_000, when: '30 s' },
      ...{
        timezone: null,
        args: '(16, 16)',
        kwargs: null,
        queue: 'mail',
        priority: null,
        source: 0,
      },
      lastTask: { id: 'new', state: 'queued', customState: null, at: NOW - 10_000 },
      ...{ expectedAt: NOW + 20_000, isOverdue: false, reason: null },
    });
    expect(items[2]).toMatchObject({
      ...{ kind: 'crontab', when: '0 4 * * *', timezone: 'Europe/Zurich', lastTask: null },
      ...{ expectedAt: Date.UTC(2026, 4, 2, 2), isOverdue: false },
    });
  });

  it('of the app comes first, and is not told twice; arguments are redacted', async () => {
    const { control, worker } = await open({
      appSchedule: { module: 'celery_app', timezone: 'UTC', beatSchedule: { add, nightly } },
      redactKeys: ['token'],
    });
    const kwargs = { token: 'hidden', of: { token: 'hidden too' } };
    worker('a@h', telling({ add, own: { ...add, kwargs } }));
    const { items, sources } = await control.schedule();
    expect(sources).toMatchObject([
      { kind: 'app', name: 'celery_app', readAt: null },
      { kind: 'worker', name: 'a@h' },
    ]);
    expect(items.map(({ name, source }) => [name, source])).toEqual([
      ['add', 0],
      ['nightly', 0],
      ['own', 1],
    ]);
    expect(items[2]?.kwargs).toContain('token');
    expect(JSON.stringify(items)).not.toContain('hidden');
  });

  it('bounds what it lists, and takes whatever a worker tells', async () => {
    const { control, worker } = await open();
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`e${n}`, add]));
    worker('a@h', telling(many));
    worker('b@h', telling('text'));
    worker('c@h', telling([1, { a: 2 }]));
    worker('d@h', telling({ odd: { task: 7, schedule: { no: 'kind' }, args: 'x'.repeat(9000) } }));
    worker('e@h', telling(7));
    const { items, total } = await control.schedule();
    expect([items.length, total]).toEqual([500, 601]);
  });
});

describe('SC3 overdue', () => {
  const late = { id: 'x', type: 'tasks.add', sentAt: NOW - 10 * MINUTE, state: 'success' as const };

  it('is told where all workers tell of their tasks', async () => {
    const { control, worker, task } = await open();
    worker('a@h', telling({ add }));
    task(late);
    expect((await control.schedule()).items[0]).toMatchObject({
      ...{ isOverdue: true, expectedAt: NOW - 10 * MINUTE + 30_000 },
    });
  });

  it.each([
    ['a worker sends no events', { eventsEnabled: false }, 'a@h'],
    ['nobody is online', { state: 'offline' as const }, 'No worker'],
  ])('is not known where %s', async (_when, changes, reason) => {
    const { control, worker, task } = await open();
    worker('a@h', { ...telling({ add }), ...changes });
    task(late);
    expect((await control.schedule()).items[0]).toMatchObject({
      ...{ isOverdue: null, reason: expect.stringContaining(reason) },
    });
  });
});
