// Commands of the runtime as people run them: events, the dashboard for an app, reports, exit codes.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { scheduleList } from '../../lib/contract/index.ts';
import { crontab } from '../../server/beat/beat.ts';
import { Celery } from '../../server/client/celery.ts';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import { runUmbel, startRuntimeWorker, startUmbelCommand } from '../fixtures/runtime/worker.ts';
import { freePort } from '../fixtures/servers/free-port.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { startUmbel } from '../fixtures/umbel.ts';

beforeAll(async () => {
  // Builds what is stale, pages included.
  const umbel = await startUmbel({ args: ['--broker', 'redis://127.0.0.1:1'], freshPages: false });
  await umbel.stop();
}, 600_000);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function room(): string {
  const directory = makeTempDir('commands');
  closers.push(() => {
    removeTempDir(directory);
  });
  return directory;
}

test('events are dumped as they come, as text and as JSON', { timeout: 120_000 }, async () => {
  const url = await freshRedisUrl();
  const settings = { broker_url: url, result_backend: url };
  const text = await startUmbelCommand(['events', '--dump'], { settings });
  const json = await startUmbelCommand(['events', '--json'], { settings });
  closers.push(
    () => text.stop(),
    () => json.stop(),
  );
  await text.says(/evdump: starting capture/, 60_000);
  const worker = await startRuntimeWorker({ settings, args: ['-E', '-c', '1'] });
  closers.push(() => worker.stop());
  await json.says(/"worker-heartbeat"/, 60_000);
  const app = new Celery('commands', settings);
  closers.push(() => app.close());
  const sent = await app.sendTask('tasks.add', [1, 2]);
  await text.says(
    new RegExp(`task succeeded: tasks\\.add\\(${sent.id}\\) args=\\(1, 2\\)`),
    30_000,
  );
  await json.says(
    new RegExp(`"uuid":"${sent.id}".*"task-succeeded"|"task-succeeded".*${sent.id}`),
    30_000,
  );
  expect(text.output()).toMatch(/ours@umbel-test \[.*\] worker heartbeat:/);
  expect(text.output()).not.toContain('\u001b[');
  json.signal('SIGINT');
  expect(await json.ended).toBe(0);
});

test.each([
  ['dashboard', 'Redis'],
  ['flower', 'the embedded broker'],
])('%s serves the dashboard for the app, on %s', { timeout: 120_000 }, async (command, where) => {
  const isEmbedded = where !== 'Redis';
  const url = isEmbedded ? `memory://${join(room(), 'broker')}` : await freshRedisUrl();
  const port = String(await freePort());
  const beat_schedule = {
    nightly: {
      task: 'tasks.clean',
      schedule: crontab({ hour: 4 }),
      kwargs: { password: 'hidden' },
    },
    thirty: { task: 'tasks.add', schedule: 30, args: [16, 16] },
  };
  const settings = {
    ...{ broker_url: url, result_backend: url, task_queues: [{ name: 'media' }] },
    ...{ timezone: 'Europe/Zurich', beat_schedule },
  };
  const flags = ['--port', port, '--data-dir', join(room(), 'data')];
  if (isEmbedded) {
    const worker = await startRuntimeWorker({ settings, args: ['-c', '1'] });
    closers.push(() => worker.stop());
  }
  const child = await startUmbelCommand([command, ...flags], { settings });
  closers.push(() => child.stop());
  await child.says(/Umbel is at http/, 90_000);
  const queues = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/clusters/default/queues`);
    return answer.text();
  };
  const consumers = isEmbedded ? 'ours@umbel-test' : '"media"';
  await expect.poll(queues, { timeout: 30_000 }).toContain('"media"');
  await expect.poll(queues, { timeout: 30_000 }).toContain(consumers);
  const told = await fetch(`http://127.0.0.1:${port}/api/v1/clusters/default/schedule`);
  const list = scheduleList.parse(await told.json());
  expect(list.sources).toMatchObject([{ kind: 'app' }]);
  expect(list.items).toMatchObject([
    { name: 'never', when: '* * 29 2 *' },
    { name: 'nightly', when: '* 4 * * *', timezone: 'Europe/Zurich', isOverdue: null },
    { name: 'often', everyMs: 1000 },
    { name: 'thirty', everyMs: 30_000, args: '(16, 16)' },
  ]);
  expect(JSON.stringify(list)).not.toContain('hidden');
  child.signal('SIGTERM');
  expect(await child.ended).toBe(0);
});

test('report tells settings without secrets, in text and as JSON', async () => {
  const settings = { broker_url: 'redis://user:hidden@127.0.0.1:1/0', task_time_limit: 30 };
  const text = await runUmbel(['report'], settings);
  expect(text.code).toBe(0);
  expect(text.output).toMatch(/software -> umbel:.*\nplatform -> [^]*task_time_limit: 30/);
  expect(text.output).not.toContain('hidden');
  const json = await runUmbel(['report', '--json'], settings);
  expect(JSON.parse(json.output)).toMatchObject({
    software: expect.stringContaining('node:'),
    settings: { task_time_limit: 30, worker_prefetch_multiplier: 4 },
  });
});

test(
  'wrong use ends with 2, a broker that is away with 1, silence with 69',
  { timeout: 90_000 },
  async () => {
    const here = { broker_url: await freshRedisUrl() };
    const away = { broker_url: 'redis://127.0.0.1:1/0', broker_connection_timeout: 1 };
    const stubborn = { ...away, broker_connection_retry_on_startup: false };
    const ended = await Promise.all([
      runUmbel(['worker', '--nonsense'], here),
      runUmbel(['inspect', 'nonsense'], here),
      runUmbel(['purge', '-f'], away),
      runUmbel(['worker'], stubborn),
      runUmbel(['inspect', 'ping', '-t', '0.2'], here),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([2, 2, 1, 1, 69]);
  },
);

test('a beat that waits for its broker can be told to stop', async () => {
  const settings = { broker_url: 'redis://127.0.0.1:1/0' };
  const beat = await startUmbelCommand(['beat', '-s', join(room(), 'schedule')], { settings });
  closers.push(() => beat.stop());
  await beat.says(/beat: Cannot connect to redis:.*\n.*Trying again in 2\.00 seconds/, 60_000);
  beat.signal('SIGTERM');
  expect(await beat.ended).toBe(0);
});

test(
  'a worker goes on in the background, until it is told to stop',
  { timeout: 90_000 },
  async () => {
    const url = await freshRedisUrl();
    const settings = { broker_url: url, result_backend: url };
    const directory = room();
    const pidfile = join(directory, 'worker.pid');
    const logfile = join(directory, '%n.log');
    const flags = ['-D', '-c', '1', '-n', 'gone@umbel-test', '--pidfile', pidfile, '-f', logfile];
    const started = await runUmbel(['worker', '-l', 'INFO', ...flags], settings);
    expect(started.code).toBe(0);
    const app = new Celery('commands', settings);
    closers.push(() => app.close());
    const sent = await app.sendTask('tasks.add', [1, 2]);
    expect(await sent.get({ timeoutMs: 60_000 })).toBe(3);
    const logged = () => readFileSync(join(directory, 'gone.log'), 'utf8');
    await expect.poll(logged).toContain('gone@umbel-test ready.');
    const stopped = await runUmbel(['control', 'shutdown', '-t', '1'], settings);
    expect(stopped.code).toBe(69);
    await expect.poll(() => existsSync(pidfile), { timeout: 30_000 }).toBe(false);
  },
);
