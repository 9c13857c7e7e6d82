// Our worker, started as people start it, asked and given work by Python's Celery, on both brokers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTransport } from '../../server/broker/connect.ts';
import type { Transport } from '../../server/broker/transport.ts';
import { decodeEvents, type RawEvent } from '../../server/celery/event.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { startWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';
import { runUmbel, startRuntimeWorker, type RuntimeWorker } from '../fixtures/runtime/worker.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const name = 'ours@umbel-test';
const prelude = `
import json
from app import *
node = "${name}"
def send(task, *args, **options):
    return app.send_task(task, args=args, queue="ours", **options)
def ending(result):
    try:
        return ["returned", result.get(timeout=60)]
    except Exception as error:
        return [type(error).__name__, str(error)]
`;

const python = async (app: CeleryApp, code: string): Promise<unknown> =>
  JSON.parse(await runPython(`${prelude}\n${code}`, { app, timeoutMs: 90_000 })) as unknown;

describe.each(['redis', 'amqp'] as const)('on %s', (kind) => {
  const closers: (() => Promise<unknown>)[] = [];
  const events: RawEvent[] = [];
  let app: CeleryApp;
  let transport: Transport;
  let ours: RuntimeWorker;
  let directory: string;

  beforeAll(async () => {
    directory = makeTempDir('worker');
    closers.push(() => Promise.resolve(removeTempDir(directory)));
    const redis = await freshRedisUrl();
    const vhost = kind === 'amqp' ? await freshVhost() : null;
    if (vhost !== null) closers.push(() => vhost.remove());
    app = { broker: vhost?.url ?? redis, backend: redis };
    transport = createTransport({ url: app.broker });
    closers.push(() => transport.close());
    await transport.connect();
    await transport.subscribeEvents({
      onEvents: ({ body, contentType }) => {
        const decoded = decodeEvents(Buffer.from(body), contentType);
        if (decoded.ok) events.push(...decoded.value.events);
      },
      onGap: () => undefined,
      onMalformed: () => undefined,
    });
    ours = await startRuntimeWorker({
      settings: { broker_url: app.broker, result_backend: redis },
      args: ['-Q', 'ours', '-c', '2', '-E', '--heartbeat-interval', '0.5'],
    });
    closers.push(() => ours.stop());
  }, 120_000);

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  const typesOf = (id: string) => events.filter(({ uuid }) => uuid === id).map(({ type }) => type);

  test('misbehaving tasks harm only themselves', async () => {
    const said = await python(
      app,
      `
results = {
  "throw": send("tasks.throw"),
  "unwritable": send("tasks.unwritable"),
  "exit": send("tasks.exit"),
  "unknown": send("tasks.nowhere"),
  "forever": send("tasks.forever", time_limit=1),
  "soft": send("tasks.hold", 60000, soft_time_limit=0.2),
  "retry": send("tasks.retry", 2),
  "after": send("tasks.add", 2, 3),
}
endings = {key: ending(result) for key, result in results.items()}
print(json.dumps({
  "endings": endings,
  "traceback": "throw new RangeError" in results["throw"].traceback,
  "ids": {key: result.id for key, result in results.items()},
}))`,
    );
    expect(said).toMatchObject({
      endings: {
        throw: ['RangeError', 'out of range: é'],
        unwritable: [expect.stringMatching(/EncodeError/), expect.any(String)],
        exit: ['WorkerLostError', expect.stringContaining('exited prematurely')],
        unknown: ['NotRegistered', expect.stringContaining('tasks.nowhere')],
        forever: ['TimeLimitExceeded', expect.stringContaining('1')],
        soft: ['SoftTimeLimitExceeded', expect.any(String)],
        retry: ['returned', 2],
        after: ['returned', 5],
      },
      traceback: true,
    });
    const { ids } = said as { ids: Record<string, string> };
    await expect.poll(() => typesOf(ids['retry'] ?? '')).toContain('task-succeeded');
    expect(typesOf(ids['retry'] ?? '').filter((type) => type === 'task-retried')).toHaveLength(2);
    await expect.poll(() => typesOf(ids['exit'] ?? '')).toContain('task-failed');
  });

  test('heartbeats go on while a task blocks its thread', async () => {
    const beats = () => events.filter(({ type }) => type === 'worker-heartbeat').length;
    const before = beats();
    const result = await python(
      app,
      `
result = send("tasks.block", 1500)
print(json.dumps({"id": result.id, "value": result.get(timeout=60)}))`,
    );
    expect(result).toMatchObject({ value: 1500 });
    const { id } = result as { id: string };
    await expect.poll(() => typesOf(id)).toContain('task-succeeded');
    expect(beats()).toBeGreaterThan(before);
    const at = (type: string) =>
      events.findIndex((event) => event.type === type && event.uuid === id);
    const between = events.slice(at('task-started'), at('task-succeeded'));
    expect(between.map(({ type }) => type)).toContain('worker-heartbeat');
  });

  test('answers what Python inspects and controls, and commands of its own', async () => {
    const said = await python(
      app,
      `
asked = app.control.inspect([node], timeout=5)
one = lambda replies: replies[0][node] if replies else None
tell = lambda command, **given: one(app.control.broadcast(command, arguments=given, destination=[node], reply=True, timeout=5))
eta = send("tasks.add", 1, 1, countdown=600)
limited = [send("tasks.limited", n) for n in range(2)]
limited[0].get(timeout=30)
import time
for _ in range(100):
    scheduled = asked.scheduled()[node]
    if scheduled: break
    time.sleep(0.05)
app.control.revoke(eta.id)
print(json.dumps({
  "ping": asked.ping()[node],
  "stats": asked.stats()[node]["pool"]["max-concurrency"],
  "queues": [queue["name"] for queue in asked.active_queues()[node]],
  "registered": "tasks.add" in asked.registered()[node],
  "scheduled": [one["request"]["id"] for one in scheduled] == [eta.id],
  "query": list(asked.query_task(eta.id).values())[0] is not None,
  "grow": tell("pool_grow", n=1),
  "size": asked.stats()[node]["pool"]["max-concurrency"],
  "shrink": tell("pool_shrink", n=1),
  "add": tell("add_consumer", queue="other"),
  "cancel": tell("cancel_consumer", queue="other"),
  "limits": tell("time_limit", task_name="tasks.add", soft=10, hard=20),
  "rate": tell("rate_limit", task_name="tasks.add", rate_limit="100/s"),
  "autoscale": tell("autoscale", max=3, min=1),
  "stamps": tell("revoke_by_stamped_headers", headers={"tenant": "x"}),
  "greet": tell("greet", name="Ada"),
  "nope": tell("nope"),
  "revoked": eta.id in asked.revoked()[node],
}))`,
    );
    expect(said).toEqual({
      ping: { ok: 'pong' },
      stats: 2,
      queues: ['ours'],
      registered: true,
      scheduled: true,
      query: true,
      grow: { ok: 'pool will grow' },
      size: 3,
      shrink: { ok: 'pool will shrink' },
      add: { ok: 'add consumer other' },
      cancel: { ok: 'no longer consuming from other' },
      limits: { ok: 'time limits set successfully' },
      rate: { ok: 'new rate limit set successfully' },
      autoscale: { error: "ValueError('Autoscale not enabled')" },
      stamps: { ok: "headers {'tenant': 'x'} flagged as revoked, but not terminated" },
      greet: { ok: `${name} greets Ada` },
      nope: { error: "KeyError('nope')" },
      revoked: true,
    });
  });

  test('terminates a running task', async () => {
    const said = await python(
      app,
      `
import time
result = send("tasks.forever")
asked = app.control.inspect([node], timeout=5)
while not asked.active()[node]:
    time.sleep(0.05)
app.control.revoke(result.id, terminate=True, signal="SIGKILL")
print(json.dumps([ending(result), send("tasks.add", 1, 1).get(timeout=30)]))`,
    );
    expect(said).toEqual([['TaskRevokedError', 'terminated'], 2]);
  });

  test('revoked ids are shared with Python workers, in both directions', async () => {
    const theirs = await startWorker({ app, pool: 'threads', queues: ['theirs'] });
    closers.push(() => theirs.kill());
    await theirs.ready;
    await python(app, `app.control.revoke("from-everybody"); print("null")`);
    const late = await startRuntimeWorker({
      name: 'late',
      settings: { broker_url: app.broker },
      args: ['-Q', 'nothing'],
    });
    closers.push(() => late.stop());
    const revoked = async (node: string) => {
      const [reply] = await transport.gather(
        { method: 'revoked', arguments: {}, destination: [node] },
        { timeoutMs: 5000 },
      );
      return reply?.value;
    };
    await expect
      .poll(() => revoked('late@umbel-test'), { timeout: 15_000 })
      .toContain('from-everybody');
    await theirs.stop();
    const again = await startWorker({ app, pool: 'threads', queues: ['theirs'] });
    closers.push(() => again.kill());
    await again.ready;
    await expect
      .poll(() => revoked(again.hostname), { timeout: 15_000 })
      .toContain('from-everybody');
  });

  test('stops warmly on SIGTERM: what runs ends, what waits stays, and it says so', async () => {
    const gate = join(directory, `${kind}.gate`);
    const sent = await python(
      app,
      `
running = send("tasks.gated", "runs", ${JSON.stringify(gate)})
app.control.add_consumer("left", destination=[node], reply=True, timeout=5)
waiting = app.send_task("tasks.add", args=(1, 2), queue="left", countdown=600)
print(json.dumps([running.id, waiting.id]))`,
    );
    const [running = '', waiting = ''] = sent as string[];
    await expect.poll(() => typesOf(running)).toContain('task-started');
    await expect.poll(() => typesOf(waiting)).toContain('task-received');
    ours.child.signal('SIGTERM');
    await ours.child.says(/worker: Warm shutdown \(MainProcess\)/, 20_000);
    writeFileSync(gate, '');
    expect(await ours.child.ended).toBe(0);
    await expect.poll(() => typesOf(running)).toContain('task-succeeded');
    const said = `ending(app.AsyncResult(${JSON.stringify(running)}))`;
    expect(await python(app, `print(json.dumps(${said}))`)).toEqual(['returned', 'runs']);
    const [queue] = await transport.measureQueues(['left']);
    expect(queue).toMatchObject({ ready: 1 });
    await expect
      .poll(() => events.filter((event) => event.hostname === name).map(({ type }) => type))
      .toContain('worker-offline');
    const status = await runUmbel(['status', '-d', name], { broker_url: app.broker });
    expect(status).toMatchObject({ code: 69, output: expect.stringContaining('No nodes replied') });
  });
});
