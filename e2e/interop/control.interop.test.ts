import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandOutcome, WorkerCommand } from '../../lib/contract/index.ts';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const steered = 'steered@umbel-test';
const silent = 'silent@umbel-test';
const leaving = 'leaving@umbel-test';

const addOne = (queue: string) => `
import json
from app import *
print(json.dumps(add.apply_async((1, 2), queue="${queue}").id))
`;

describe.each(BROKERS)('worker commands over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(kind, { umbel: ['--inspect-interval', '1s'] });
    await cluster.work(
      { name: 'steered', pool: 'prefork', concurrency: 1, queues: ['first'] },
      { name: 'silent', pool: 'threads', concurrency: 1, queues: ['quiet'], events: false },
      {
        ...{ name: 'leaving', pool: 'solo', queues: ['last'] },
        app: { config: { broker_transport_options: { priority_steps: [0, 5] } } },
      },
    );
  });

  afterAll(async () => {
    await cluster.close();
  });

  const known = async (hostname: string) => {
    await expect
      .poll(
        async () => (await cluster.api.workers()).find((one) => one.hostname === hostname)?.pool,
        {
          timeout: 30_000,
        },
      )
      .toBeTruthy();
  };
  const tell = async (command: WorkerCommand, hostname = steered): Promise<CommandOutcome> => {
    await known(hostname);
    const outcome = await cluster.api.command([hostname], command);
    expect(outcome.acks).toHaveLength(1);
    expect(outcome.acks[0]).toMatchObject({ hostname, outcome: 'ok' });
    return outcome;
  };

  test('the pool grows and shrinks', async () => {
    const size = async () => (await cluster.api.inspect(steered)).concurrency;
    await known(steered);
    expect(await size()).toBe(1);
    await tell({ command: 'pool_grow', n: 2 });
    await expect.poll(size, { timeout: 20_000 }).toBe(3);
    await tell({ command: 'pool_shrink', n: 1 });
    await expect.poll(size, { timeout: 20_000 }).toBe(2);
  });

  test('a consumer is added, takes tasks, and is cancelled', async () => {
    const consumed = async () => (await cluster.api.inspect(steered)).queues ?? [];
    await tell({ command: 'add_consumer', queue: 'second' });
    await expect.poll(consumed).toEqual(expect.arrayContaining(['first', 'second']));
    await cluster.api.until(await cluster.python<string>(addOne('second')), 'success');
    await tell({ command: 'cancel_consumer', queue: 'second' });
    await expect.poll(consumed).toEqual(['first']);
    const waiting = await cluster.python<string>(addOne('second'));
    await cluster.api.until(waiting, 'queued');
  });

  test('a rate limit shows in the registered tasks, and 0 removes it', async () => {
    const limit = async () => {
      const { registered } = await cluster.api.inspect(steered);
      return registered.value?.find((task) => task.name === 'tasks.add')?.rateLimit ?? null;
    };
    const outcome = await tell({ command: 'rate_limit', type: 'tasks.add', rateLimit: '50/s' });
    expect(outcome.acks[0]?.text).toMatch(/rate limit/i);
    await expect.poll(limit).toBe('50/s');
    await tell({ command: 'rate_limit', type: 'tasks.add', rateLimit: '0' });
    await expect.poll(limit).toBeNull();
  });

  // Workers apply new limits to what they receive after their task strategies were built anew: on a restart of the consumer.
  test('time limits are taken over by the worker', async () => {
    const command = {
      command: 'time_limit',
      type: 'tasks.sleep',
      softMs: 500,
      hardMs: 1000,
    } as const;
    const { acks } = await tell(command);
    expect(acks[0]?.text).toMatch(/time limits set/i);
    const unknown = await cluster.api.command([steered], { ...command, type: 'tasks.unknown' });
    expect(unknown.acks[0]).toMatchObject({ outcome: 'error', text: 'unknown task' });
  });

  test('events are switched on in a worker that runs without', async () => {
    await tell({ command: 'enable_events' }, silent);
    const id = await cluster.python<string>(addOne('quiet'));
    const task = await cluster.api.until(id, 'success');
    expect(task.timeline.map((entry) => entry.type)).toEqual(
      expect.arrayContaining(['task-received', 'task-started', 'task-succeeded']),
    );
    await expect.poll(async () => (await cluster.api.worker(silent)).eventsEnabled).toBe(true);
  });

  test('a worker’s own refusal is passed on in its own words', async () => {
    await known(steered);
    const command = { command: 'rate_limit', type: 'tasks.unknown', rateLimit: '1/s' } as const;
    const { acks } = await cluster.api.command([steered], command);
    expect(acks).toEqual([
      { hostname: steered, outcome: 'error', text: expect.stringMatching(/unknown task/i) },
    ]);
  });

  test('wrong input is refused before it reaches a worker, which lives on', async () => {
    await known(steered);
    const wrong: unknown[] = [
      { command: 'pool_grow', n: 'many' },
      { command: 'pool_grow', n: 0 },
      { command: 'pool_shrink', n: -1 },
      { command: 'pool_grow', n: 1.5 },
      { command: 'autoscale', min: 1 },
      { command: 'add_consumer', queue: '' },
      { command: 'add_consumer', queue: { name: 'x' } },
      { command: 'rate_limit', type: 'tasks.add', rateLimit: 'fast' },
      { command: 'rate_limit', type: 'tasks.add', rateLimit: '10/y' },
      { command: 'time_limit', type: 'tasks.add', softMs: 'soon', hardMs: null },
      { command: 'no_such_command' },
      null,
    ];
    for (const command of wrong) {
      const { status } = await cluster.api.post('/workers/command', {
        workers: [steered],
        command,
      });
      expect([command, status]).toEqual([command, 400]);
    }
    const nobody = { workers: ['nobody@nowhere'], command: { command: 'pool_grow', n: 1 } };
    expect((await cluster.api.post('/workers/command', nobody)).status).toBe(404);
    await cluster.api.until(await cluster.python<string>(addOne('first')), 'success');
  });

  test('the same by Flower’s paths, in the worker’s own words', async () => {
    const post = async (path: string) => {
      const response = await fetch(`${cluster.umbel.url}/api${path}`, { method: 'POST' });
      const text = await response.text();
      return response.ok ? (JSON.parse(text) as unknown) : [response.status, text];
    };
    const queue = encodeURIComponent('a&b <c>');
    const { concurrency } = await cluster.api.inspect(steered);
    expect(await post(`/worker/queue/add-consumer/${steered}?queue=${queue}`)).toEqual({
      message: 'add consumer a&b <c>',
    });
    const consumed = async () => (await cluster.api.inspect(steered)).queues;
    await expect.poll(consumed).toEqual(['first', 'a&b <c>']);
    expect(await post(`/worker/queue/cancel-consumer/${steered}?queue=${queue}`)).toEqual({
      message: 'no longer consuming from a&b <c>',
    });
    expect(await post(`/worker/pool/grow/${steered}?n=1`)).toEqual({
      message: `Growing '${steered}' worker's pool by 1`,
    });
    const size = async () => (await cluster.api.inspect(steered)).concurrency;
    await expect.poll(size, { timeout: 20_000 }).toBe((concurrency ?? 0) + 1);
    expect(await post(`/task/rate-limit/tasks.mul?workername=${steered}&ratelimit=9/m`)).toEqual({
      message: 'new rate limit set successfully',
    });
    expect(await post(`/task/timeout/tasks.mul?workername=${steered}&soft=5&hard=9`)).toEqual({
      message: 'time limits set successfully',
    });
    expect(await post(`/task/revoke/nobody-knows-it`)).toEqual({
      message: "Revoked 'nobody-knows-it'",
    });
    expect((await cluster.api.inspect(steered)).revoked.value).toContain('nobody-knows-it');

    const refused = [400, expect.any(String)];
    // In Flower the first of these ends the worker, and the second removes the limit.
    expect(await post(`/worker/queue/add-consumer/${steered}`)).toEqual(refused);
    expect(await post(`/task/rate-limit/tasks.mul?workername=${steered}`)).toEqual(refused);
    const { registered } = await cluster.api.inspect(steered);
    expect(registered.value).toContainEqual(
      expect.objectContaining({ name: 'tasks.mul', rateLimit: '9/m' }),
    );
    await cluster.api.until(await cluster.python<string>(addOne('first')), 'success');
  });

  const unread = async () => {
    await known(leaving);
    const notice = async () => (await cluster.api.status()).brokerNotice;
    await expect.poll(notice, { timeout: 20_000 }).toContain('--priority-steps 0,3,5,6,9');
    expect(await notice()).toContain(`${leaving} has priority_steps 0,5`);
  };
  if (kind === 'redis') test('QU7 lists of steps that are not read are told', unread);

  test('shutting down is answered by going offline', async () => {
    await known(leaving);
    const { acks } = await cluster.api.command([leaving], { command: 'shutdown' });
    expect(acks).toEqual([{ hostname: leaving, outcome: 'offline', text: 'went offline' }]);
    expect((await cluster.api.worker(leaving)).state).toBe('offline');
    expect((await cluster.api.worker(steered)).state).toBe('online');
  });

  test('what was done is in the audit log', async () => {
    const response = await fetch(`${cluster.umbel.url}/api/v1/audit?limit=200`);
    const { items } = (await response.json()) as { items: { action: string; outcome: string }[] };
    const actions = new Set(items.map((item) => item.action));
    for (const action of ['pool_grow', 'add_consumer', 'rate_limit', 'time_limit', 'shutdown']) {
      expect(actions).toContain(action);
    }
  });
});
