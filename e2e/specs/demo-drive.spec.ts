import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { overview } from '../pages/overview.ts';
import { queue } from '../pages/queues.ts';
import { shell } from '../pages/shell.ts';
import { retryDialog, revokeDialog, task } from '../pages/task.ts';
import { tasks } from '../pages/tasks.ts';
import { order, worker } from '../pages/workers.ts';

// The cluster of the demo is Umbel's own; the pages drive it as they drive Python's.

const patience = { timeout: 40_000 };

/** Opens the newest task that the filter finds, as soon as there is one. */
async function openFirst(page: Page, url: string, q: string) {
  await page.goto(`${url}/demo/tasks?${new URLSearchParams({ q }).toString()}`);
  const { links } = tasks(page);
  await expect(links.first()).toBeVisible(patience);
  await links.first().click();
  await expect(task(page).state).toBeVisible();
}

test('a failed charge succeeds once its quantity is put right', async ({ page, demo }) => {
  const view = task(page);
  const retry = retryDialog(page);
  await openFirst(page, demo.url, 'name:shop.orders.charge state:failure "at least 1"');
  await expect(view.state).toContainText('failed at its first attempt');
  await expect(view.traceback).toContainText('a quantity has to be at least 1');
  const failed = page.url();

  await view.retry.click();
  const args = await retry.args.inputValue();
  expect(args).toContain("'quantity': 0");
  await retry.args.fill(args.replace("'quantity': 0", "'quantity': 3"));
  if ((await retry.withoutUnknown.count()) > 0) await retry.withoutUnknown.click();
  await retry.review.click();
  await expect(retry.dialog).toContainText("'quantity': 3");
  await retry.send.click();
  await retry.open.click();
  await expect(page).not.toHaveURL(failed);
  await expect(view.state).toContainText('succeeded');
  await expect(view.result).toContainText("'cents': 300");
  await expect(view.section('Facts')).toContainText('Repeats');
});

test('a slow report is terminated while it runs, a reminder is revoked before it starts @desk', async ({
  page,
  demo,
}) => {
  const view = task(page);
  const retry = retryDialog(page);
  const revoke = revokeDialog(page);
  await openFirst(page, demo.url, 'name:reports.nightly');
  await view.retry.click();
  const args = await retry.args.inputValue();
  const endless = args.replace(/, \d+\)$/, ', 90)');
  expect(endless).not.toBe(args);
  await retry.args.fill(endless);
  if ((await retry.withoutUnknown.count()) > 0) await retry.withoutUnknown.click();
  await retry.review.click();
  await retry.send.click();
  await retry.open.click();
  await expect(view.state).toContainText('running', patience);

  await view.revoke.click();
  await revoke.terminate.click();
  await revoke.send.click();
  await expect(shell(page).answers).toContainText('done');
  await revoke.close.click();
  await expect(view.state).toContainText('revoked while it ran');

  await openFirst(page, demo.url, 'name:shop.carts.remind state:scheduled');
  await expect(view.state).toContainText('scheduled');
  await view.revoke.click();
  await revoke.send.click();
  await expect(shell(page).answers).toContainText('done');
  await revoke.close.click();
  await expect(view.state).toContainText(/revok/);
});

test('a worker grows, and takes the queue that nobody consumes until it is told to stop @desk', async ({
  page,
  demo,
}) => {
  const view = worker(page);
  const { line } = overview(page);
  await page.goto(`${demo.url}/demo`);
  await expect(line('Nobody consumes legacy-sync')).toBeVisible(patience);

  await page.goto(`${demo.url}/demo/workers/umbel@kitchen`);
  await expect(view.pane).toContainText('of 2 slots busy', patience);
  await order(page, 'Grow the pool', { Slots: '1' }, 'Grow', 'pool will grow');
  await expect(view.pane).toContainText('of 3 slots busy');
  await order(page, 'Shrink the pool', { Slots: '1' }, 'Shrink', 'pool will shrink');
  await expect(view.pane).toContainText('of 2 slots busy');

  const legacy = view.pane.getByRole('link', { name: 'legacy-sync', exact: true });
  await view.tab('queues').click();
  await order(page, 'Consume a queue', { Queue: 'legacy-sync' }, 'Consume', 'legacy-sync');
  await expect(legacy).toBeVisible();
  await page.goto(`${demo.url}/demo/queues/legacy-sync`);
  await expect(queue(page).consumers).toContainText('umbel@kitchen', patience);
  await page.goto(`${demo.url}/demo`);
  await expect(overview(page).chart).toBeVisible();
  await expect(line('Nobody consumes legacy-sync')).toHaveCount(0, patience);

  await page.goto(`${demo.url}/demo/workers/umbel@kitchen?tab=queues`);
  await expect(legacy).toBeVisible();
  const stop = { Queue: 'legacy-sync' };
  await order(page, 'Stop consuming a queue', stop, 'Stop consuming', 'no longer consuming');
  await expect(legacy).toHaveCount(0);
});
