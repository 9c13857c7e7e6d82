import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';

let cluster: Watched;
let worker: PythonWorker;
const QUEUES = 12;
const SHOWN = 5;
const long = 'q'.repeat(200);

test.beforeAll(async ({ redis }) => {
  test.setTimeout(120_000);
  cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
  worker = await startWorker({ app: cluster.app });
  await worker.ready;
  const code = `
for n in range(${QUEUES - 1}): add.apply_async((n, 1), queue=f'orphans-{n}')
add.apply_async((1, 1), queue='${long}')`;
  await runPython(`from app import *\n${code}`, { app: cluster.app });
});
test.afterAll(async () => {
  await worker.kill();
  await cluster.close();
});

test('when much is wrong the figures stay in sight, and all of it is one press away', async ({
  page,
}) => {
  const view = overview(page);
  const lines = view.line('Nobody consumes');
  await page.goto(cluster.url);
  const more = view.attention.getByRole('button', { name: `${QUEUES - SHOWN} more` });
  await expect(more).toBeVisible({ timeout: 30_000 });
  await expect(lines).toHaveCount(SHOWN);
  await more.click();
  await expect(lines).toHaveCount(QUEUES);
  await expect(view.line(long)).toBeVisible();
  const sideways = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  expect(sideways).toBeLessThanOrEqual(0);
  await view.attention.getByRole('button', { name: 'Show fewer' }).click();
  await expect(lines).toHaveCount(SHOWN);
});
