// What a worker that is cut off does not wait for: it goes back, and another worker brings it to its end.
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { startRedis } from '../../e2e/fixtures/servers/redis.ts';
import { decodeEvents } from '../celery/event.ts';
import { chord } from '../client/canvas.ts';
import { Celery } from '../client/celery.ts';
import { TASKS_MODULE } from './testing/cluster.ts';
import { registerTasks } from './testing/tasks.ts';
import { startWorker, type RunningWorker } from './worker.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openApp(broker: string, backend: string): Promise<Celery> {
  const app = new Celery('hurried', { broker, backend, taskAcksLate: true });
  closers.push(() => app.close());
  await app.connect();
  return app;
}

async function work(broker: string, backend: string): Promise<RunningWorker> {
  const app = await openApp(broker, backend);
  const worker = await startWorker({ app, tasks: TASKS_MODULE, concurrency: 1 });
  closers.push(() => worker.stop({ graceMs: 0 }));
  return worker;
}

const queueOf = async ({ transport }: Celery) => (await transport.measureQueues(['celery']))[0];

it('another’s claim of a chord is not waited for', async () => {
  const url = await freshRedisUrl();
  const app = await openApp(url, url);
  const redis = new Redis(url);
  closers.push(() => redis.quit());
  const { add, xsum } = registerTasks(app);
  const sent = await app.apply(chord([add.s(1, 1)], xsum.s()));
  const [size = ''] = await redis.keys('celery-taskset-meta-*.s');
  const key = (suffix: string) => size.replace(/\.s$/, suffix);
  await redis.set(key('.c'), 'somebody else', 'PX', 3_600_000);
  const worker = await work(url, url);
  await expect.poll(() => redis.zcard(key('.j'))).toBe(1);
  await worker.stop({ graceMs: 0 });
  expect(await queueOf(app)).toMatchObject({ ready: 1, inFlight: 0 });
  await redis.del(key('.c'));
  await work(url, url);
  expect(await sent.get({ timeoutMs: 30_000 })).toBe(2);
});

it('a result backend that is away is not waited for', async () => {
  const broker = await freshRedisUrl();
  const backend = await startRedis();
  closers.push(() => backend.stop());
  const app = await openApp(broker, backend.url);
  const seen: string[] = [];
  await app.transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(Buffer.from(body), contentType);
      if (decoded.ok) seen.push(...decoded.value.events.map(({ type }) => type));
    },
    onGap: () => undefined,
    onMalformed: () => undefined,
  });
  const worker = await work(broker, backend.url);
  const { add } = registerTasks(app);
  await backend.down();
  const sent = await add.delay(1, 2);
  await expect.poll(() => seen).toContain('task-started');
  await worker.stop({ graceMs: 0 });
  expect(await queueOf(app)).toMatchObject({ ready: 1, inFlight: 0 });
  await backend.up();
  await work(broker, backend.url);
  expect(await sent.get({ timeoutMs: 30_000 })).toBe(3);
});
