import { expect, test } from '../fixtures/test.ts';
import { startRedis } from '../fixtures/servers/redis.ts';
import { watch } from '../fixtures/watched.ts';
import { createAnnouncer } from '../fixtures/celery/announcer.ts';
import { overview } from '../pages/overview.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

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
