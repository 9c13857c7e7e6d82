import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTaskRecord } from '../../store/task-record.ts';
import { addTask, createQueue, createTask, createWorker, T0 } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer } from '../testing/start.ts';
import { toFlowerTask } from './task-shape.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ basePath: '/umbel' });
  const { workers, queues } = server.cluster.state;
  workers.set('w1@h', createWorker('w1@h'));
  workers.set('gone@h', createWorker('gone@h', { state: 'offline' }));
  queues.set('celery', createQueue('celery'));
  addTask(
    server.cluster,
    createTask('t1', { args: '<b>&', childIds: ['t1', 't2'], childCount: 2 }),
  );
  addTask(
    server.cluster,
    createTask('a/b c', {
      ...{ state: 'failure', exception: "ValueError('x')", worker: null },
    }),
  );
});
afterEach(() => server.close());

async function get(path: string) {
  const response = await fetch(`${server.url}/umbel${path}`, { redirect: 'manual' });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, text, json: isJson ? JSON.parse(text) : null, response };
}

async function post(path: string, form?: Record<string, string>) {
  const body = form === undefined ? {} : { body: new URLSearchParams(form) };
  const response = await fetch(`${server.url}/umbel${path}`, { method: 'POST', ...body });
  const text = await response.text();
  return { status: response.status, text, type: response.headers.get('content-type') };
}

const commands = () =>
  server.cluster.state.calls
    .filter(({ method }) => method === 'command')
    .map(({ arguments: [, request] }) => request);

