import type { Page } from '@playwright/test';
import { existsSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { retryDialog, revokeDialog, task } from '../pages/task.ts';
import { shell } from '../pages/shell.ts';
import { worker as workerPage } from '../pages/workers.ts';

let cluster: Watched;
let worker: PythonWorker;

test.beforeAll(async ({ redis }) => {
  test.setTimeout(120_000);
  cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
  worker = await startWorker({ app: cluster.app, pool: 'prefork', name: 'py' });
  await worker.ready;
});
test.afterAll(async () => {
  await worker.kill();
  await cluster.close();
});

const python = async (code: string) =>
  (await runPython(`from app import *\n${code}`, { app: cluster.app })).trim();

test('a running task is terminated with a chosen signal', async ({ page }) => {
  const view = task(page);
  const revoke = revokeDialog(page);
  const id = await python(`print(sleep.delay(300).id)`);
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.state).toContainText('running');
  await view.revoke.click();
  await revoke.terminate.click();
  await revoke.signal.click();
  await page.getByRole('option', { name: /^SIGKILL/ }).click();
  await revoke.send.click();
  await expect(shell(page).answers).toContainText('done');
  await revoke.close.click();
  await expect(view.state).toContainText('revoked while it ran');
  await expect(view.revoke).toHaveCount(0);
});

test('how far a task is, which only the result backend knows, is drawn while it runs', async ({
  page,
}) => {
  const view = task(page);
  const end = join(cluster.umbel.dataDir, 'end');
  const id = await python(`print(halfway.delay(${JSON.stringify(end)}).id)`);
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.progress).toHaveAttribute('aria-valuenow', '52');
  await expect(view.section('Progress')).toContainText('21 of 40');
  await expect(view.section('Progress')).toContainText('CRUNCHING');
  await expect(view.events.filter({ hasText: 'result backend' })).toHaveCount(0);
  writeFileSync(end, '');
  await expect(view.state).toContainText('succeeded');
  await expect(view.progress).toHaveCount(0);
});

test('a waiting task that is revoked shows among the revokes of the worker', async ({ page }) => {
  const view = task(page);
  const revoke = revokeDialog(page);
  const id = await python(`print(add.apply_async((1, 2), queue='nobody').id)`);
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.state).toContainText('queued');
  await view.revoke.click();
  await revoke.send.click();
  await expect(shell(page).answers).toContainText(/flagged as revoked/);
  await revoke.close.click();
  await expect(view.state).toContainText('revoking');
  await page.goto(`${cluster.url}/workers/${worker.hostname}?tab=revoked`);
  await expect(workerPage(page).pane.getByRole('link', { name: id })).toBeVisible();
});

test('what a command changed is read again at once', async ({ page }) => {
  const view = workerPage(page);
  await page.goto(`${cluster.url}/workers/${worker.hostname}`);
  await expect(view.pane).toContainText('of 2 slots busy');

  await order(page, 'Grow the pool', { Slots: '2' }, 'Grow', 'pool will grow');
  await expect(view.pane).toContainText('of 4 slots busy');
  await order(page, 'Shrink the pool', { Slots: '1' }, 'Shrink', 'pool will shrink');
  await expect(view.pane).toContainText('of 3 slots busy');

  await view.tab('queues').click();
  await order(page, 'Consume a queue', { Queue: 'extra' }, 'Consume', 'add consumer extra');
  await expect(view.pane.getByRole('link', { name: 'extra', exact: true })).toBeVisible();
  const refusal = 'no longer consuming from extra';
  await order(page, 'Stop consuming a queue', { Queue: 'extra' }, 'Stop consuming', refusal);
  await expect(view.pane.getByRole('link', { name: 'extra', exact: true })).toHaveCount(0);

  await view.tab('limits').click();
  const limit = { 'Task type': 'tasks.echo', Limit: '7/m' };
  await order(page, 'Rate limit', limit, 'Set limit', 'new rate limit set successfully');
  await expect(view.pane.getByRole('row', { name: /tasks\.echo/ })).toContainText('7/m');
  const none = { 'Task type': 'tasks.echo', Limit: '0' };
  await order(page, 'Rate limit', none, 'Set limit', 'new rate limit set successfully');
  await expect(view.pane.getByRole('row', { name: /tasks\.echo/ })).toHaveCount(0);
});

test('a pool is given other limits and restarted, in the words of its worker @desk', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const scaled = await startWorker({
    app: { ...cluster.app, config: { worker_pool_restarts: true } },
    ...{ pool: 'prefork', name: 'scaled', queues: ['scaled'], args: ['--autoscale', '3,1'] },
  });
  try {
    await scaled.ready;
    await page.goto(`${cluster.url}/workers/${scaled.hostname}`);
    await expect(workerPage(page).pane).toContainText('prefork');
    const limits = { 'At least': '2', 'At most': '4' };
    await order(page, 'Autoscale', limits, 'Set limits', 'autoscale now max=4 min=2');
    await order(page, 'Restart the pool', {}, 'Restart the pool', 'reload started');
  } finally {
    await scaled.kill();
  }
});

