// Queues that are more than a name, shared by workers of both languages: broadcasts sent from either side, priorities in serving order, quorum queues.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Celery } from '../../server/client/celery.ts';
import type { AppConfig } from '../../server/client/config.ts';
import { decodeEvents, type RawEvent } from '../../server/celery/event.ts';
import { TASKS_MODULE } from '../../server/worker/testing/cluster.ts';
import { startWorker, type RunningWorker, type WorkerOptions } from '../../server/worker/worker.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { threads } from '../fixtures/celery/version.ts';
import { startWorker as startPythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';
import { closeConnections } from '../fixtures/servers/rabbitmq-management.ts';

const timeoutMs = 30_000;
const patience = { timeout: timeoutMs };
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function brokers(kind: 'redis' | 'amqp') {
  const redis = await freshRedisUrl();
  if (kind === 'redis') return { broker: redis, backend: redis, cut: null };
  const vhost = await freshVhost();
  closers.push(() => vhost.remove());
  const cut = () => closeConnections(vhost.managementUrl, vhost.name);
  return { broker: vhost.url, backend: redis, cut };
}

async function openApp(
  { broker, backend }: { broker: string; backend: string },
  config: Partial<AppConfig> = {},
): Promise<Celery> {
  const app = new Celery('queues', { broker, backend, ...config });
  closers.push(() => app.close());
  await app.connect();
  return app;
}

async function work(app: Celery, options: Partial<WorkerOptions> = {}): Promise<RunningWorker> {
  const worker = await startWorker({
    ...{ app, tasks: TASKS_MODULE, hostname: 'ours@umbel-test', pool: 'async', concurrency: 1 },
    ...options,
  });
  closers.push(() => worker.stop({ graceMs: 0 }));
  return worker;
}

async function listen(app: Celery): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  await app.transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(body, contentType);
      if (decoded.ok) events.push(...decoded.value.events);
    },
    onGap: () => undefined,
    onMalformed: () => undefined,
  });
  return events;
}

describe.each(['redis', 'amqp'] as const)('on %s', (kind) => {
  test('a broadcast reaches workers of both languages, whoever sends it', async () => {
    const urls = await brokers(kind);
    const python: CeleryApp = { ...urls, broadcast: 'everybody' };
    const app = await openApp(urls, { taskQueues: [{ name: 'everybody', broadcast: true }] });
    const events = await listen(app);
    const theirs = await startPythonWorker({ app: python, name: 'theirs', pool: threads });
    closers.push(() => theirs.kill());
    await work(app, { queues: ['celery', 'everybody'] });
    await theirs.ready;
    const workersOf = (id: string) =>
      events
        .filter(({ uuid, type }) => uuid === id && type === 'task-succeeded')
        .map(({ hostname }) => hostname)
        .sort();
    const both = ['ours@umbel-test', 'theirs@umbel-test'];

    /** On Redis nothing is kept for a worker that says it is ready and subscribes a moment later. */
    const reachesBoth = (send: () => Promise<string>) =>
      vi.waitFor(async () => {
        const id = await send();
        await expect.poll(() => workersOf(id), { timeout: 5000 }).toEqual(both);
      }, patience);
    const fromHere = async () =>
      (await app.sendTask('tasks.add', [1, 2], {}, { queue: 'everybody' })).id;
    await reachesBoth(fromHere);

    // Both listen now: from here on each message has to reach both, once.
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await fromHere());
    // On Redis kombu knows a fanout exchange only where it was declared by the same process.
    const source = `
from app import *
exchange = app.amqp.queues["everybody"].exchange
for n in range(5):
    print(app.send_task("tasks.add", args=(2, n), queue="everybody", declare=[exchange]).id)`;
    ids.push(...(await runPython(source, { app: python })).trim().split('\n'));
    await expect.poll(() => ids.map(workersOf), patience).toEqual(ids.map(() => both));

    if (urls.cut === null) return;
    await urls.cut();
    await reachesBoth(fromHere);
  });

  test('what waits is served by priority, sent from either side', async () => {
    const urls = await brokers(kind);
    const isRedis = kind === 'redis';
    const config: Partial<AppConfig> = isRedis
      ? { brokerTransportOptions: { priority_steps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } }
      : { taskQueueMaxPriority: 9 };
    const app = await openApp(urls, config);
    const events = await listen(app);
    const ids = new Map<string, number>();
    for (const priority of [5, 0, 9]) {
      const { id } = await app.sendTask(
        'tasks.echo',
        [priority],
        {},
        { priority, queue: 'celery' },
      );
      ids.set(id, priority);
    }
    const send = `
from app import *
for priority in (3, 7, 1):
    print(app.send_task("tasks.echo", args=(priority,), queue=queue("celery"), priority=priority).id, priority)`;
    const said = await runPython(send, { app: { ...urls, priorities: true } });
    for (const line of said.trim().split('\n')) {
      const [id = '', priority] = line.split(' ');
      ids.set(id, Number(priority));
    }
    await work(app, { prefetchMultiplier: 1 });
    const order = () =>
      events
        .filter(({ uuid, type }) => ids.has(String(uuid)) && type === 'task-started')
        .map(({ uuid }) => ids.get(String(uuid)));
    const rising = [0, 1, 3, 5, 7, 9];
    await expect.poll(order, patience).toEqual(isRedis ? rising : rising.reverse());
  });
});

test('a worker that is there first declares a queue as Python wants it: priorities, quorum', async () => {
  const urls = await brokers('amqp');
  const app = await openApp(urls, {
    taskQueueMaxPriority: 9,
    taskQueues: [
      { name: 'celery' },
      { name: 'steady', maxPriority: 2, queueArguments: { 'x-overflow': 'reject-publish' } },
    ],
  });
  const quorum = await openApp(urls, { taskDefaultQueueType: 'quorum', taskDefaultQueue: 'q' });
  await work(app, { queues: ['celery', 'steady'] });
  await work(quorum, { queues: ['q'], hostname: 'quorum@umbel-test' });
  const said = await runPython(
    `
import json
from app import *
steady = Queue("steady", routing_key="steady", queue_arguments={"x-max-priority": 2, "x-overflow": "reject-publish"})
strict = Queue("q", routing_key="q", queue_arguments={"x-queue-type": "quorum"})
results = [app.send_task("tasks.add", args=(1, n), queue=q) for n, q in enumerate([queue("celery"), steady, strict])]
print(json.dumps([result.get(timeout=30) for result in results]))`,
    { app: { ...urls, priorities: true } },
  );
  expect(JSON.parse(said)).toEqual([1, 2, 3]);
});
