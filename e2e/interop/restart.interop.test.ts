import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { Gap, MetricSeries, Overview, TaskDetail } from '../../lib/contract/index.ts';
import { publish } from '../../bench/subject.ts';
import { createAnnouncer } from '../fixtures/celery/announcer.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { startWorker } from '../fixtures/celery/worker.ts';
import { startRabbitmq } from '../fixtures/servers/rabbitmq.ts';
import { startRedis } from '../fixtures/servers/redis.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { startUmbel } from '../fixtures/umbel.ts';
import { createApi, type Api } from './support/api.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const sum = `
import json
from app import *
print(json.dumps(add.delay(1, 2).id))
`;

const SECRET = /sesame|sunflower/;

/** One that runs and one that waits. */
const withSecret = `
import json
from app import *
secret = {"pin": "sunflower seeds"}
print(json.dumps([echo.apply_async((1,), secret).id, echo.apply_async((), secret, queue="waits").id]))
`;

const addOne = async (app: CeleryApp) => JSON.parse(await runPython(sum, { app })) as string;

async function watch(args: string[], more: { dataDir?: string; port?: number } = {}) {
  const umbel = await startUmbel({
    ...more,
    freshPages: false,
    args: ['--log-level', 'error', ...args],
  });
  cleanups.push(() => umbel.stop());
  return { umbel, api: createApi(umbel.url) };
}

async function work(app: CeleryApp, name: string): Promise<void> {
  // Celery before 5.3 loses events of threads, and of processes when its broker comes back.
  const pool = isOldCelery ? 'solo' : 'threads';
  const worker = await startWorker({ app, pool, name });
  cleanups.push(() => worker.kill());
  await worker.ready;
}

async function gaps(api: Api, cause: Gap['cause']): Promise<Gap[]> {
  const { body } = await api.get('/overview?range=15m');
  return (body as Overview).series.gaps.filter((gap) => gap.cause === cause);
}

const brokerState = async (api: Api) => (await api.status()).broker.state;

const untilConnected = (api: Api, timeout: number) =>
  expect.poll(() => brokerState(api), { timeout, interval: 100 }).toBe('connected');

type Stoppable = { down(): Promise<void>; up(): Promise<void> };

async function downAndUp(server: Stoppable, api: Api): Promise<void> {
  await untilConnected(api, 15_000);
  expect(await gaps(api, 'disconnected')).toEqual([]);
  const downAt = Date.now();
  await server.down();
  await expect
    .poll(() => brokerState(api), { timeout: 15_000, interval: 100 })
    .toBe('reconnecting');
  const { broker } = await api.status();
  expect(broker.reason ?? '').not.toBe('');
  await expect.poll(() => gaps(api, 'disconnected')).toMatchObject([{ endedAt: null }]);
  for (const path of ['', '/tasks', '/workers', '/queues']) {
    expect((await api.get(path)).status).toBe(200);
  }
  await server.up();
  const upAt = Date.now();
  await untilConnected(api, 10_000);
  await expect
    .poll(async () => (await gaps(api, 'disconnected')).map((gap) => gap.endedAt !== null))
    .toEqual([true]);
  const [gap] = await gaps(api, 'disconnected');
  expect(gap?.startedAt).toBeGreaterThanOrEqual(downAt - 2000);
  expect(gap?.startedAt).toBeLessThanOrEqual(upAt);
  expect(gap?.endedAt).toBeGreaterThanOrEqual(upAt - 2000);
}

// A worker of Celery 5.2 takes nothing any more once its Redis was away.
test.skipIf(isOldCelery)(
  'a Redis that stops and comes back: said, recovered, and one gap',
  async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const app: CeleryApp = { broker: redis.url, backend: redis.url };
    const { umbel, api } = await watch(['--broker', redis.url, '--backend', redis.url]);
    await work(app, 'steady');
    const before = await addOne(app);
    await api.until(before, 'success');
    await downAndUp(redis, api);

    await api.until(await addOne(app), 'success', 40_000);
    expect(await api.state(before)).toBe('success');
    expect(await gaps(api, 'disconnected')).toHaveLength(1);

    // A broker that hangs holds up no stop.
    redis.pause();
    expect(await umbel.stop()).toBe(0);
  },
);

test(
  'killed under load, it starts on what it had: all but the last second',
  { timeout: 120_000 },
  async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const directory = makeTempDir('history');
    cleanups.push(() => removeTempDir(directory));
    const dataDir = join(directory, 'data');
    const args = ['--broker', redis.url];
    const { umbel, api } = await watch(args, { dataDir });
    await untilConnected(api, 15_000);
    await expect.poll(async () => (await api.get('/queues')).status).toBe(200);

    const announcer = createAnnouncer(redis.url);
    cleanups.push(() => announcer.close());
    const load = publish(redis.port, ['--rate', '5000', '--seconds', '9']);
    const told: { id: string; at: number }[] = [];
    const story = { name: 'tasks.known', hostname: 'known@umbel-test' };
    await expect
      .poll(
        async () => {
          const [id = ''] = await announcer.tell(story);
          told.push({ id, at: Date.now() });
          return (await api.status()).ingest.eventsTotal;
        },
        { timeout: 30_000, interval: 50 },
      )
      .toBeGreaterThan(15_000);
    const before = await api.status();
    const killedAt = Date.now();
    await umbel.kill();

    const copy = join(directory, 'copy');
    mkdirSync(copy);
    cpSync(dataDir, copy, { recursive: true });
    for (const name of ['default.sqlite', 'dashboard.sqlite']) {
      const database = new Database(join(copy, name));
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
    }
    await load;

    const { api: again } = await watch(args, { dataDir, port: umbel.port });
    await untilConnected(again, 15_000);
    const after = await again.status();
    expect(after.ingest.eventsTotal).toBeGreaterThanOrEqual(before.ingest.eventsTotal - 5500);
    expect(after.tasksStored).toBeGreaterThanOrEqual(before.tasksStored - 1400);
    const due = told.filter((one) => one.at < killedAt - 1000);
    expect(due.length).toBeGreaterThan(5);
    for (const { id } of due) expect([id, await again.state(id)]).toEqual([id, 'success']);
    const { body } = await again.get('/metrics?range=15m&by=type&key=tasks.known');
    const counted = (body as MetricSeries).totals.success;
    const sure = told.filter((one) => one.at < killedAt - 1500).length;
    expect(counted).toBeGreaterThanOrEqual(sure);
    expect(counted).toBeLessThanOrEqual(told.length);

    await expect.poll(() => gaps(again, 'stopped')).toHaveLength(1);
    const [gap] = await gaps(again, 'stopped');
    expect(gap?.startedAt).toBeGreaterThanOrEqual(killedAt - 2000);
    expect(gap?.startedAt).toBeLessThanOrEqual(killedAt + 500);
    expect(gap?.endedAt).toBeGreaterThanOrEqual(killedAt + 2000);
    const [id = ''] = await announcer.tell(story);
    await again.until(id, 'success');
  },
);

test('rediss with a certificate that nobody signed: no password, and no masked argument, is ever told', async () => {
  const redis = await startRedis({ tls: true, password: 'open sesame' });
  cleanups.push(() => redis.stop());
  const directory = makeTempDir('secrets');
  cleanups.push(() => removeTempDir(directory));
  const dataDir = join(directory, 'data');
  const unverified = `${redis.url}?ssl_cert_reqs=none`;
  const results = { backend: unverified, resultExtended: true };
  const app: CeleryApp = { broker: unverified, ...results, taskSent: true };
  const { umbel, api } = await watch(
    ['--broker', unverified, '--backend', unverified, '--redact', 'pin', '--log-level', 'trace'],
    { dataDir },
  );
  await work(app, 'secure');
  const [id = '', waiting = ''] = JSON.parse(await runPython(withSecret, { app })) as string[];
  await api.until(id, 'success');
  const masked = { text: "{'pin': '***'}", fidelity: 'redacted' };
  expect((await api.until(waiting, 'queued')).kwargsText).toMatchObject(masked);
  const whole = await api.get(`/tasks/${id}?result=1`);
  expect((whole.body as TaskDetail).kwargsText).toMatchObject(masked);
  expect((await api.status()).backend?.state).toBe('connected');
  const settings = async () => (await api.worker('secure@umbel-test')).conf.value;
  await expect.poll(settings, { timeout: 20_000 }).toMatchObject({ result_extended: true });
  const ours = '/api/v1/clusters/default';
  for (const path of [
    ...['', '/overview', '/workers', '/tasks', '/queues', '/queues/waits/messages'].map(
      (part) => `${ours}${part}`,
    ),
    ...[`/workers/secure@umbel-test`, `/tasks/${id}?result=1`, `/tasks/${id}/retry`].map(
      (part) => `${ours}${part}`,
    ),
    ...[`${ours}/tasks/${waiting}/retry`, '/api/v1/clusters', '/api/v1/session', '/metrics'],
    ...['/api/workers?refresh=1', '/api/tasks', `/api/task/result/${id}`, '/api/queues/length'],
    ...['/readyz', '/default', '/default/workers/secure@umbel-test'],
  ]) {
    const response = await fetch(`${umbel.url}${path}`);
    expect([path, response.status]).toEqual([path, 200]);
    expect([path, SECRET.exec(await response.text())]).toEqual([path, null]);
  }
  expect(await umbel.stop()).toBe(0);
  expect(umbel.output()).not.toMatch(SECRET);
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    if (!/sqlite/.test(name)) continue;
    expect([name, SECRET.exec(readFileSync(join(dataDir, name), 'latin1'))]).toEqual([name, null]);
  }

  const trusted = `${redis.url}?ssl_ca_certs=${redis.certificate?.caFile ?? ''}`;
  const { api: trusting } = await watch(['--broker', trusted]);
  await untilConnected(trusting, 15_000);

  const { api: strict, umbel: refusing } = await watch(['--broker', redis.url]);
  await expect
    .poll(async () => (await strict.status()).broker.reason ?? '', { timeout: 20_000 })
    .toMatch(/certificate/i);
  expect(await brokerState(strict)).not.toBe('connected');
  expect(refusing.output() + JSON.stringify(await strict.status())).not.toContain('sesame');
});

test(
  'a RabbitMQ that stops and comes back: said, recovered, and one gap',
  { timeout: 120_000 },
  async () => {
    const rabbitmq = await startRabbitmq();
    cleanups.push(() => rabbitmq.stop());
    const app: CeleryApp = { broker: rabbitmq.url };
    const { umbel, api } = await watch(['--broker', rabbitmq.url]);
    await work(app, 'steady');
    await api.until(await addOne(app), 'success');
    await downAndUp(rabbitmq, api);
    await api.until(await addOne(app), 'success', 40_000);
    expect(await gaps(api, 'disconnected')).toHaveLength(1);

    const pid = Number((await rabbitmq.ctl('eval', 'list_to_integer(os:getpid()).')).trim());
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await umbel.stop()).toBe(0);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  },
);
