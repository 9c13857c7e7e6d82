// Our runtime and Python's Celery on one Redis, in both directions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPython, type CeleryApp } from '../../e2e/fixtures/celery/python.ts';
import { startWorker as startPythonWorker } from '../../e2e/fixtures/celery/worker.ts';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { createBackend } from '../backend/create-backend.ts';
import { createTransport } from '../broker/connect.ts';
import { chain, chord, signature } from '../client/canvas.ts';
import { Celery } from '../client/celery.ts';
import { TASKS_MODULE } from './testing/cluster.ts';
import { startWorker } from './worker.ts';

const closers: (() => Promise<unknown>)[] = [];
let python: CeleryApp;

async function openApp(): Promise<Celery> {
  const transport = createTransport({ url: python.broker });
  const backend = createBackend(python.broker);
  await Promise.all([transport.connect(), backend.connect()]);
  closers.push(async () => {
    await backend.close();
    await transport.close();
  });
  return new Celery('interop', { broker: transport, backend });
}

beforeAll(async () => {
  const url = await freshRedisUrl();
  python = { broker: url, backend: url };
  const ours = await startWorker({
    app: await openApp(),
    tasks: TASKS_MODULE,
    hostname: 'ours@umbel-test',
    queues: ['ours'],
  });
  closers.push(() => ours.stop({ graceMs: 0 }));
  const theirs = await startPythonWorker({ app: python, pool: 'threads', queues: ['celery'] });
  closers.push(() => theirs.stop());
  await theirs.ready;
}, 300_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const produce = `
import json
from app import *

def ours(name, *args, **options):
    return app.signature(name, args=args, **options).set(queue="ours")

def failure(result):
    try:
        result.get(timeout=30)
    except Exception as error:
        return [type(error).__name__, str(error)]

add = ours("tasks.add", 2, 3).apply_async()
print(json.dumps({
  "add": add.get(timeout=30),
  "state": add.state,
  "keywords": app.send_task("tasks.add", kwargs={"x": 1, "y": 2}, queue="ours").get(timeout=30),
  "retried": ours("tasks.retry_then_succeed", 2).apply_async().get(timeout=30),
  "failed": failure(ours("tasks.fail", "no good").apply_async()),
  "custom": failure(ours("tasks.fail_custom").apply_async()),
  "unknown": failure(ours("tasks.nowhere").apply_async()),
  "lost": failure(ours("tasks.exit").apply_async()),
  "chain": (ours("tasks.add", 1, 1) | mul.s(10) | ours("tasks.add", 5)).apply_async().get(timeout=30),
  "chord": chord([ours("tasks.add", n, n) if n % 2 else mul.s(n, n) for n in range(6)], ours("tasks.xsum")).apply_async().get(timeout=30),
}))
`;

const inspect = `
import json
from app import *
asked = app.control.inspect(["ours@umbel-test"], timeout=5)
name = "ours@umbel-test"
print(json.dumps({
  "ping": asked.ping()[name],
  "pool": asked.stats()[name]["pool"]["max-concurrency"],
  "queues": [queue["name"] for queue in asked.active_queues()[name]],
  "registered": "tasks.add" in asked.registered()[name],
  "active": asked.active()[name],
  "scheduled": asked.scheduled()[name],
  "conf": asked.conf()[name]["task_default_queue"],
  "limit": app.control.rate_limit("tasks.add", "50/s", destination=[name], reply=True, timeout=5)[0][name],
  "hello": sorted(asked.hello("nobody@nowhere")[name]),
}))
`;

describe('our worker', () => {
  test('runs what Python sends, and Python reads its results', async () => {
    const said = JSON.parse(await runPython(produce, { app: python })) as Record<string, unknown>;
    expect(said).toEqual({
      add: 5,
      state: 'SUCCESS',
      keywords: 3,
      retried: 2,
      failed: ['ValueError', 'no good'],
      custom: ['Custom', 'went wrong'],
      unknown: ['NotRegistered', expect.stringContaining('tasks.nowhere')],
      lost: ['WorkerLostError', expect.stringContaining('Worker exited prematurely')],
      chain: 25,
      chord: 38,
    });
  });

  test('answers what Python inspects and controls', async () => {
    expect(JSON.parse(await runPython(inspect, { app: python }))).toEqual({
      ping: { ok: 'pong' },
      pool: 2,
      queues: ['ours'],
      registered: true,
      active: [],
      scheduled: [],
      conf: 'celery',
      limit: { ok: 'new rate limit set successfully' },
      hello: ['clock', 'revoked'],
    });
  });
});

describe('our client', () => {
  test('sends what a Python worker runs', async () => {
    const app = await openApp();
    const call = (name: string, ...args: number[]) => signature(`tasks.${name}`, args);
    const ours = (name: string, ...args: number[]) =>
      signature(`tasks.${name}`, args, { queue: 'ours' });
    expect(await (await app.sendTask('tasks.add', [2, 3])).get({ timeoutMs: 30_000 })).toBe(5);
    const failing = await app.sendTask('tasks.fail_value_error', ['no good']);
    await expect(failing.get()).rejects.toMatchObject({ name: 'ValueError', message: 'no good' });
    const mixed = chain(call('add', 1, 2), ours('mul', 3), call('add', 1));
    expect(await (await app.apply(mixed)).get()).toBe(10);
    const counted = chord([call('add', 1, 1), ours('add', 2, 2), call('mul', 3, 3)], call('xsum'));
    expect(await (await app.apply(counted)).get()).toBe(15);
  });
});