describe('steering', () => {
  it.each([
    [
      '/api/worker/pool/restart/w1@h',
      { command: 'pool_restart' },
      "Restarting 'w1@h' worker's pool",
    ],
    [
      '/api/worker/pool/grow/w1@h',
      { command: 'pool_grow', n: 1 },
      "Growing 'w1@h' worker's pool by 1",
    ],
    [
      '/api/worker/pool/shrink/w1@h?n=3',
      { command: 'pool_shrink', n: 3 },
      "Shrinking 'w1@h' worker's pool by 3",
    ],
    [
      '/api/worker/pool/autoscale/w1@h?min=1&max=8',
      { command: 'autoscale', min: 1, max: 8 },
      "Autoscaling 'w1@h' worker (min=1, max=8)",
    ],
    ['/api/worker/shutdown/w1@h', { command: 'shutdown' }, 'Shutting down!'],
    [
      '/api/worker/queue/add-consumer/w1@h?queue=a%26b',
      { command: 'add_consumer', queue: 'a&b' },
      'ok',
    ],
    [
      '/api/worker/queue/cancel-consumer/w1@h?queue=q',
      { command: 'cancel_consumer', queue: 'q' },
      'ok',
    ],
    [
      '/api/task/timeout/tasks.add?workername=w1@h&soft=1.5&hard=20',
      { command: 'time_limit', type: 'tasks.add', softMs: 1500, hardMs: 20000 },
      'ok',
    ],
    [
      '/api/task/rate-limit/tasks.add?workername=w1@h&ratelimit=10/m',
      { command: 'rate_limit', type: 'tasks.add', rateLimit: '10/m' },
      'ok',
    ],
  ])('POST %s', async (path, command, message) => {
    const { status, text } = await post(path);
    expect([status, JSON.parse(text)]).toEqual([200, { message }]);
    expect(commands()).toEqual([{ workers: ['w1@h'], command }]);
  });

  it('sends a task by its name, with the body as it came', async () => {
    const body = '{"args": [1, "a&b=c"], "kwargs": {}, "queue": "q"}';
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const headers = { 'content-type': type };
      const url = `${server.url}/umbel/api/task/send-task/any.name`;
      const response = await fetch(url, { method: 'POST', headers, body });
      expect(await response.json()).toEqual({ 'task-id': 'new-id', state: 'PENDING' });
    }
    const sent = { method: 'sendTask', arguments: [{}, 'any.name', body] };
    expect(server.cluster.state.calls).toMatchObject([sent, sent]);
  });

  it('applies what is known, and waits for its result', async () => {
    server.cluster.state.reading = {
      ...{ type: 'found', status: 'SUCCESS', extended: false, resultText: '3', traceback: null },
      ...{ argsText: null, kwargsText: null, value: 3, readAt: 0 },
    };
    const applied = await post('/api/task/apply/tasks.add');
    expect(JSON.parse(applied.text)).toEqual({ 'task-id': 'new-id', state: 'SUCCESS', result: 3 });
    const later = await post('/api/task/async-apply/tasks.add');
    expect(JSON.parse(later.text)).toEqual({ 'task-id': 'new-id', state: 'PENDING' });
  });

  it('aborts a task', async () => {
    expect(JSON.parse((await post('/api/task/abort/t1')).text)).toEqual({
      message: "Aborted 't1'",
    });
    expect(server.cluster.state.calls).toMatchObject([{ method: 'abort', arguments: [{}, 't1'] }]);
  });

  it('takes arguments from a form, and escapes nothing', async () => {
    await post('/api/worker/queue/add-consumer/w1@h', { queue: ' <a&b> "c" ' });
    expect(commands()).toEqual([
      { workers: ['w1@h'], command: { command: 'add_consumer', queue: '<a&b> "c"' } },
    ]);
  });

  it('revokes a task whether known or not', async () => {
    const { text } = await post('/api/task/revoke/nobody/knows?terminate=Yes&signal=sigkill');
    expect(JSON.parse(text)).toEqual({ message: "Revoked 'nobody/knows'" });
    expect(server.cluster.state.calls).toMatchObject([
      { arguments: [{}, { ids: ['nobody/knows'], terminate: true, signal: 'SIGKILL' }] },
    ]);
  });

  it.each([
    ['/api/worker/queue/add-consumer/w1@h', 400],
    ['/api/worker/queue/add-consumer/w1@h?queue=%20', 400],
    ['/api/worker/queue/cancel-consumer/w1@h', 400],
    ['/api/worker/pool/grow/w1@h?n=two', 400],
    ['/api/worker/pool/grow/w1@h?n=-1', 400],
    ['/api/worker/pool/autoscale/w1@h?min=1', 400],
    ['/api/worker/pool/autoscale/w1@h?min=1&max=x', 400],
    ['/api/task/timeout/tasks.add?soft=1', 400],
    ['/api/task/timeout/tasks.add?workername=w1@h&soft=NaN', 400],
    ['/api/task/rate-limit/tasks.add?workername=w1@h', 400],
    ['/api/task/rate-limit/tasks.add?workername=w1@h&ratelimit=fast', 400],
    ['/api/task/rate-limit/tasks.add?ratelimit=1/s', 400],
    ['/api/task/revoke/t1?terminate=perhaps', 400],
    ['/api/task/revoke/t1?signal=SIGNAL', 400],
    ['/api/worker/shutdown/nobody@h', 404],
    ['/api/task/rate-limit/unknown?workername=w1@h&ratelimit=1/s', 404],
    ['/api/task/rate-limit/tasks.add?workername=nobody@h&ratelimit=1/s', 404],
    ['/api/task/apply/unknown', 404],
    ['/api/task/async-apply/unknown', 404],
  ])('POST %s is refused with %i, in plain words, and nothing is sent', async (path, expected) => {
    const { status, text, type } = await post(path);
    expect(status).toBe(expected);
    expect(type).toContain('text/plain');
    expect(text).not.toBe('');
    expect(server.cluster.state.calls).toEqual([]);
  });

  it('tells the worker’s own reason', async () => {
    const { control } = server.cluster;
    control.command = async (_actor, { workers }) => ({
      acks: workers.map((hostname) => ({ hostname, outcome: 'error', text: 'no pool' })),
      warnings: [],
    });
    expect(await post('/api/worker/pool/restart/w1@h')).toMatchObject({
      status: 403,
      text: "Failed to restart the 'w1@h' pool: no pool",
    });
  });
});

