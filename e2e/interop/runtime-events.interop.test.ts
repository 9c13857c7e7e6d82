// What `celery events` and Flower see of our worker and of Python's, side by side, of the same tasks: events, their fields, types and order,
// heartbeats, and what celery.events.state makes of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Celery } from '../../server/client/celery.ts';
import { startWorker } from '../../server/worker/worker.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { startWorker as startPythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';

type Fields = Record<string, string>;
type Story = {
  types: string[];
  fields: Record<string, Fields>;
  sent: Fields[];
  state: string;
  name: string;
  args: string;
  result: string | null;
  retries: number | null;
  worker: boolean;
};
type Told = {
  tasks: Record<string, Story>;
  heartbeat: Fields;
  loadavg: string[];
  freq: number;
  alive: boolean;
  processed: boolean;
  clock_grows: boolean;
};

const KINDS = ['succeeds', 'fails', 'retries', 'expires'];
const closers: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

describe.each(['redis', 'amqp'] as const)('on %s', (kind) => {
  let ours: Told;
  let theirs: Told;

  beforeAll(async () => {
    const backend = await freshRedisUrl();
    const vhost = kind === 'amqp' ? await freshVhost() : null;
    if (vhost !== null) closers.push(() => vhost.remove());
    const broker = vhost?.url ?? backend;
    const python: CeleryApp = { broker, backend, taskSent: true };
    const app = new Celery('events', { broker, backend, taskSendSentEvent: true });
    closers.push(() => app.close());
    await app.connect();
    // Celery before 5.3 loses events of threads, and its processes tell of a retry after the message is there.
    const pool = isOldCelery ? 'solo' : 'threads';
    const options = { app: python, pool, name: 'theirs' } as const;
    const [theirWorker, ourWorker] = await Promise.all([
      startPythonWorker({ ...options, queues: ['theirs'] }),
      startWorker({
        app,
        tasks: new URL('./support/event-tasks.ts', import.meta.url),
        hostname: 'ours@umbel-test',
        queues: ['ours'],
        pool: 'async',
        sendEvents: true,
      }),
    ]);
    closers.push(
      () => theirWorker.stop(),
      () => ourWorker.stop({ graceMs: 0 }),
    );
    await theirWorker.ready;
    const args = ['ours', ourWorker.hostname, 'theirs', theirWorker.hostname];
    const said = await runPython('watch_events.py', { app: python, args, timeoutMs: 110_000 });
    ({ ours, theirs } = JSON.parse(said) as { ours: Told; theirs: Told });
  }, 300_000);

  test.each(KINDS)('a task that %s: the same events in the same order', (name) => {
    expect(ours.tasks[name]?.types.length).toBeGreaterThan(0);
    // In either language the second attempt may be received before anybody is told of the retry that sent it.
    const inOrder = (types: readonly string[] = []) =>
      isOldCelery || name === 'retries' ? [...types].sort() : types;
    expect(inOrder(ours.tasks[name]?.types)).toEqual(inOrder(theirs.tasks[name]?.types));
    expect(ours.tasks[name]?.types.at(-1)).toBe(theirs.tasks[name]?.types.at(-1));
  });

  // Celery 5.2 writes some numbers as integers.
  test.skipIf(isOldCelery).each(KINDS)(
    'a task that %s: the same fields of the same types',
    (name) => {
      expect(ours.tasks[name]?.fields).toEqual(theirs.tasks[name]?.fields);
    },
  );

  test.skipIf(isOldCelery).each(KINDS)(
    'a task that %s: the same in the state of a monitor',
    (name) => {
      const pick = (told: Told) => {
        const {
          state,
          name: task,
          args,
          result,
          retries,
          worker,
          sent = [],
        } = told.tasks[name] ?? {};
        // Caller and worker tell of a call each on a connection of its own.
        const calls = [...sent].sort((a, b) => (String(a['eta']) < String(b['eta']) ? -1 : 1));
        return { state, task, args, result, retries, worker, calls };
      };
      expect(pick(ours)).toEqual(pick(theirs));
      expect(pick(ours).worker).toBe(true);
      expect(pick(ours).calls).toHaveLength(name === 'retries' ? 2 : 1);
    },
  );

  test.skipIf(isOldCelery)(
    'heartbeats: the same fields, types and frequency, and a worker that is alive',
    () => {
      const pick = ({ heartbeat, loadavg, freq, alive, processed }: Told) => {
        return { heartbeat, loadavg, freq, alive, processed };
      };
      expect(pick(ours)).toEqual(pick(theirs));
      expect(pick(ours)).toMatchObject({ alive: true, processed: true });
    },
  );

  test('the clock only grows', () => {
    expect([ours.clock_grows, theirs.clock_grows]).toEqual([true, true]);
  });
});
