import { expect, test } from '../fixtures/test.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

let cluster: Watched;

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis);
  const hostname = 'celery@web-1';
  await cluster.announcer.worker(hostname);
  await cluster.announcer.tell(
    { name: 'first', hostname },
    { name: 'second', hostname },
    { name: 'third', hostname },
  );
});
test.afterAll(() => cluster.close());

test('pages are reached by two keys, help by one @desk', async ({ page }) => {
  const { help, heading, live } = shell(page);
  await page.goto(cluster.url);
  await expect(live).toHaveAccessibleName(/^Live/);
  for (const [key, title] of [
    ['t', 'Tasks'],
    ['w', 'Workers'],
    ['q', 'Queues'],
    ['o', 'Overview'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(heading).toHaveText(title);
  }
  await page.keyboard.press('?');
  await expect(help).toContainText('Go to tasks');
  for (let presses = 0; presses < 5; presses += 1) {
    await page.keyboard.press('Tab');
    await expect(help.locator(':focus')).toHaveCount(1);
  }
  await page.keyboard.press('Escape');
  await expect(help).toHaveCount(0);
});

test('/ filters, j and k walk the rows, Enter opens one, Escape leaves @desk', async ({ page }) => {
  const list = tasks(page);
  await page.goto(`${cluster.url}/tasks`);
  await expect(list.rows).toHaveCount(3);
  await page.keyboard.press('/');
  await expect(list.filter).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(list.filter).not.toBeFocused();

  await page.keyboard.press('j');
  await expect(list.links.nth(0)).toBeFocused();
  await page.keyboard.press('j');
  await expect(list.links.nth(1)).toBeFocused();
  await expect(list.links.nth(1)).toHaveCSS('outline-style', 'solid');
  await page.keyboard.press('k');
  await expect(list.links.nth(0)).toBeFocused();
  const name = await list.links.nth(0).textContent();
  await page.keyboard.press('Enter');
  await expect(shell(page).heading).toHaveText(name ?? '');
});

test('the palette finds pages, types, workers and ids @desk', async ({ page }) => {
  const { palette, heading } = shell(page);
  await page.goto(cluster.url);
  await expect(shell(page).live).toHaveAccessibleName(/^Live/);
  await page.keyboard.press('Control+k');
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('web-1');
  await expect(palette.getByRole('option', { name: 'celery@web-1' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(heading).toHaveText('celery@web-1');

  await page.keyboard.press('Meta+k');
  await page.keyboard.type('second');
  await expect(palette.getByRole('option', { name: 'second', exact: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(tasks(page).chip('name:second')).toBeVisible();

  const id = /[0-9a-f-]{36}/.exec((await tasks(page).links.first().getAttribute('href')) ?? '');
  await page.keyboard.press('Control+k');
  await page.keyboard.type(id?.[0] ?? '');
  await expect(palette.getByRole('option', { name: /^Open task/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(heading).toHaveText('second');
});

test('a phone opens the palette by its button @phone', async ({ page }) => {
  const { search, palette, heading } = shell(page);
  await page.goto(cluster.url);
  await search.tap();
  await palette.getByRole('option', { name: 'Workers' }).tap();
  await expect(heading).toHaveText('Workers');
  await expect(palette).toHaveCount(0);
});
