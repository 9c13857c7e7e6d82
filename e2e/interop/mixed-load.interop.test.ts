import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TASK_STATES, type TaskState } from '../../lib/contract/index.ts';
import { threads } from '../fixtures/celery/version.ts';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const POOLS = ['prefork', 'threads', 'solo'] as const;
const kindOf = (pool: (typeof POOLS)[number]) => (pool === 'threads' ? threads : pool);
const hostOf = (pool: string) => `${pool}@umbel-test`;

type Sent = { id: string; type: string; queue: string; state: TaskState };

/** 1,000 tasks over three queues. What must wait to be expired or revoked is sent first, while the workers are idle. */
const produce = `
import json, sys
from app import *
sent = []
def send(task, state, args=(), queue=None, **options):
    result = task.apply_async(args=args, queue=queue, **options)
    sent.append({"id": result.id, "type": task.name, "queue": queue, "state": state})
    return result.id
queues = ["prefork", "threads", "solo"]
waiting = []
with app.connection_for_write() as connection:
    options = {"connection": connection}
    for queue in queues:
        for number in range(5):
            send(add, "revoked", (1, 1), queue, countdown=6, expires=5)
            waiting.append(send(add, "revoked", (number, 1), queue, countdown=8))
    answers = app.control.revoke(waiting, reply=True, timeout=10)
    for index in range(970):
        queue = queues[index % 3]
        kind = (index // 3) % 20
        if kind == 0: send(fail_value_error, "failure", ("kaputt é",), queue)
        elif kind == 1: send(fail_custom, "failure", (7,), queue)
        elif kind == 2: send(retry_then_succeed, "success", (1, 0.5), queue)
        elif kind == 3 and index < 240: send(retry_exhaust, "failure", (0.5,), queue)
        elif kind == 4: send(ignore_result, "success", (index,), queue)
        elif kind == 5 and index < 240: send(progress, "success", (2, 0.01), queue)
        elif kind == 6 and not IS_OLD: send(reject, "rejected", (False,), queue)
        elif kind == 7: send(echo, "success", ([index, None, 1.0, 2**60],), queue)
        else: send(add, "success", (index, index), queue)
print(json.dumps({"sent": sent, "answers": len(answers)}))
`;

/** What the result backend says of each; None where it holds nothing. */
const results = `
import json, os
from app import *
ids = json.loads(os.environ["IDS"])
values = app.backend.mget([app.backend.get_key_for_task(id) for id in ids])
print(json.dumps([json.loads(value)["status"] if value else None for value in values]))
`;

const fill = `
import json
from app import *
for number in range(30):
    add.apply_async((number, 1), queue=queue("idle-a"), priority=number % 10)
for number in range(7):
    add.apply_async((number, 2), queue=queue("idle-b"))
held = [add.apply_async((number, 3), queue="threads", countdown=600).id for number in range(4)]
running = [sleep.apply_async((60,), queue="prefork").id for number in range(4)]
print(json.dumps({"held": held, "running": running}))
`;

const depths = `
import json
from amqp.exceptions import ChannelError
from app import *
found = {}
with app.connection_for_write() as connection:
    for name in ["idle-a", "idle-b", "threads", "prefork", "solo"]:
        channel = connection.channel()
        try:
            found[name] = channel.queue_declare(queue=name, passive=True).message_count
            channel.close()
        except ChannelError:
            # An empty queue does not exist in Redis.
            found[name] = 0
print(json.dumps(found))
`;

function count<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

const toCounts = (facet: readonly { value: string; count: number }[]) =>
  Object.fromEntries(
    facet.filter((item) => item.count > 0).map((item) => [item.value, item.count]),
  );

