import type { Locator, Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';
import { task } from '../pages/task.ts';
import { worker } from '../pages/workers.ts';

const hostname = 'celery@web-1';
const id = randomUUID();
const LEAST = 40;
// A word that explains itself stands in running text, as a link there does.
const CONTROLS =
  'button:not(.cursor-help), [role=tab], [role=menuitem], [role=option], input:not([type=radio]):not([aria-hidden]), textarea, summary, nav a, td a, a.inline-flex';

let cluster: Watched;

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis);
  await cluster.announcer.worker(hostname);
  await cluster.announcer.tell({ id, name: 'shop.charge', hostname, end: 'failed' });
  await runPython(`from app import *\nadd.apply_async((1, 2), queue='waiting')`, {
    app: cluster.app,
  });
});
test.afterAll(() => cluster.close());

/** What a finger misses: controls that are not hit along 40 px from top to bottom, through their middle. */
async function tooSmall(page: Page, within: Locator = page.locator('body')): Promise<string[]> {
  const found = await within.locator(CONTROLS).evaluateAll((all, least) => {
    return all.flatMap((control) => {
      if (!control.checkVisibility({ visibilityProperty: true })) return [];
      control.scrollIntoView({ block: 'center', inline: 'center' });
      const { left, top, width, height } = control.getBoundingClientRect();
      if (width < 2 || height < 2) return [];
      const hits = [-1, 1].every((side) => {
        const y = top + height / 2 + side * (least / 2 - 1);
        const hit = document.elementFromPoint(left + width / 2, y);
        return hit !== null && control.contains(hit);
      });
      const name = control.getAttribute('aria-label') ?? control.textContent;
      return hits ? [] : [`${control.tagName} "${name}" ${Math.round(height)} px`];
    });
  }, LEAST);
  return [...new Set(found)];
}

test('everything that is pressed on a phone is high enough for a finger @phone', async ({
  page,
}) => {
  test.setTimeout(120_000);
  for (const [path, shows] of [
    ['', 'Executed'],
    ['/tasks', 'shop.charge'],
    ['/tasks?q=state:failure', 'shop.charge'],
    [`/tasks/${id}`, 'Raw events'],
    ['/workers', hostname],
    [`/workers/${hostname}`, 'Pool'],
    ['/queues', 'waiting'],
    ['/schedule', 'No schedule is known'],
    ['/queues/waiting', 'tasks.add'],
  ] as const) {
    await page.goto(`${cluster.url}${path}`);
    await expect(page.getByText(shows).filter({ visible: true }).first(), path).toBeVisible();
    await expect(shell(page).live).toHaveAccessibleName(/^Live/);
    expect(await tooSmall(page), path).toEqual([]);
  }
  await page.goto(`${cluster.umbel.url}/settings`);
  await expect(page.getByText('Signed in as')).toBeVisible();
  expect(await tooSmall(page), 'settings').toEqual([]);
});

test('dialogs, menus and the palette are for fingers, too @phone', async ({ page }) => {
  const { dialog, search, palette } = shell(page);
  await page.goto(`${cluster.url}/tasks/${id}`);
  await task(page).retry.tap();
  await expect(dialog.getByLabel('Keyword arguments')).toBeVisible();
  expect(await tooSmall(page, dialog), 'retry').toEqual([]);
  // Smaller text makes a phone zoom in when the field is touched.
  await expect(dialog.getByLabel('Queue')).toHaveCSS('font-size', '16px');
  await dialog.getByRole('button', { name: 'Cancel' }).tap();
  await search.tap();
  await expect(palette.getByRole('option').first()).toBeVisible();
  expect(await tooSmall(page, palette), 'palette').toEqual([]);
  await page.goto(`${cluster.url}/workers/${hostname}?tab=system`);
  await worker(page).actions.tap();
  await expect(worker(page).action('Shut down')).toBeVisible();
  expect(await tooSmall(page, page.getByRole('menu')), 'menu').toEqual([]);
});

test('a finger is told why something is not known @phone', async ({ page }) => {
  await page.goto(`${cluster.url}/workers/${hostname}`);
  await page.getByRole('button', { name: 'unknown' }).first().tap();
  await expect(page.getByRole('tooltip')).toContainText('has not told');
});

test('the part of a worker that is chosen is in sight @phone', async ({ page }) => {
  await page.goto(`${cluster.url}/workers/${hostname}?tab=system`);
  await expect(worker(page).tab('system')).toBeInViewport({ ratio: 0.9 });
});
