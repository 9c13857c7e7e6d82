import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { violationsInBothThemes } from '../fixtures/axe.ts';
import { createAnnouncer, type Announcer } from '../fixtures/celery/announcer.ts';
import type { Overview } from '../../lib/contract/overview.ts';
import { expect, test } from '../fixtures/test.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { startUmbel, type Umbel } from '../fixtures/umbel.ts';
import { overview } from '../pages/overview.ts';
import { shell } from '../pages/shell.ts';
import { task } from '../pages/task.ts';
import { tasks } from '../pages/tasks.ts';

const directory = makeTempDir('clusters');
const hostname = 'celery@web-1';
const charge = 'aaaaaaaa-0000-4000-8000-00000000000c';
let umbel: Umbel;
let shop: Announcer;
let billing: Announcer;

test.beforeAll(async ({ redis }) => {
  const at = (database: number) => redis.url.replace(/\/0$/, `/${database}`);
  const config = join(directory, 'umbel.yaml');
  const lines = [['shop', 901] as const, ['billing', 902] as const, ['empty', 903] as const];
  writeFileSync(
    config,
    `clusters:\n${lines.map(([name, database]) => `  ${name}:\n    broker: ${at(database)}\n`).join('')}`,
  );
  umbel = await startUmbel({ args: ['--config', config] });
  [shop, billing] = [createAnnouncer(at(901)), createAnnouncer(at(902))];
  await expect(async () => {
    await shop.worker(hostname);
    await billing.worker('celery@bills');
  }).toPass();
  await shop.tell({ id: charge, name: 'shop.charge', hostname });
  await billing.tell({ name: 'billing.send', hostname: 'celery@bills' });
});
test.afterAll(async () => {
  shop.close();
  billing.close();
  await umbel.stop();
  removeTempDir(directory);
});

const isPhone = () => test.info().project.name === 'phone';

/** By the menu of the side bar, which a phone does not have, or by the palette. */
async function switchTo(page: Page, from: string, to: string) {
  if (isPhone()) {
    await shell(page).search.tap();
    await shell(page).palette.getByRole('option', { name: to, exact: true }).tap();
  } else {
    await page.getByRole('button', { name: `Cluster: ${from}` }).click();
    await page.getByRole('menuitemradio', { name: to, exact: true }).click();
  }
  await expect(page).toHaveURL(`${umbel.url}/${to}`);
}

test('each cluster has its own tasks, and one leads to the other', async ({ page }) => {
  const list = tasks(page);
  const table = page.getByRole('table', { name: 'Clusters' });
  await page.goto(umbel.url);
  for (const name of ['shop', 'billing', 'empty']) {
    await expect(table.getByRole('row', { name: new RegExp(`^${name}`) })).toContainText(
      'connected',
    );
  }
  expect(await violationsInBothThemes(page), 'clusters').toEqual([]);
  await table.getByRole('link', { name: 'shop' }).click();
  await expect(page).toHaveURL(`${umbel.url}/shop`);
  await shell(page).nav('Tasks').click();
  await expect(list.row('shop.charge')).toBeVisible();
  await expect(list.rows).toHaveCount(1);

  await switchTo(page, 'shop', 'billing');
  await shell(page).nav('Tasks').click();
  await expect(list.row('billing.send')).toBeVisible();
  await expect(list.rows).toHaveCount(1);
  await shell(page).nav('Workers').click();
  await expect(page.getByRole('table', { name: 'Workers' })).toContainText('celery@bills');
  await expect(page.getByRole('table', { name: 'Workers' })).not.toContainText(hostname);

  await switchTo(page, 'billing', 'empty');
  await expect(overview(page).firstSteps).toContainText('The broker answers');
  expect(await violationsInBothThemes(page), 'first steps').toEqual([]);
  await page.goto(`${umbel.url}/settings`);
  await page.getByRole('link', { name: 'billing', exact: true }).click();
  await expect(page).toHaveURL(`${umbel.url}/billing`);
  await page.goto(`${umbel.url}/nowhere`);
  await expect(page.getByText('There is no cluster called “nowhere”')).toBeVisible();
  await page.getByRole('link', { name: 'Show the clusters' }).click();
  await expect(table).toContainText('billing');
});

