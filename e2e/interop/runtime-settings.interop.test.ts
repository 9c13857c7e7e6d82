// Settings of an app that the command line of our worker obeys as it does its flags.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { decodeEvents } from '../../server/celery/event.ts';
import { Celery } from '../../server/client/celery.ts';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import { startRuntimeWorker, type RuntimeWorker } from '../fixtures/runtime/worker.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const patience = { timeout: 60_000, interval: 50 };
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open() {
  const url = await freshRedisUrl();
  const app = new Celery('settings', { broker: url, backend: url });
  closers.push(() => app.close());
  await app.connect();
  const directory = makeTempDir('settings');
  closers.push(() => {
    removeTempDir(directory);
  });
  const runs = join(directory, 'runs');
  const work = async (more: Record<string, unknown>, args: string[] = []) => {
    const settings = { broker_url: url, result_backend: url, ...more };
    const worker = await startRuntimeWorker({ settings, runs, args: ['-c', '1', ...args] });
    closers.push(() => worker.kill());
    return worker;
  };
  return { app, directory, runs, work };
}

async function ask(app: Celery, { hostname }: RuntimeWorker, command: string): Promise<unknown> {
  const options = { destination: [hostname], timeoutMs: 20_000 };
  return (await app.broadcast(command, {}, options))[hostname];
}

test('worker_pool, worker_send_task_events and worker_state_db', { timeout: 120_000 }, async () => {
  const { app, directory, work } = await open();
  const events: string[] = [];
  await app.transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(Buffer.from(body), contentType);
      if (decoded.ok) events.push(...decoded.value.events.map(({ type }) => type));
    },
    onGap: () => undefined,
    onMalformed: () => undefined,
  });
  const settings = {
    worker_pool: 'prefork',
    worker_send_task_events: true,
    worker_state_db: join(directory, '%n.state'),
  };
  const pidfile = ['--pidfile', join(directory, '%n.pid')];
  const first = await work(settings, pidfile);
  const pid = await (await app.sendTask<number>('tasks.pid')).get({ timeoutMs: 60_000 });
  const stats = (await ask(app, first, 'stats')) as { pid: number; pool: { processes: number[] } };
  expect(stats.pool.processes).toEqual([pid]);
  expect(readFileSync(join(directory, 'ours.pid'), 'utf8').trim()).toBe(String(stats.pid));
  await expect.poll(() => events, patience).toContain('task-succeeded');
  await app.revoke(['gone']);
  await expect.poll(() => ask(app, first, 'revoked'), patience).toEqual(['gone']);
  expect(await first.stop()).toBe(0);
  expect(existsSync(join(directory, 'ours.pid'))).toBe(false);
  const second = await work({ worker_state_db: settings.worker_state_db });
  expect(await ask(app, second, 'revoked')).toEqual(['gone']);
  events.splice(0);
  await (await app.sendTask('tasks.pid')).get({ timeoutMs: 60_000 });
  expect(await second.stop()).toBe(0);
  await expect.poll(() => events, patience).toContain('worker-offline');
  expect(events.filter((type) => type.startsWith('task-'))).toEqual([]);
});

test(
  'worker_soft_shutdown_timeout: the second signal waits, the third does not',
  { timeout: 120_000 },
  async () => {
    const { app, directory, runs, work } = await open();
    const gate = join(directory, 'open');
    const patient = await work({ worker_soft_shutdown_timeout: 3600 });
    const sent = await app.sendTask<string>('tasks.gate', ['one', gate]);
    await patient.child.says(/tasks\.gate\[.*received/, 60_000);
    patient.child.signal('SIGTERM');
    await patient.child.says(/Warm shutdown/, 20_000);
    patient.child.signal('SIGTERM');
    await patient.child.says(/Soft shutdown, 3600 seconds/, 20_000);
    writeFileSync(gate, '');
    expect(await patient.child.ended).toBe(0);
    expect(await sent.get({ timeoutMs: 20_000 })).toBe('one');
    expect(readFileSync(runs, 'utf8')).toBe('one\n');

    const closed = join(directory, 'closed');
    const worker = await work({ worker_soft_shutdown_timeout: 3600 });
    await app.sendTask('tasks.gate', ['two', closed]);
    await worker.child.says(/tasks\.gate\[.*received/, 60_000);
    worker.child.signal('SIGQUIT');
    await worker.child.says(/Soft shutdown, 3600 seconds/, 20_000);
    worker.child.signal('SIGQUIT');
    await worker.child.says(/Cold shutdown/, 20_000);
    expect(await worker.child.ended).toBe(0);
    expect(await app.transport.measureQueues(['celery'])).toMatchObject([
      { ready: 1, inFlight: 0 },
    ]);
  },
);
