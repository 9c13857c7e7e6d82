import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from '../fixtures/test.ts';
import { compareHard, sendHard } from '../fixtures/celery/hard-arguments.ts';
import type { CeleryApp } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { startUmbel, type Umbel } from '../fixtures/umbel.ts';
import { overview } from '../pages/overview.ts';
import { queue, queues } from '../pages/queues.ts';
import { shell } from '../pages/shell.ts';
import { retryDialog, task } from '../pages/task.ts';
import { worker as workerPage, workers } from '../pages/workers.ts';

// What a page shows of RabbitMQ does not depend on its size: everything here is @desk.
test.describe.configure({ mode: 'serial' });

let umbel: Umbel;
let app: CeleryApp;
let worker: PythonWorker | undefined;
let block: string;
let failed: string;
let url: string;

test.beforeAll(async ({ rabbitmq, redis }) => {
  test.setTimeout(120_000);
  const broker = await rabbitmq.createVhost('pages');
  const backend = redis.url.replace(/\/0$/, '/900');
  app = { broker, backend, resultExtended: true, taskSent: true, priorities: true };
  umbel = await startUmbel({
    args: [
      ...['--broker', broker, '--backend', backend, '--inspect-interval', '1s'],
      ...['--management-url', `${rabbitmq.managementUrl ?? ''}/api/`],
    ],
  });
  url = `${umbel.url}/default`;
  block = `${umbel.dataDir}/block`;
  writeFileSync(block, '');
});
test.afterAll(async () => {
  await worker?.kill();
  await umbel.stop();
});

test('what waits in RabbitMQ is counted, and not read @desk', async ({ page }) => {
  const view = queue(page);
  await page.goto(url);
  await expect(shell(page).live).toHaveAccessibleName(/^Live/);
  await expect(page.getByText('RabbitMQ').first()).toBeVisible();
  failed = await sendHard(app, block);
  await expect(overview(page).line('Nobody consumes own')).toContainText('1 message waiting', {
    timeout: 20_000,
  });
  await page.goto(`${url}/queues`);
  await expect(queues(page).row('own')).toContainText('no consumer');
  await queues(page).link('own').click();
  await expect(view.figures).toContainText('Ready1');
  await expect(page.getByText('cannot be read without taking them')).toBeVisible();
  await expect(page.getByRole('region', { name: 'By priority' })).not.toContainText('priority 0');
  await expect(view.bindings).toContainText('own');
  await expect(view.bindings).toContainText('classic · durable');

  await page.goto(`${url}/tasks/${failed}`);
  await expect(task(page).state).toContainText('waiting in own');
});

test('a Python worker on RabbitMQ is shown with what it consumes @desk', async ({ page }) => {
  test.setTimeout(120_000);
  worker = await startWorker({ app, pool: 'threads', name: 'rabbit', queues: ['own'] });
  await worker.ready;
  await page.goto(`${url}/workers`);
  await workers(page).row(worker.hostname).getByRole('link').first().click();
  const view = workerPage(page);
  await expect(view.pane).toContainText('threads', { timeout: 20_000 });
  await view.tab('queues').click();
  await expect(view.pane.getByRole('link', { name: 'own', exact: true })).toBeVisible();
  await view.tab('config').click();
  await expect(view.pane).toContainText('task_queue_max_priority');
  await expect(view.pane).not.toContainText('guest:guest');
  await page.goto(`${url}/queues/own`);
  await expect(queue(page).consumers).toContainText(worker.hostname, { timeout: 20_000 });
  await expect(queue(page).figures).toContainText('Ready0');
});

test('a failed task is sent again with equal arguments, to its queue, with its priority @desk', async ({
  page,
}) => {
  const view = task(page);
  const retry = retryDialog(page);
  await page.goto(`${url}/tasks/${failed}`);
  await expect(view.state).toContainText('failed');
  rmSync(block);
  await view.retry.click();
  await expect(retry.queue).toHaveValue('own');
  if ((await retry.priority.inputValue()) === '') await retry.priority.fill('6');
  await expect(retry.priority).toHaveValue('6');
  await retry.review.click();
  await expect(retry.problem).toContainText('Please confirm');
  await retry.withoutUnknown.click();
  await retry.review.click();
  await expect(retry.dialog).toContainText('Send this?');
  await retry.send.click();
  await retry.open.click();
  await expect(page).not.toHaveURL(new RegExp(failed));
  await expect(view.state).toContainText('succeeded');
  const again = page.url().split('/').at(-1) ?? '';
  const seen = await compareHard(app, block, again);
  expect(seen.again).toEqual(seen.own);
  expect(seen).toMatchObject({ queue: 'own', priority: 6 });
});
