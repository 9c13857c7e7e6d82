import { join } from 'node:path';
import type { Overview } from '../../lib/contract/overview.ts';
import { violationsInBothThemes } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { startUmbel } from '../fixtures/umbel.ts';
import { watch } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

const hostname = 'celery@web-1';
const lost = /No connection to Umbel since \d\d:\d\d/;
const missed = /was not connected from \d\d:\d\d(:\d\d)? to \d\d:\d\d(:\d\d)?/;

test('Umbel is killed and started again: pages keep what they knew with its age, then live again', async ({
  page,
  context,
  redis,
}) => {
  test.setTimeout(120_000);
  const directory = makeTempDir('loss');
  const dataDir = join(directory, 'data');
  const cluster = await watch(redis, { dataDir });
  const view = overview(page);
  const rows = await context.newPage();
  const list = tasks(rows);
  let again: { stop(): Promise<unknown> } | undefined;
  try {
    await cluster.announcer.worker(hostname);
    await cluster.announcer.tell({ name: 'before', hostname });
    const counted = async () => {
      const url = `${cluster.umbel.url}/api/v1/clusters/default/overview?range=1h`;
      const answer = await page.request.get(url);
      return ((await answer.json()) as Overview).series.totals.success;
    };
    await expect.poll(counted).toBe(1);
    await page.goto(cluster.url);
    await expect(view.chart).toHaveAccessibleName(/1 succeeded/);
    await rows.goto(`${cluster.url}/tasks`);
    await expect(list.row('before')).toBeVisible();

    await cluster.umbel.kill();
    await expect(shell(page).banner(lost)).toBeVisible();
    await expect(shell(page).live).toHaveAccessibleName(/^Reconnecting/);
    await expect(shell(page).banner(/Read .* ago; newer could not be had/)).toBeVisible();
    await expect(view.chart).toHaveAccessibleName(/1 succeeded/);
    await expect(shell(rows).banner(lost)).toBeVisible();
    await expect(shell(rows).banner(/Shown as it was at \d\d:\d\d/)).toBeVisible();
    await expect(list.row('before')).toBeVisible();
    expect(await violationsInBothThemes(page)).toEqual([]);

    await shell(page).nav('Workers').click();
    await expect(shell(page).toast('Umbel does not answer')).toBeVisible();
    await expect(view.chart).toBeVisible();

    again = await startUmbel({
      port: cluster.umbel.port,
      dataDir,
      args: ['--broker', cluster.broker, '--backend', cluster.broker],
    });
    await expect(shell(page).live).toHaveAccessibleName(/^Live/);
    await expect(shell(page).banner(lost)).toHaveCount(0);
    await expect(shell(page).banner(/newer could not be had/)).toHaveCount(0);
    await expect(shell(rows).banner(missed)).toBeVisible();
    await expect(shell(rows).banner(/Shown as it was/)).toHaveCount(0);
    await expect(async () => {
      await cluster.announcer.tell({ name: 'after', hostname });
    }).toPass();
    await expect(list.row('after').first()).toBeVisible();
    await expect(view.chart).toHaveAccessibleName(/[2-9] succeeded/);
    await expect(view.chart).toContainText(/not observed \d\d:\d\d/);

    await expect(shell(page).banner(missed)).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect(shell(page).banner(missed)).toHaveCount(0);
  } finally {
    await again?.stop();
    await cluster.close();
    removeTempDir(directory);
  }
});
