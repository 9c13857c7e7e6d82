import type { Page } from '@playwright/test';
import { violationsInBothThemes } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { shell } from '../pages/shell.ts';
import { revokeDialog, task } from '../pages/task.ts';
import { tasks } from '../pages/tasks.ts';
import { worker } from '../pages/workers.ts';

// On the demo: its workers answer everything that a page can ask.

const patience = { timeout: 40_000 };
const kitchen = '/demo/workers/umbel@kitchen';

async function keepsFocus(page: Page) {
  for (const key of ['Tab', 'Shift+Tab', 'ArrowDown']) await page.keyboard.press(key);
  await expect(page.getByRole('menu').locator(':focus')).toHaveCount(1);
}

test('axe finds nothing in any part of a worker', async ({ page, demo }) => {
  test.setTimeout(300_000);
  const view = worker(page);
  await page.goto(`${demo.url}${kitchen}`);
  await expect(view.pane).toContainText('slots busy', patience);
  for (const name of [
    ...['pool', 'queues', 'running', 'reserved', 'scheduled', 'revoked', 'registered'],
    ...['limits', 'config', 'system'],
  ]) {
    await view.tab(name).click();
    await expect(view.tab(name)).toHaveAttribute('aria-selected', 'true');
    await expect(view.pane, name).not.toContainText('Not known', patience);
    expect(await violationsInBothThemes(page), name).toEqual([]);
  }
});

test('axe finds nothing in the dialogs and the menu of a worker', async ({ page, demo }) => {
  test.setTimeout(120_000);
  const view = worker(page);
  const { dialog } = shell(page);
  await page.goto(`${demo.url}${kitchen}`);
  await view.actions.click();
  await expect(view.action('Shut down')).toBeVisible();
  await keepsFocus(page);
  expect(await violationsInBothThemes(page, { menu: true }), 'menu').toEqual([]);
  await view.action('Rate limit').click();
  await dialog.getByRole('button', { name: 'Set limit', exact: true }).click();
  await expect(dialog.getByRole('alert').first()).toBeVisible();
  expect(await violationsInBothThemes(page), 'rate limit').toEqual([]);
  await page.keyboard.press('Escape');
  await view.actions.click();
  await view.action('Shut down').click();
  await expect(dialog.getByLabel(/^Type umbel@/)).toBeVisible();
  expect(await violationsInBothThemes(page), 'shut down').toEqual([]);
});

test('axe finds nothing in the column menu @desk', async ({ page, demo }) => {
  const list = tasks(page);
  await page.goto(`${demo.url}/demo/tasks`);
  await expect(list.rows.first()).toBeVisible();
  await list.columns.click();
  await expect(list.column('Queue')).toBeVisible();
  await keepsFocus(page);
  expect(await violationsInBothThemes(page, { menu: true }), 'columns').toEqual([]);
});

test('axe finds nothing in the revoke dialog, the answers and the help', async ({ page, demo }) => {
  test.setTimeout(120_000);
  const list = tasks(page);
  const revoke = revokeDialog(page);
  await page.goto(`${demo.url}/demo/tasks?q=name:shop.legacy.sync`);
  await expect(list.links.first()).toBeVisible(patience);
  await list.links.first().click();
  await task(page).revoke.click();
  await revoke.terminate.click();
  await expect(revoke.signal).toBeVisible();
  expect(await violationsInBothThemes(page), 'revoke').toEqual([]);
  await revoke.terminate.click();
  await revoke.send.click();
  await expect(shell(page).answers).toContainText('done');
  expect(await violationsInBothThemes(page), 'answers').toEqual([]);
  await revoke.close.click();
  await expect(revoke.dialog).toHaveCount(0);

  await page.keyboard.press('?');
  await expect(shell(page).help).toContainText('Go to tasks');
  expect(await violationsInBothThemes(page), 'help').toEqual([]);
});