/** Fills in the form of a worker's command, sends it, and reads the worker's own words. */
async function order(
  page: Page,
  action: string,
  fields: Record<string, string>,
  button: string,
  words: string,
) {
  const { dialog, answers } = shell(page);
  await workerPage(page).actions.click();
  await workerPage(page).action(action).click();
  for (const [label, value] of Object.entries(fields)) {
    await dialog.getByLabel(label, { exact: true }).fill(value);
  }
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(answers).toContainText(words);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}

test('a failed task runs again in Python with equal arguments', async ({ page }) => {
  const view = task(page);
  const retry = retryDialog(page);
  const blocked = join(cluster.umbel.dataDir, 'blocked');
  writeFileSync(blocked, '');
  const id = await python(
    `print(fail_when.apply_async((${JSON.stringify(blocked)}, 'ü', [1, 2.5, None, True]), {'deep': {'a': [1]}}).id)`,
  );
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.state).toContainText('failed');
  rmSync(blocked);
  expect(existsSync(blocked)).toBe(false);

  await view.retry.click();
  await expect(retry.args).toHaveValue(/'ü', \[1, 2\.5, None, True\]/);
  await expect(retry.kwargs).toHaveValue(/\{'deep': \{'a': \[1\]\}\}/);
  await expect(retry.args).toHaveValue(/^\('.*\)$/);
  // The type, both kinds of arguments and the queue say who told them.
  const sources = retry.dialog.getByText(/^exact · (message|extended result|event|inspect)$/);
  await expect(async () => expect(await sources.count()).toBeGreaterThanOrEqual(4)).toPass();
  if ((await retry.withoutUnknown.count()) > 0) await retry.withoutUnknown.click();
  await retry.review.click();
  await expect(retry.dialog).toContainText('Send this?');
  await retry.send.click();
  await retry.open.click();
  await expect(page).not.toHaveURL(new RegExp(id));
  await expect(view.state).toContainText('succeeded');
  await view.readResult.click();
  await expect(view.result).toContainText("'args': ['ü', [1, 2.5, None, True]]");
  await expect(view.result).toContainText("'kwargs': {'deep': {'a': [1]}}");
  const again = page.url().split('/').at(-1) ?? '';
  const facts = view.section('Facts');
  await facts.getByRole('link', { name: id.slice(0, 8) }).click();
  await expect(view.state).toContainText('failed');
  await expect(facts).toContainText('Sent again as');
  await expect(facts.getByRole('link', { name: again.slice(0, 8) })).toBeVisible();
});

test('arguments are changed in the form before it is sent', async ({ page }) => {
  const view = task(page);
  const retry = retryDialog(page);
  const id = await python(`print(add.delay(1, 2).id)`);
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.result).toHaveText('3');
  await view.retry.click();
  await retry.args.fill('(40, ');
  if ((await retry.withoutUnknown.count()) > 0) await retry.withoutUnknown.click();
  await retry.review.click();
  await expect(retry.problem).toBeVisible();
  await retry.args.fill('(40, 2)');
  await retry.review.click();
  await retry.send.click();
  await retry.open.click();
  await expect(view.result).toHaveText('42');
});

test('what was cut or is unknown has to be filled in', async ({ page }) => {
  const view = task(page);
  const retry = retryDialog(page);
  const [id = ''] = await cluster.announcer.tell({
    name: 'tasks.echo',
    hostname: 'celery@elsewhere',
    args: `('${'x'.repeat(900)}', ...)`,
    kwargs: '{}',
    end: 'failed',
  });
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.state).toContainText('failed');
  await view.retry.click();
  await expect(retry.dialog).toContainText('cut by the worker');
  await expect(retry.args).toHaveValue('');
  await retry.review.click();
  await expect(retry.problem.first()).toBeVisible();
  await expect(retry.dialog).not.toContainText('Send this?');
  await retry.args.fill("('whole',)");
  if ((await retry.withoutUnknown.count()) > 0) await retry.withoutUnknown.click();
  await retry.review.click();
  await expect(retry.dialog).toContainText('Filled in');
  await retry.send.click();
  await retry.open.click();
  await expect(view.state).toContainText('succeeded');
});

test('a worker is shut down only after its name is typed, and goes offline', async ({ page }) => {
  const doomed = await startWorker({ app: cluster.app, name: 'doomed', queues: ['doomed'] });
  await doomed.ready;
  const view = workerPage(page);
  const { dialog, answers } = shell(page);
  await page.goto(`${cluster.url}/workers/${doomed.hostname}`);
  await view.actions.click();
  await view.action('Shut down').click();
  const send = dialog.getByRole('button', { name: 'Shut down', exact: true });
  await expect(send).toBeDisabled();
  await dialog.getByLabel(/^Type doomed@/).fill(doomed.hostname);
  await send.click();
  await expect(answers).toContainText('went offline, as asked', { timeout: 20_000 });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('offline', { exact: true })).toBeVisible();
  await view.actions.click();
  await expect(view.action('Grow the pool')).toBeDisabled();
  await doomed.kill();
});
