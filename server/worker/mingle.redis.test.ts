// What workers tell each other when one starts, before it takes tasks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { makeTempDir, removeTempDir } from '../../e2e/fixtures/servers/temp-dir.ts';
import { decodeEvents, type RawEvent } from '../celery/event.ts';
import { Celery } from '../client/celery.ts';
import { TASKS_MODULE } from './testing/cluster.ts';
import { registerTasks } from './testing/tasks.ts';
import { startWorker, type WorkerOptions } from './worker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(url: string): Promise<Celery> {
  const app = new Celery('mingle', { broker: url });
  closers.push(() => app.close());
  await app.connect();
  return app;
}

async function work(url: string, options: Partial<WorkerOptions>): Promise<void> {
  const app = await open(url);
  const worker = await startWorker({ app, tasks: TASKS_MODULE, pool: 'async', ...options });
  closers.push(() => worker.stop({ graceMs: 0 }));
}

it('what one knows to be revoked the other does not run, in both directions', async () => {
  const url = await freshRedisUrl();
  const directory = makeTempDir('mingle');
  closers.push(() => {
    removeTempDir(directory);
  });
  const app = await open(url);
  const { add } = registerTasks(app);
  const events: RawEvent[] = [];
  await app.transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(Buffer.from(body), contentType);
      if (decoded.ok) events.push(...decoded.value.events);
    },
    onGap: () => undefined,
    onMalformed: () => undefined,
  });
  await work(url, { hostname: 'w1@test', queues: ['first'] });
  const known = () => app.broadcast('revoked', {}, { destination: ['w1@test'], timeoutMs: 5000 });
  await app.revoke(['from w1']);
  await expect.poll(known).toEqual({ 'w1@test': ['from w1'] });
  await add.applyAsync([1, 2], { taskId: 'from w1', queue: 'second' });
  await add.applyAsync([1, 2], { taskId: 'other', queue: 'second' });
  const stateFile = join(directory, 'state');
  writeFileSync(stateFile, JSON.stringify({ revoked: ['from w2'] }));
  await work(url, { hostname: 'w2@test', queues: ['second'], stateFile });
  const told = () => events.map(({ type, uuid }) => `${type} ${String(uuid)}`);
  await expect.poll(told).toContain('task-succeeded other');
  expect(told()).toContain('task-revoked from w1');
  expect(told()).not.toContain('task-started from w1');
  expect((await known())['w1@test']).toEqual(['from w1', 'from w2']);
});
