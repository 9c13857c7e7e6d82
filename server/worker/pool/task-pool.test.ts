import { afterAll, beforeAll, expect, test } from 'vitest';
import { PyDatetime } from '../../../lib/python/values.ts';
import type { Outcome } from '../../client/attempt/attempt.ts';
import { unpackJob } from './packed-job.ts';
import { TaskPool, type PoolKind } from './task-pool.ts';

let lastKey = 0;
let wake: () => void = () => undefined;
const create = (kind: PoolKind, concurrency: number) =>
  new TaskPool({
    kind,
    concurrency,
    place: {
      type: 'module',
      href: new URL('../testing/tasks.ts', import.meta.url).href,
      hostname: 'w@test',
      measuresMemory: false,
    },
    maxHeapMb: null,
    maxTasksPerChild: null,
    maxMemoryBytes: null,
    onFree: () => wake(),
    onTrouble: () => undefined,
  });
const pool = create('threads', 1);

beforeAll(async () => {
  await pool.start();
});
afterAll(() => pool.close());

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function run(name: string, ...args: unknown[]) {
  return runIn(pool, name, ...args);
}

function runIn(place: TaskPool, name: string, ...args: unknown[]) {
  lastKey += 1;
  const id = `task-${String(lastKey)}`;
  const packed = [
    1,
    lastKey,
    id,
    name,
    args,
    null,
    id,
    null,
    id,
    null,
    null,
    '',
    'q',
    0,
    null,
    null,
    null,
  ];
  const job = unpackJob(packed as unknown as Parameters<typeof unpackJob>[0], 'w@test');
  const room = place.room();
  if (room === null) throw new Error('no room');
  const said: string[] = [];
  const returned = deferred<undefined>();
  const ended = deferred<Outcome>();
  place.run(
    room,
    job,
    { softTimeLimitMs: null, timeLimitMs: null },
    {
      onAccepted: () => said.push('accepted'),
      onReturned: () => {
        said.push('returned');
        returned.resolve(undefined);
      },
      onNote: () => undefined,
      onWish: () => Promise.resolve(null),
      onOutcome: (outcome) => {
        said.push(outcome.type);
        ended.resolve(outcome);
      },
    },
  );
  return { id, said, returned: returned.promise, ended: ended.promise };
}

async function whenFree(): Promise<void> {
  while (pool.room() === null) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

/** Until the pool has learnt, well, that the type is a short one: then it has room while one runs. */
async function learn(): Promise<void> {
  for (let times = 0; times < 10;) {
    await whenFree();
    const { ended } = run('tasks.unruly', 'well');
    times = pool.room() === null ? 0 : times + 1;
    await ended;
  }
}

test('a job that was handed over ahead of one that blocks comes back, and does not run', async () => {
  await learn();
  const blocking = run('tasks.unruly', 'block');
  const ahead = run('tasks.unruly', 'well');
  expect(ahead.said).toEqual([]);
  await ahead.returned;
  expect(pool.terminate(blocking.id, 'SIGKILL')).toBe(true);
  expect(await blocking.ended).toMatchObject({ type: 'terminated' });
  await whenFree();
  await run('tasks.unruly', 'well').ended;
  expect(ahead.said).toEqual(['returned']);
});

test('what is ahead can be taken back at once, and jobs ahead run in their order', async () => {
  await learn();
  const first = run('tasks.unruly', 'well');
  const second = run('tasks.unruly', 'well');
  expect(await second.ended).toMatchObject({ type: 'success', result: 'well' });
  expect(first.said).toEqual(['accepted', 'success']);
  const blocking = run('tasks.unruly', 'block');
  const ahead = run('tasks.unruly', 'well');
  pool.takeBack();
  expect(ahead.said).toEqual(['returned']);
  pool.terminate(blocking.id, 'SIGKILL');
  await blocking.ended;
  await whenFree();
});

test('a thread that dies takes only what it had started', async () => {
  await learn();
  const dying = run('tasks.unruly', 'exit');
  const ahead = run('tasks.unruly', 'well');
  expect(await dying.ended).toMatchObject({ type: 'failure', lost: true });
  await ahead.returned;
  await whenFree();
  await run('tasks.unruly', 'well').ended;
  expect(ahead.said).toEqual(['returned']);
});

test('a result keeps its type', async () => {
  await whenFree();
  expect(await run('tasks.dated').ended).toMatchObject({
    type: 'success',
    result: new PyDatetime('2026-11-28T00:00:00+00:00'),
  });
});

test('many at once in one thread all run to their end', async () => {
  const many = create('async', 300);
  try {
    await many.start();
    const all: Promise<Outcome>[] = [];
    for (let rest = 2000; rest > 0;) {
      if (many.room() === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      all.push(runIn(many, 'tasks.unruly', 'well').ended);
      rest -= 1;
    }
    const ended = await Promise.all(all);
    expect(ended.filter(({ type }) => type === 'success')).toHaveLength(2000);
  } finally {
    await many.close();
  }
});
