import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { createBackend } from '../backend/create-backend.ts';
import { createTransport } from '../broker/connect.ts';
import { chain, chord } from '../client/canvas.ts';
import { Celery } from '../client/celery.ts';
import { TASKS_MODULE } from './testing/cluster.ts';
import { registerTasks } from './testing/tasks.ts';
import { startWorker, type RunningWorker } from './worker.ts';

let url: string;
let worker: RunningWorker;
const closers: (() => Promise<unknown>)[] = [];

async function openApp() {
  const transport = createTransport({ url });
  const backend = createBackend(url);
  await Promise.all([transport.connect(), backend.connect()]);
  closers.push(async () => {
    await backend.close();
    await transport.close();
  });
  return new Celery('test', { broker: transport, backend });
}

beforeAll(async () => {
  url = await freshRedisUrl();
  const app = await openApp();
  worker = await startWorker({ app, tasks: TASKS_MODULE, hostname: 'r1@test' });
}, 60_000);

afterAll(async () => {
  await worker.stop({ graceMs: 0 });
  for (const close of closers.reverse()) await close();
});

it('runs tasks, retries and canvases over Redis', async () => {
  const app = await openApp();
  const tasks = registerTasks(app);
  expect(await (await tasks.add.delay(2, 3)).get()).toBe(5);
  expect(await (await tasks.retryThenSucceed.delay(1)).get()).toBe(1);
  expect(await (await app.apply(chain(tasks.add.s(1, 1), tasks.mul.s(4)))).get()).toBe(8);
  const counted = chord([tasks.add.s(1, 1), tasks.add.s(2, 2)], tasks.xsum.s());
  expect(await (await app.apply(counted)).get()).toBe(6);
  await expect((await tasks.fail.delay('no')).get()).rejects.toMatchObject({ name: 'ValueError' });
  const replies = await app.transport.gather(
    { method: 'ping', arguments: {}, destination: ['r1@test'] },
    { timeoutMs: 5000 },
  );
  expect(replies).toEqual([{ hostname: 'r1@test', value: { ok: 'pong' } }]);
});