test('a theme that is chosen stays, whatever the system likes', async ({ page }) => {
  const html = page.locator('html');
  const theme = page.getByRole('radiogroup', { name: 'Theme' });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${umbel.url}/settings`);
  await expect(html).toHaveAttribute('data-theme', 'light');
  await theme.getByText('Dark').click();
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.goto(`${umbel.url}/shop`);
  await expect(html).toHaveAttribute('data-theme', 'dark');
  if (!isPhone()) {
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('menuitemradio', { name: 'Light' }).click();
    await expect(html).toHaveAttribute('data-theme', 'light');
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('menuitemradio', { name: 'System' }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect(html).toHaveAttribute('data-theme', 'dark');
  }
});

test.describe('far from Greenwich', () => {
  test.use({ timezoneId: 'Asia/Tokyo' });

  test('times are the browser’s, or those of UTC when that is chosen', async ({ page }) => {
    const finished = task(page).section('Facts').locator('time').last();
    const zone = page.getByRole('radiogroup', { name: 'Time zone' });
    const written = async (timeZone: string) => {
      await page.goto(`${umbel.url}/shop/tasks/${charge}`);
      await expect(finished).toBeVisible();
      const at = new Date((await finished.getAttribute('datetime')) ?? '');
      await expect(finished).toContainText(at.toLocaleTimeString('en-GB', { timeZone }));
    };
    await written('Asia/Tokyo');
    await page.goto(`${umbel.url}/settings`);
    await zone.getByText('UTC').click();
    await expect(page.getByText(/\d\d:\d\d:\d\d UTC/)).toBeVisible();
    await written('UTC');
    await page.goto(`${umbel.url}/settings`);
    await expect(zone.getByRole('radio', { name: 'UTC' })).toBeChecked();
    await zone.getByText('Browser').click();
    await written('Asia/Tokyo');
  });
});

test('an open menu holds the rows, a pause holds every page, and both let go @desk', async ({
  page,
}) => {
  const list = tasks(page);
  const { live, nav } = shell(page);
  const name = `held.${test.info().project.name}`;
  await page.goto(`${umbel.url}/shop/tasks?q=name:${name}`);
  await expect(page.getByText('No task matches')).toBeVisible();
  await shop.tell({ name, hostname });
  await expect(list.rows).toHaveCount(1);
  await list.columns.click();
  await expect(list.column('Queue')).toBeVisible();
  await shop.tell({ name, hostname });
  await expect(page.getByText('1 new')).toBeVisible();
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(list.rows).toHaveCount(2);

  const stored = async () =>
    (await page.request.get(`${umbel.url}/api/v1/clusters/shop/tasks?q=name:${name}`)).text();
  await expect.poll(stored).toMatch(/"total":2/);
  // Other tests have sent tasks here too: the overview has counted them all before updates stop.
  let all = 0;
  const uncounted = async () => {
    const read = async (path: string): Promise<unknown> =>
      (await page.request.get(`${umbel.url}/api/v1/clusters/shop/${path}`)).json();
    all = ((await read('tasks?limit=1')) as { total: number }).total;
    return all - ((await read('overview?range=1h')) as Overview).series.totals.success;
  };
  await expect.poll(uncounted).toBe(0);

  await live.click();
  await expect(live).toHaveAccessibleName('Paused: resume updates');
  await nav('Overview').click();
  const { chart } = overview(page);
  await expect(chart).toHaveAccessibleName(new RegExp(`: ${all} succeeded`));
  const before = await chart.getAttribute('aria-label');
  await shop.tell({ name, hostname }, { name, hostname });
  await expect.poll(stored).toMatch(/"total":4/);
  expect(await chart.getAttribute('aria-label')).toBe(before);
  await live.click();
  await expect(live).toHaveAccessibleName('Live: pause updates');
  await expect(chart).not.toHaveAttribute('aria-label', before ?? '');
});
