import { expect, test } from '../fixtures/test.ts';
import { startRedis } from '../fixtures/servers/redis.ts';
import { watch } from '../fixtures/watched.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker } from '../fixtures/celery/worker.ts';
import { startRabbitmq } from '../fixtures/servers/rabbitmq.ts';
import { startUmbel } from '../fixtures/umbel.ts';
import { createAnnouncer } from '../fixtures/celery/announcer.ts';
import { overview } from '../pages/overview.ts';
import { queue, queues } from '../pages/queues.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';
import { workers } from '../pages/workers.ts';

test('the broker stops and comes back: the page says so, keeps what it knew, and marks the gap', async ({
  page,
}) => {
  const redis = await startRedis();
  const cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
  const view = overview(page);
  const { banner, nav, live } = shell(page);
  try {
    await cluster.announcer.worker('celery@web-1');
    await cluster.announcer.tell({ name: 'before', hostname: 'celery@web-1' });
    await page.goto(cluster.url);
    await expect(view.chart).toHaveAccessibleName(/1 succeeded/);

    await redis.down();
    await expect(banner(/broker .*since \d\d:\d\d/i)).toBeVisible({ timeout: 20_000 });
    await expect(view.line(/The broker is not reachable.*since \d\d:\d\d/).first()).toBeVisible();
    await expect(live).toHaveAccessibleName(/^Broker lost/);
    await expect(view.chart).toHaveAccessibleName(/1 succeeded/);
    await nav('Tasks').click();
    await expect(tasks(page).row('before')).toBeVisible();
    await expect(banner(/Nothing new can be observed/)).toBeVisible();
    await nav('Overview').click();

    await redis.up();
    await expect(banner(/Nothing new can be observed/)).toHaveCount(0, { timeout: 20_000 });
    await expect(view.line(/The broker is not reachable|Connecting/)).toHaveCount(0);
    await expect(live).toHaveAccessibleName(/^Live/);
    await expect(view.chart).toContainText(/not observed \d\d:\d\d/);
    await expect(view.hatched.first()).toBeAttached();

    const announcer = createAnnouncer(cluster.broker);
    await expect(async () => {
      await announcer.tell({ name: 'after', hostname: 'celery@web-1' });
    }).toPass();
    announcer.close();
    await expect(view.chart).toHaveAccessibleName(/[2-9] succeeded/);
  } finally {
    await cluster.close();
    await redis.stop();
  }
});

test('RabbitMQ stops and comes back: the page says so, recovers by itself and marks the gap @desk', async ({
  page,
}) => {
  test.setTimeout(240_000);
  const rabbitmq = await startRabbitmq({ management: true });
  const app = { broker: rabbitmq.url, taskSent: true };
  const umbel = await startUmbel({
    args: [
      ...['--broker', rabbitmq.url, '--inspect-interval', '1s'],
      ...['--management-url', `${rabbitmq.managementUrl ?? ''}/api/`],
    ],
  });
  const worker = await startWorker({ app, pool: 'solo', name: 'stays' });
  const view = overview(page);
  const { banner, nav, live } = shell(page);
  const add = () => runPython('from app import *\nadd.apply_async((1, 2))', { app });
  try {
    await page.goto(`${umbel.url}/default?range=15m`);
    await expect(live).toHaveAccessibleName(/^Live/);
    await worker.ready;
    await expect(async () => {
      await add();
      await expect(view.chart).toHaveAccessibleName(/[1-9]\d* succeeded/, { timeout: 3000 });
    }).toPass();

    await rabbitmq.down();
    await expect(banner(/broker .*since \d\d:\d\d/i)).toBeVisible();
    await expect(view.line(/The broker is not reachable.*since \d\d:\d\d/).first()).toBeVisible();
    await expect(live).toHaveAccessibleName(/^Broker lost/);
    await expect(view.chart).toHaveAccessibleName(/[1-9]\d* succeeded/);
    const before = Number(
      /(\d+) succeeded/.exec((await view.chart.getAttribute('aria-label')) ?? '')?.[1],
    );
    await nav('Tasks').click();
    await expect(tasks(page).row('tasks.add').first()).toBeVisible();
    await nav('Overview').click();

    await rabbitmq.up();
    const deadline = { timeout: 10_000 };
    await expect(banner(/Nothing new can be observed/)).toHaveCount(0, deadline);
    await expect(view.line(/The broker is not reachable|Connecting/)).toHaveCount(0, deadline);
    await expect(live).toHaveAccessibleName(/^Live/, deadline);
    await expect(view.line('What happened meanwhile was not observed')).toContainText(
      /\d\d:\d\d:\d\d–\d\d:\d\d:\d\d/,
    );
    await expect(view.chart).toContainText(/not observed \d\d:\d\d/);
    await expect(view.hatched.first()).toBeAttached();

    await add();
    const succeeded = async () =>
      Number(/(\d+) succeeded/.exec((await view.chart.getAttribute('aria-label')) ?? '')?.[1]);
    await expect.poll(succeeded, { timeout: 60_000 }).toBeGreaterThan(before);
    await nav('Queues').click();
    await expect(queues(page).row('celery')).toContainText(/0/);
    await expect(page.getByText('management API')).toHaveCount(0, { timeout: 30_000 });
  } finally {
    await worker.kill();
    await umbel.stop();
    await rabbitmq.stop();
  }
});

test('while the broker is away a queue is hatched, not empty, and a worker is not called offline', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const redis = await startRedis();
  const cluster = await watch(redis, { args: ['--offline-after', '2s'] });
  const view = queue(page);
  const hatched = view.chart.locator('.recharts-reference-area');
  try {
    await cluster.announcer.worker('celery@web-1');
    await runPython(`from app import *\nadd.apply_async((1, 2), queue='waiting')`, {
      app: cluster.app,
    });
    await page.goto(`${cluster.url}/workers`);
    await expect(workers(page).row('celery@web-1')).toContainText('online');
    await page.goto(`${cluster.url}/queues/waiting`);
    await expect(view.chart).toHaveAccessibleName(/1 ready/);
    await expect(view.waiting.filter({ hasText: 'tasks.add' })).toContainText('tasks.add');
    await expect(hatched).toHaveCount(0);

    await redis.down();
    // Ten seconds without a sample: longer than a worker may be silent here.
    await expect(view.chart).toContainText(/not sampled \d\d:\d\d/, { timeout: 40_000 });
    await expect(hatched.first()).toBeAttached();
    await expect(page.getByText('Newer could not be had')).toBeVisible();
    await expect(view.waiting.filter({ hasText: 'tasks.add' })).toHaveCount(1);
    await shell(page).nav('Workers').click();
    await expect(workers(page).row('celery@web-1')).toContainText('online');
    await expect(workers(page).forget).toHaveCount(0);
  } finally {
    await cluster.close();
    await redis.stop();
  }
});

test('Umbel itself is gone: the page keeps what it knew, and says of when that is', async ({
  page,
  redis,
}) => {
  const cluster = await watch(redis);
  try {
    await cluster.announcer.tell({ name: 'before', hostname: 'celery@web-1' });
    await page.goto(`${cluster.url}/tasks`);
    await expect(tasks(page).row('before')).toBeVisible();
    await cluster.umbel.kill();
    const { banner, live } = shell(page);
    await expect(banner(/No connection to Umbel since .*\d\d:\d\d/)).toBeVisible();
    await expect(live).toHaveAccessibleName(/^Reconnecting/);
    await expect(banner(/Shown as it was at .*\d\d:\d\d/)).toBeVisible();
    await expect(tasks(page).row('before')).toBeVisible();
  } finally {
    await cluster.close();
  }
});