describe('reading', () => {
  it('workers as inspect replies, or only whether they live', async () => {
    const { json } = await get('/api/workers');
    expect(json['w1@h']).toMatchObject({
      stats: { pid: 42 },
      registered: ['tasks.add'],
      active_queues: [{ name: 'celery' }],
    });
    expect(json['w1@h']).not.toHaveProperty('conf');
    expect((await get('/api/workers?status=true')).json).toEqual({ 'w1@h': true, 'gone@h': false });
    expect((await get('/api/workers?workername=nobody')).text).toBe("Unknown worker 'nobody'");
    await get('/api/workers?refresh=1&workername=w1@h');
    expect(server.cluster.state.calls).toEqual([{ method: 'inspectNow', arguments: [['w1@h']] }]);
  });

  it('tasks by id, in seconds and Celery’s words', async () => {
    const { json } = await get('/api/tasks?limit=10');
    expect(Object.keys(json)).toEqual(['t1', 'a/b c']);
    expect(json.t1).toMatchObject({
      uuid: 't1',
      state: 'SUCCESS',
      args: '<b>&',
      runtime: 2,
      received: (T0 - 4000) / 1000,
      succeeded: (T0 - 1000) / 1000,
      worker: 'w1@host',
    });
    expect((await get('/api/task/info/t1')).json.children).toEqual(['t2']);
    expect((await get('/api/task/info/a%2Fb%20c')).json.worker).toBeNull();
    expect((await get('/api/task/info/a%2Fb%20c')).json.state).toBe('FAILURE');
    expect((await get('/api/task/info/a/b%20c')).json.state).toBe('FAILURE');
    expect((await get('/api/task/info/none')).status).toBe(404);
    expect((await get('/api/task/types')).json).toEqual({ 'task-types': ['tasks.add'] });
  });

  it.each(['limit=x', 'limit=-1', 'sort_by=args', 'received_start=yesterday', 'offset=x'])(
    'tasks with %s answer 400',
    async (query) => {
      expect((await get(`/api/tasks?${query}`)).status).toBe(400);
    },
  );

  it('a bad search is told as Flower tells it', async () => {
    const { status, json } = await get('/api/tasks?search=abc%20(');
    expect(status).toBe(400);
    expect(json.error).toMatch(/ at position \d+\.$/);
  });

  it('results, waiting no longer than asked', async () => {
    expect((await get('/api/task/result/x?timeout=0.05')).json).toEqual({
      'task-id': 'x',
      state: 'PENDING',
    });
    const found = { type: 'found', extended: false, readAt: T0, argsText: null } as const;
    server.cluster.state.reading = {
      ...found,
      ...{ status: 'SUCCESS', resultText: '3', traceback: null, kwargsText: null, value: 3 },
    };
    expect((await get('/api/task/result/t1')).json).toEqual({
      'task-id': 't1',
      state: 'SUCCESS',
      result: 3,
    });
    server.cluster.state.reading = {
      ...found,
      ...{ status: 'SUCCESS', resultText: 'None', traceback: null, kwargsText: null, value: null },
    };
    expect((await get('/api/task/result/t1')).json).toMatchObject({ result: null });
    server.cluster.state.reading = {
      ...found,
      ...{ status: 'FAILURE', resultText: null, traceback: 'tb', kwargsText: null, value: null },
    };
    expect((await get('/api/task/result/a%2Fb%20c')).json).toMatchObject({
      state: 'FAILURE',
      result: "ValueError('x')",
      traceback: 'tb',
    });
    server.cluster.state.reading = { type: 'unavailable', reason: 'redis://u:p@h', readAt: T0 };
    expect(await get('/api/task/result/t1')).toMatchObject({
      status: 503,
      text: 'Broker or result backend unavailable',
    });
  });

  it('queue lengths', async () => {
    expect((await get('/api/queues/length')).json).toMatchObject({
      active_queues: [{ name: 'celery', messages: 3 }],
    });
  });

  it('the table’s protocol', async () => {
    const query = 'draw=7&start=0&length=1&order[0][column]=0&order[0][dir]=desc';
    const { json } = await get(`/tasks/datatable?${query}&columns[0][data]=name`);
    expect(json).toMatchObject({ draw: 7, recordsTotal: 2, data: [{ uuid: 't1' }] });
    expect((await get('/tasks/datatable?draw=1')).status).toBe(400);
  });

  it('the workers’ rows', async () => {
    const { json } = await get('/workers?json=1');
    expect(json.data).toMatchObject([{ hostname: 'w1@h', status: true }, { status: false }]);
  });
});

describe('pages', () => {
  it.each([
    ['/tasks', '/umbel/demo/tasks'],
    ['/workers', '/umbel/demo/workers'],
    ['/broker', '/umbel/demo/queues'],
    ['/task/a%2Fb', '/umbel/demo/tasks/a%2Fb'],
    ['/worker/celery@h', '/umbel/demo/workers/celery%40h'],
    ['/task//evil.example', '/umbel/demo/tasks/%2Fevil.example'],
  ])('%s leads to %s', async (path, location) => {
    const { status, response } = await get(path);
    expect([status, response.headers.get('location')]).toEqual([302, location]);
  });
});

describe('a task', () => {
  it.each([
    [null, null, null],
    [null, 'celery', ''],
    ['', 'celery', ''],
    ['orders', 'new', 'orders'],
  ])('of the exchange %j with the routing key %j shows the exchange %j', (exchange, key, shown) => {
    const record = { ...createTaskRecord('t', T0), exchange, routingKey: key };
    expect(toFlowerTask(record)['exchange']).toBe(shown);
  });
});
