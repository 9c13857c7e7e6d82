// Messages and results in other serializers than JSON, between our worker and Python's, both ways.
import { afterEach, expect, test } from 'vitest';
import { chord } from '../../server/client/canvas.ts';
import { Celery } from '../../server/client/celery.ts';
import { TASKS_MODULE } from '../../server/worker/testing/cluster.ts';
import { startWorker } from '../../server/worker/worker.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker as startPythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl } from '../fixtures/isolated.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test.each(['yaml', 'msgpack'])(
  'messages and results in %s, here and in Python, a chord of both included',
  { timeout: 120_000 },
  async (serializer) => {
    const url = await freshRedisUrl();
    const config = { result_serializer: serializer, task_serializer: serializer };
    const python = { broker: url, backend: url, config };
    const theirs = await startPythonWorker({ app: python, pool: 'threads', quiet: true });
    closers.push(() => theirs.kill());
    const app = new Celery('serializers', {
      ...{ broker: url, backend: url, taskSerializer: serializer, resultSerializer: serializer },
      acceptContent: [serializer],
    });
    closers.push(() => app.close());
    await app.connect();
    const ours = await startWorker({
      ...{ app, tasks: TASKS_MODULE, hostname: 'ours@umbel-test', queues: ['ours'] },
      ...{ pool: 'async', concurrency: 1 },
    });
    closers.push(() => ours.stop({ graceMs: 0 }));
    await theirs.ready;
    const sent = await app.sendTask('tasks.echo', ['é', 1.5, null], {}, { queue: 'celery' });
    expect(await sent.get({ timeoutMs: 30_000 })).toEqual({ args: ['é', 1.5, null], kwargs: {} });
    const said = await runPython(
      `
import json
from app import *
here = app.send_task("tasks.echo", args=["é", 1.5, None], queue="ours")
failed = app.send_task("tasks.fail", args=["é!"], queue="ours")
try:
    failed.get(timeout=30)
except ValueError as error:
    print(json.dumps([here.get(timeout=30), str(error)]))`,
      { app: python },
    );
    expect(JSON.parse(said)).toEqual([['é', 1.5, null], 'é!']);
    // Python itself cannot write a chord in YAML.
    const add = (n: number, queue: string) => app.signature('tasks.add', [n, n], { queue });
    const sum = app.signature('tasks.xsum', [], { queue: 'ours' });
    const both = await chord([add(1, 'ours'), add(2, 'celery')], sum).delay();
    expect(await both.get({ timeoutMs: 30_000 })).toBe(6);
  },
);
