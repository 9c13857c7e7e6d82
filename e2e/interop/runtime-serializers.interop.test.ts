// Messages and results in other serializers than JSON, between our worker and Python's, both ways.
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { resultKey } from '../../server/backend/result-keys.ts';
import { chord } from '../../server/client/canvas.ts';
import { Celery } from '../../server/client/celery.ts';
import { TASKS_MODULE } from '../../server/worker/testing/cluster.ts';
import { startWorker } from '../../server/worker/worker.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker as startPythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const PLACES = ['Redis', 'RabbitMQ with results in Redis', 'RabbitMQ with results by rpc'] as const;

async function openPlace(
  name: (typeof PLACES)[number],
): Promise<{ broker: string; backend: string }> {
  const redis = await freshRedisUrl();
  if (name === 'Redis') return { broker: redis, backend: redis };
  const vhost = await freshVhost();
  closers.push(() => vhost.remove());
  return { broker: vhost.url, backend: name.endsWith('rpc') ? 'rpc://' : redis };
}

/** Whether a result is stored as MessagePack; our YAML may look like JSON, which is YAML as well. */
async function isPacked(url: string, id: string): Promise<boolean> {
  const redis = new Redis(url);
  const bytes = await redis.getBuffer(resultKey('', id));
  redis.disconnect();
  const first = bytes?.[0] ?? 0;
  return first >= 0x80 && first < 0x90;
}

const CASES = PLACES.flatMap((place) =>
  ['yaml', 'msgpack'].map((serializer) => [place, serializer] as const),
);

test.each(CASES)(
  'on %s: messages and results in %s, here and in Python, and a chord of both where there can be one',
  { timeout: 120_000 },
  async (place, serializer) => {
    const at = await openPlace(place);
    const config = { result_serializer: serializer, task_serializer: serializer };
    const python = { ...at, config };
    const theirs = await startPythonWorker({ app: python, pool: 'threads', quiet: true });
    closers.push(() => theirs.kill());
    const app = new Celery('serializers', {
      ...{ ...at, taskSerializer: serializer, resultSerializer: serializer },
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
    if (at.backend === 'rpc://') return;
    const own = await app.sendTask('tasks.echo', ['é'], {}, { queue: 'ours' });
    expect(await own.get({ timeoutMs: 30_000 })).toEqual(['é']);
    const arePacked = [await isPacked(at.backend, sent.id), await isPacked(at.backend, own.id)];
    expect(arePacked).toEqual(Array(2).fill(serializer === 'msgpack'));
    // Python itself cannot write a chord in YAML.
    const add = (n: number, queue: string) => app.signature('tasks.add', [n, n], { queue });
    const sum = app.signature('tasks.xsum', [], { queue: 'ours' });
    const both = await chord([add(1, 'ours'), add(2, 'celery')], sum).delay();
    expect(await both.get({ timeoutMs: 30_000 })).toBe(6);
  },
);
