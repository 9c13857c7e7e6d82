import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from '../fixtures/test.ts';
import { compareHard, sendHard } from '../fixtures/celery/hard-arguments.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { queue } from '../pages/queues.ts';
import { retryDialog, task } from '../pages/task.ts';

let cluster: Watched;
let worker: PythonWorker | undefined;

test.beforeAll(async ({ redis }) => {
  const steps = Array.from({ length: 10 }, (_, step) => step).join(',');
  cluster = await watch(redis, {
    args: ['--inspect-interval', '1s', '--priority-steps', steps],
  });
  cluster.app.priorities = true;
});
test.afterAll(async () => {
  await worker?.kill();
  await cluster.close();
});

test('a task that was seen waiting is sent again as it was, its priority too @desk', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const view = task(page);
  const retry = retryDialog(page);
  const block = `${cluster.umbel.dataDir}/block`;
  writeFileSync(block, '');
  const id = await sendHard(cluster.app, block);
  await page.goto(`${cluster.url}/queues/own`);
  await expect(queue(page).priorities.filter({ hasText: 'priority 6' })).toContainText('1', {
    timeout: 20_000,
  });
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.section('Facts')).toContainText('own · priority 6', { timeout: 20_000 });

  worker = await startWorker({ app: cluster.app, pool: 'solo', name: 'own', queues: ['own'] });
  await worker.ready;
  await expect(view.state).toContainText('failed', { timeout: 20_000 });
  rmSync(block);
  await view.retry.click();
  await expect(retry.queue).toHaveValue('own');
  await expect(retry.priority).toHaveValue('6');
  await expect(retry.args).toHaveValue(/漢字/);
  await expect(retry.withoutUnknown).toHaveCount(0);
  await retry.review.click();
  await retry.send.click();
  await retry.open.click();
  await expect(page).not.toHaveURL(new RegExp(id));
  await expect(view.state).toContainText('succeeded');
  const seen = await compareHard(cluster.app, block, page.url().split('/').at(-1) ?? '');
  expect(seen.again).toEqual(seen.own);
  expect(seen).toMatchObject({ queue: 'own', priority: 6 });
});