describe.each(BROKERS)('1,000 mixed tasks and three pools over %s', (kind) => {
  let cluster: Cluster;
  let sent: (Sent & { stored: string | null })[];

  beforeAll(async () => {
    cluster = await openCluster(kind, { priorities: true });
    await cluster.work(
      ...POOLS.map((pool) => ({ name: pool, pool: kindOf(pool), queues: [pool] })),
    );
    const produced = await cluster.python<{ sent: Sent[]; answers: number }>(produce, {
      timeoutMs: 100_000,
    });
    expect(produced.answers).toBe(3);
    await vi.waitFor(
      async () => {
        const ended = await cluster.api.total('state:success,failure,revoked,rejected');
        expect(ended).toBe(1000);
      },
      { timeout: 150_000, interval: 500 },
    );
    const IDS = JSON.stringify(produced.sent.map((task) => task.id));
    const stored = await cluster.python<(string | null)[]>(results, { env: { IDS } });
    sent = produced.sent.map((task, index) => {
      const status = stored[index] ?? null;
      // Since 5.7 a rejected task that is not requeued fails as well.
      const state = task.state === 'rejected' && status === 'FAILURE' ? 'failure' : task.state;
      return { ...task, state, stored: status };
    });
  }, 300_000);

  afterAll(async () => {
    await cluster.close();
  });

  test('every task is known, and is what its producer says it became', async () => {
    expect(sent).toHaveLength(1000);
    const shown = new Map<string, string>();
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await cluster.api.get(`/tasks?limit=500${more}`);
      const page = body as { items: { id: string; state: string }[]; nextCursor: string | null };
      for (const item of page.items) shown.set(item.id, item.state);
      cursor = page.nextCursor;
    }
    const wrong = sent.filter((task) => shown.get(task.id) !== task.state);
    expect(wrong.map((task) => ({ ...task, shown: shown.get(task.id) }))).toEqual([]);
    expect(shown.size).toBe(1000);
  });

  test('counts by state, type, worker and queue are those of the producer', async () => {
    const facets = await cluster.api.facets();
    expect(facets.exact).toBe(true);
    expect(toCounts(facets.states)).toEqual(count(sent, (task) => task.state));
    expect(toCounts(facets.types)).toEqual(count(sent, (task) => task.type));
    expect(toCounts(facets.workers)).toEqual(count(sent, (task) => hostOf(task.queue)));
    expect(toCounts(facets.queues)).toEqual(count(sent, (task) => task.queue));
  });

  test('Flower’s paths and the metrics say the same', async () => {
    const get = async <T>(path: string): Promise<T> => {
      const response = await fetch(`${cluster.umbel.url}${path}`);
      expect([path, response.status]).toEqual([path, 200]);
      return (await response.json()) as T;
    };
    type Shown = Record<string, unknown>;
    for (const state of ['success', 'failure', 'revoked', 'rejected'] as const) {
      const query = `state=${state.toUpperCase()}&limit=1000`;
      const shown = await get<Record<string, Shown>>(`/api/tasks?${query}`);
      const theirs = sent.filter((task) => task.state === state).map((task) => task.id);
      expect([state, Object.keys(shown).sort()]).toEqual([state, theirs.sort()]);
    }
    const retried = sent.find((task) => task.type === 'tasks.retry_then_succeed');
    const id = retried?.id ?? '';
    const info = await get<Record<string, number>>(`/api/task/info/${id}`);
    expect(info).toMatchObject({
      ...{ uuid: id, name: 'tasks.retry_then_succeed', state: 'SUCCESS', retries: 1 },
      ...{ args: '(1, 0.5)', kwargs: '{}', result: '1', worker: hostOf(retried?.queue ?? '') },
    });
    const times = ['sent', 'received', 'started', 'succeeded'].map((name) => info[name]);
    expect(times.every((time) => Math.abs(Date.now() / 1000 - (time ?? 0)) < 600)).toBe(true);
    expect(await get(`/api/task/result/${id}`)).toEqual({
      ...{ 'task-id': id, state: 'SUCCESS', result: 1 },
    });
    const echoed = sent.find((task) => task.type === 'tasks.echo')?.id ?? '';
    expect(await get(`/api/task/result/${echoed}`)).toMatchObject({
      result: { args: [[expect.any(Number), null, 1, '1152921504606846976']], kwargs: {} },
    });
    expect(await get('/api/task/types')).toEqual({
      'task-types': [...new Set(sent.map((task) => task.type))].sort(),
    });
    const workers = await get<Record<string, { registered: string[] }>>('/api/workers?refresh=1');
    expect(Object.keys(workers).sort()).toEqual(POOLS.map(hostOf).sort());
    for (const pool of POOLS) {
      expect(workers[hostOf(pool)]).toMatchObject({
        ...{ stats: { pid: expect.any(Number) }, conf: expect.anything() },
        ...{ active_queues: [{ name: pool }], active: [], reserved: [] },
      });
      expect(workers[hostOf(pool)]?.registered).toContain('tasks.add');
    }
    const order = 'order[0][column]=0&order[0][dir]=asc&columns[0][data]=name';
    expect(await get(`/tasks/datatable?draw=3&start=0&length=1&${order}`)).toMatchObject({
      ...{ draw: 3, recordsTotal: 1000, recordsFiltered: 1000 },
    });

    const succeeded = sent.filter((task) => task.state === 'success');
    const byWorker = count(succeeded, (task) => hostOf(task.queue));
    const byType = count(succeeded, (task) => task.type);
    const rows = await get<{ data: Shown[] }>('/workers?json=1');
    expect(
      Object.fromEntries(rows.data.map((row) => [row['hostname'], row['task-succeeded']])),
    ).toEqual(byWorker);
    const metrics = await scrape(cluster);
    expect(metrics('umbel_worker_tasks_total', 'worker', 'state="success"')).toEqual(byWorker);
    expect(positive(metrics('umbel_tasks_total', 'type', 'state="success"'))).toEqual(byType);
    expect(metrics('flower_events_total', 'task', 'type="task-succeeded"')).toEqual(byType);
    expect(positive(metrics('umbel_worker_online', 'worker'))).toEqual(
      Object.fromEntries(POOLS.map((pool) => [hostOf(pool), 1])),
    );
  });

  test('filters count the same for every state and every worker', async () => {
    for (const state of TASK_STATES) {
      const expected = sent.filter((task) => task.state === state).length;
      expect([state, await cluster.api.total(`state:${state}`)]).toEqual([state, expected]);
    }
    for (const pool of POOLS) {
      const mine = sent.filter((task) => task.queue === pool && task.state === 'failure');
      const q = `worker:${hostOf(pool)} state:failed`;
      expect([q, await cluster.api.total(q)]).toEqual([q, mine.length]);
    }
  });

  test('the result backend agrees', () => {
    const kept = sent.filter((task) => task.type !== 'tasks.ignore_result');
    const expected: Partial<Record<TaskState, string>> = {
      success: 'SUCCESS',
      failure: 'FAILURE',
      revoked: 'REVOKED',
    };
    const wrong = kept.filter((task) => task.stored !== (expected[task.state] ?? null));
    expect(wrong).toEqual([]);
  });

  test('retries are attempts of one task, and custom events stay in its timeline', async () => {
    const once = sent.find((task) => task.type === 'tasks.retry_then_succeed');
    const never = sent.find((task) => task.type === 'tasks.retry_exhaust');
    const steps = sent.find((task) => task.type === 'tasks.progress');
    expect((await cluster.api.task(once?.id ?? ''))?.retries).toBe(1);
    expect((await cluster.api.task(never?.id ?? ''))?.retries).toBe(2);
    const timeline = (await cluster.api.task(steps?.id ?? ''))?.timeline ?? [];
    expect(timeline.filter((entry) => entry.type === 'task-progress')).toHaveLength(2);
  });

  test('depths per queue and priority are the broker’s, and what workers hold is in flight', async () => {
    const filled = await cluster.python<{ held: string[]; running: string[] }>(fill);
    await cluster.api.until(filled.held[3] ?? '', 'scheduled');
    await expect.poll(() => cluster.api.total('state:started'), { timeout: 20_000 }).toBe(2);
    await expect.poll(() => cluster.api.total('state:received'), { timeout: 20_000 }).toBe(2);

    const broker = await cluster.python<Record<string, number>>(depths);
    expect(broker).toMatchObject({ 'idle-a': 30, 'idle-b': 7, threads: 0 });
    const ready = async () => {
      const queues = await cluster.api.queues();
      return Object.fromEntries(
        Object.keys(broker).map((name) => [name, queues.find((q) => q.name === name)?.ready]),
      );
    };
    await expect.poll(ready, { timeout: 20_000, interval: 500 }).toEqual(broker);
    await expect
      .poll(async () => (await cluster.api.queue('threads'))?.inFlight, { timeout: 20_000 })
      .toBe(4);
    // Two run, acknowledged when they began; two wait in the worker.
    await expect
      .poll(async () => (await cluster.api.queue('prefork'))?.inFlight, { timeout: 20_000 })
      .toBe(2);

    const metrics = await scrape(cluster);
    expect(metrics('umbel_queue_messages', 'queue', 'state="ready"')).toMatchObject(broker);
    expect(metrics('umbel_queue_messages', 'queue', 'state="in_flight"')).toMatchObject({
      ...{ threads: 4, prefork: 2 },
    });
    expect(metrics('umbel_queue_consumers', 'queue')).toMatchObject({
      ...{ 'idle-a': 0, threads: 1 },
    });
    const lengths = await fetch(`${cluster.umbel.url}/api/queues/length`);
    const { active_queues: listed } = (await lengths.json()) as {
      active_queues: { name: string; messages_ready: number }[];
    };
    const told = Object.fromEntries(listed.map((queue) => [queue.name, queue.messages_ready]));
    expect(told).toMatchObject(broker);

    const idle = await cluster.api.queue('idle-a');
    expect(idle?.consumers).toBe(0);
    if (kind === 'amqp') {
      expect(idle?.readyByPriority).toBeNull();
      return;
    }
    expect(idle?.readyByPriority).toEqual(await prioritiesOf(cluster, 'idle-a'));
    expect(metrics('umbel_queue_oldest_age_seconds', 'queue')['idle-a']).toBeGreaterThan(0);
    expect(await cluster.api.total('state:queued')).toBe(37);
  }, 90_000);
});

/** Reads one family of `/metrics` by the value of a label, of the samples that have the other label. */
async function scrape(cluster: Cluster) {
  const text = await (await fetch(`${cluster.umbel.url}/metrics`)).text();
  return (family: string, by: string, where = ''): Record<string, number> => {
    const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
    const entries = lines.flatMap((line) => {
      const name = new RegExp(`[{,]${by}="([^"]*)"`).exec(line)?.[1];
      if (name === undefined || !line.includes(where)) return [];
      return [[name, Number(line.split(' ').at(-1))] as const];
    });
    return Object.fromEntries(entries);
  };
}

const positive = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0));

async function prioritiesOf(cluster: Cluster, queue: string) {
  const redis = new Redis(cluster.app.broker);
  try {
    const counts: { priority: number; ready: number }[] = [];
    for (let priority = 0; priority < 10; priority += 1) {
      const key = priority === 0 ? queue : `${queue}\x06\x16${String(priority)}`;
      counts.push({ priority, ready: await redis.llen(key) });
    }
    return counts;
  } finally {
    redis.disconnect();
  }
}
