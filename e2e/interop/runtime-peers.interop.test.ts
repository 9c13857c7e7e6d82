// Our worker beside Python's: each command of remote control answered by both in the same shape, clocks that keep together, elections.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeEvents } from '../../server/celery/event.ts';
import { Celery } from '../../server/client/celery.ts';
import { TASKS_MODULE } from '../../server/worker/testing/cluster.ts';
import { startWorker } from '../../server/worker/worker.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { startWorker as startPythonWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';

const OURS = 'ours@umbel-test';
const THEIRS = 'theirs@umbel-test';

/** Our answer in the words of Celery before 5.3, which names revoked ids without quotes and knows no stamps. */
function toOldWords(command: string, answer: unknown): unknown {
  if (command === 'revoke_by_stamped_headers') return { error: `KeyError('${command}')` };
  if (command !== 'revoke') return answer;
  const { ok } = answer as { ok: string };
  return { ok: ok.replace(/^tasks {'(.*)'} flagged/, 'tasks $1 flagged') };
}

/** Settings that came after Celery 5.2. */
const NEW_SETTINGS = [
  'task_default_queue_type',
  'task_create_missing_queue_type',
  'worker_soft_shutdown_timeout',
  'beat_cron_starting_deadline',
];

/** Names of fields and kinds of values; what a list holds by its first item. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, shapeOf(one)]));
}

describe.each(['redis', 'amqp'] as const)('on %s', (kind) => {
  const closers: (() => Promise<unknown>)[] = [];
  let python: CeleryApp;
  let app: Celery;
  let theirs: PythonWorker;

  beforeAll(async () => {
    const redis = await freshRedisUrl();
    const vhost = kind === 'amqp' ? await freshVhost() : null;
    if (vhost !== null) closers.push(() => vhost.remove());
    python = {
      broker: vhost?.url ?? redis,
      backend: redis,
      config: { worker_pool_restarts: true },
    };
    theirs = await startPythonWorker({
      app: python,
      name: 'theirs',
      concurrency: 2,
      pool: 'prefork',
    });
    closers.push(() => theirs.kill());
    await theirs.ready;
    app = new Celery('peers', {
      ...{ broker: python.broker, backend: redis, workerPoolRestarts: true },
    });
    app.controlCommand('greet', ({ name }, { hostname }) => ({
      ok: `${hostname}: ${String(name)}`,
    }));
    closers.push(() => app.close());
    await app.connect();
    const ours = await startWorker({
      ...{ app, tasks: TASKS_MODULE, hostname: OURS, concurrency: 2, pool: 'processes' },
      sendEvents: false,
    });
    closers.push(() => ours.stop({ graceMs: 0 }));
  }, 120_000);

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  const ask = async (commands: readonly (readonly [string, object])[]) => {
    const source = `
import json, sys
from app import *
nodes = ["${OURS}", "${THEIRS}"]
answers = []
for command, given in json.loads(sys.argv[1]):
    replies = app.control.broadcast(command, arguments=given, destination=nodes, reply=True, timeout=10, limit=2)
    both = {}
    for reply in replies or []: both.update(reply)
    answers.append([command, both])
print(json.dumps(answers))`;
    const said = await runPython(source, { app: python, args: [JSON.stringify(commands)] });
    return JSON.parse(said.replaceAll(/\bInfinity\b/g, '1e999')) as [
      string,
      Record<string, unknown>,
    ][];
  };

  test('both answer every command in the same words', async () => {
    const answers = await ask([
      ['ping', {}],
      ['heartbeat', {}],
      ['rate_limit', { task_name: 'tasks.add', rate_limit: '100/s' }],
      ['rate_limit', { task_name: 'tasks.add', rate_limit: null }],
      ['rate_limit', { task_name: 'tasks.nowhere', rate_limit: '1/s' }],
      ['time_limit', { task_name: 'tasks.add', soft: 10, hard: 20 }],
      ['time_limit', { task_name: 'tasks.nowhere', soft: 10 }],
      ['pool_grow', { n: 1 }],
      ['pool_shrink', { n: 1 }],
      ['autoscale', { max: 3, min: 1 }],
      [
        'add_consumer',
        { queue: 'more', exchange: 'more', exchange_type: 'direct', routing_key: 'x' },
      ],
      ['add_consumer', { queue: 'more' }],
      ['cancel_consumer', { queue: 'more' }],
      ['revoke', { task_id: 'no-such-task' }],
      ['revoke', { task_id: ['no-such-task'], terminate: true, signal: 'KILL' }],
      ['terminate', { task_id: ['no-such-task'], signal: 'TERM' }],
      ['revoke_by_stamped_headers', { headers: { tenant: 'x' } }],
      ['revoke_by_stamped_headers', { headers: ['tenant=y'], terminate: true }],
      ['query_task', { ids: ['no-such-task'] }],
      ['active', {}],
      ['reserved', {}],
      ['scheduled', {}],
      ['dump_active', {}],
      ['dump_reserved', {}],
      ['dump_schedule', {}],
      ['pool_restart', {}],
    ]);
    for (const [command, both] of answers) {
      expect(Object.keys(both).sort(), command).toEqual([OURS, THEIRS]);
      const own = isOldCelery ? toOldWords(command, both[OURS]) : both[OURS];
      expect(own, command).toEqual(both[THEIRS]);
    }
  });

  test('both answer questions in the same shape', async () => {
    const answers = await ask([
      ['clock', {}],
      ['revoked', {}],
      ['dump_revoked', {}],
      ['registered', {}],
      ['dump_tasks', { taskinfoitems: ['rate_limit', 'max_retries'], builtins: true }],
      ['report', {}],
      ['active_queues', {}],
    ]);
    for (const [command, both] of answers) {
      expect(shapeOf(both[OURS]), command).toEqual(shapeOf(both[THEIRS]));
    }
    const more = new Map(
      await ask([
        ['conf', { with_defaults: true }],
        ['stats', {}],
      ]),
    );
    const conf = more.get('conf') ?? {};
    const stats = more.get('stats') ?? {};
    expect(conf[OURS]).toMatchObject({ task_default_queue: 'celery', worker_pool_restarts: true });
    const keys = (value: unknown) => Object.keys(value as object);
    expect(keys(stats[OURS])).toEqual(expect.arrayContaining(keys(stats[THEIRS])));
    const settings = keys(conf[OURS]).filter((name) => !keys(conf[THEIRS]).includes(name));
    expect(settings).toEqual(isOldCelery ? NEW_SETTINGS : []);
    expect(JSON.stringify(conf[OURS])).not.toContain('guest:guest');
  });

  test('ours alone: memory, commands of the app, and what it does not know', async () => {
    const answers = await ask([
      ['memsample', {}],
      ['memdump', { samples: 5 }],
      ['objgraph', {}],
      ['greet', { name: 'Ada' }],
      ['nope', {}],
    ]);
    expect(answers.map(([, both]) => both[OURS])).toEqual([
      expect.stringMatching(/^\d+\.\d\dMB$/),
      expect.stringMatching(/^- rss \(sample\):\n- {4}> .*\n- rss \(end\): .*\.\n$/),
      { error: expect.stringContaining('objgraph') },
      { ok: `${OURS}: Ada` },
      { error: "KeyError('nope')" },
    ]);
  });

  test('events are switched on and off as there', async () => {
    const answers = await ask(
      ['enable_events', 'enable_events', 'disable_events', 'disable_events'].map(
        (command) => [command, {}] as const,
      ),
    );
    expect(answers.map(([, both]) => both[OURS])).toEqual([
      { ok: 'task events enabled' },
      { ok: 'task events already enabled' },
      { ok: 'task events disabled' },
      { ok: 'task events already disabled' },
    ]);
  });

  test('clocks keep together', async () => {
    const clocks = async () => {
      const [[, both] = ['', {}]] = await ask([['clock', {}]]);
      const clockOf = (node: string) => (both[node] as { clock: number }).clock;
      return Math.abs(clockOf(OURS) - clockOf(THEIRS));
    };
    await expect.poll(clocks, { timeout: 30_000 }).toBeLessThan(20);
  });
});

test('an election finds one worker, which sends the task once', async () => {
  const url = await freshRedisUrl();
  const apps = [0, 1].map(() => new Celery('voters', { broker: url, backend: url }));
  const [app = new Celery('none')] = apps;
  const ended: string[] = [];
  await Promise.all(apps.map((one) => one.connect()));
  await app.transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(body, contentType);
      for (const { type, uuid } of decoded.ok ? decoded.value.events : []) {
        if (type === 'task-succeeded') ended.push(String(uuid));
      }
    },
    onGap: () => undefined,
    onMalformed: () => undefined,
  });
  const workers = [];
  for (const [index, one] of apps.entries()) {
    const hostname = `voter${String(index)}@umbel-test`;
    workers.push(await startWorker({ app: one, tasks: TASKS_MODULE, hostname, pool: 'async' }));
  }
  const source = `
from app import *
for id in ("first", "second"):
    app.control.election(id, "task", add.s(20, 22).set(task_id=id))
    print(app.AsyncResult(id).get(timeout=30))`;
  expect(await runPython(source, { app: { broker: url, backend: url } })).toBe('42\n42\n');
  const last = await app.sendTask('tasks.add', [1, 1]);
  await expect.poll(() => ended, { timeout: 30_000 }).toContain(last.id);
  expect(ended).toEqual(['first', 'second', last.id]);
  for (const worker of workers) await worker.stop({ graceMs: 0 });
  for (const one of apps) await one.close();
});
