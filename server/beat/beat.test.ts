import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { MessageChannel } from 'node:worker_threads';
import { createTransport } from '../broker/connect.ts';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../broker/memory/serve.ts';
import type { Transport } from '../broker/transport.ts';
import { decodeTaskMessage } from '../celery/message.ts';
import { Celery } from '../client/celery.ts';
import { crontab, every, startBeat, type BeatEntry } from './beat.ts';

const NOON = Date.UTC(2026, 2, 2, 12, 0, 0);
const clock = { at: NOON, now: () => clock.at };
let transport: Transport;
let app: Celery;

beforeAll(async () => {
  const { port1, port2 } = new MessageChannel();
  serveMemoryBroker(new MemoryBroker(), port1);
  transport = createTransport({ url: 'memory://', port: port2 });
  await transport.connect();
  app = new Celery('beat', { broker: transport, backend: null, clock });
});

beforeEach(async () => {
  clock.at = NOON;
  await transport.declareQueue('celery');
  await transport.purge('celery');
});

afterAll(async () => {
  await transport.close();
});

function start(schedule: Record<string, BeatEntry>) {
  return startBeat({ app, schedule, clock });
}

async function waiting() {
  const { messages } = await transport.peek('celery', { from: 'next', limit: 100 });
  return messages.flatMap(({ message }) => {
    const task = message === null ? null : decodeTaskMessage(message);
    return task?.ok === true ? [task.value] : [];
  });
}

it('sends an interval one interval after its start, and says how long to sleep', async () => {
  const beat = start({ add: { task: 'tasks.add', schedule: every(30), args: [1, 2] } });
  expect(await beat.tick()).toBe(30_000);
  expect(await waiting()).toEqual([]);
  clock.at += 30_000;
  expect(await beat.tick()).toBe(30_000);
  expect(await waiting()).toMatchObject([{ name: 'tasks.add', args: [1, 2] }]);
  await beat.stop();
});

it('makes up for missed runs once', async () => {
  const schedule = every(10);
  const beat = start({ late: { task: 'tasks.late', schedule, lastRunAt: NOON - 3_600_000 } });
  await expect.poll(waiting).toHaveLength(1);
  await beat.tick();
  expect(await waiting()).toHaveLength(1);
  await beat.stop();
});

it('keeps crontabs, options and headers', async () => {
  const beat = start({
    hourly: {
      task: 'tasks.hourly',
      schedule: crontab({ minute: 5 }),
      kwargs: { full: true },
      options: { headers: { periodic_task_name: 'hourly' }, priority: 3 },
    },
  });
  expect(await beat.tick()).toBe(300_000);
  clock.at += 299_000;
  expect(await beat.tick()).toBe(1000);
  expect(await waiting()).toEqual([]);
  clock.at += 1000;
  await beat.tick();
  expect(await waiting()).toMatchObject([
    {
      name: 'tasks.hourly',
      kwargs: { full: true },
      priority: 3,
      customHeaders: { periodic_task_name: 'hourly' },
    },
  ]);
  await beat.stop();
});

it('refuses a crontab that is none', () => {
  expect(() => crontab({ minute: 'soon' })).toThrow(
    expect.objectContaining({ code: 'bad_configuration' }),
  );
});

it('sends what is due though its memory cannot be written', async () => {
  const memory = {
    load: () => ({}),
    save: () => {
      throw new Error('ENOSPC: no space left on device');
    },
  };
  const schedule = { often: { task: 'tasks.add', schedule: every(10), args: [1, 2] } };
  const beat = startBeat({ app, schedule, clock, memory });
  clock.at = NOON + 10_000;
  expect(await beat.tick()).toBe(10_000);
  expect(await waiting()).toHaveLength(1);
  await beat.stop();
});
