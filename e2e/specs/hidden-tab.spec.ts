import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

// A tab that nobody sees does not depend on the size of the page: everything here is @desk.

let cluster: Watched;
const hostname = 'celery@web-1';

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis);
  await cluster.announcer.worker(hostname);
  await cluster.announcer.tell({ name: 'known', hostname });
});
test.afterAll(() => cluster.close());

/** Chromium without a window shows every tab; what the page is told when a tab is covered is told here by hand. */
async function show(page: Page, state: 'hidden' | 'visible') {
  await page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: visibility });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

test('a hidden tab holds its rows and its figures, says so, and catches up on return @desk', async ({
  context,
}) => {
  const [list, figures, seen] = [
    await context.newPage(),
    await context.newPage(),
    await context.newPage(),
  ];
  await list.goto(`${cluster.url}/tasks`);
  await figures.goto(cluster.url);
  await seen.goto(`${cluster.url}/tasks`);
  await expect(tasks(list).rows).toHaveCount(1);
  await expect(tasks(seen).rows).toHaveCount(1);
  await expect(overview(figures).workers).toContainText(hostname);
  for (const page of [list, figures]) {
    await expect(shell(page).live).toHaveAccessibleName(/^Live/);
    await show(page, 'hidden');
    await expect(shell(page).live).toHaveAccessibleName(/^Held/);
  }

  await cluster.announcer.worker('celery@web-2');
  await cluster.announcer.tell({ name: 'new.one', hostname: 'celery@web-2' });
  await expect(tasks(seen).row('new.one')).toBeVisible();
  await seen.goto(cluster.url);
  await expect(overview(seen).workers).toContainText('celery@web-2');
  await expect(tasks(list).rows).toHaveCount(1);
  await expect(overview(figures).workers).not.toContainText('celery@web-2');

  for (const page of [list, figures]) {
    await show(page, 'visible');
    await expect(shell(page).live).toHaveAccessibleName(/^Live/);
  }
  await expect(tasks(list).row('new.one')).toBeVisible();
  await expect(tasks(list).rows).toHaveCount(2);
  await expect(overview(figures).workers).toContainText('celery@web-2');
});
