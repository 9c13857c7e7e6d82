import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

let cluster: Watched;
let worker: PythonWorker;

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
});
test.afterAll(() => cluster.close());

const python = (code: string) =>
  runPython(`from app import *\n${code}`, { app: { ...cluster.app, taskSent: false } });

test('before anything arrives it says what is needed', async ({ page }) => {
  const view = overview(page);
  await page.goto(cluster.url);
  await expect(view.firstSteps).toContainText('The broker answers');
  await expect(view.firstSteps.getByLabel('Done')).not.toHaveCount(0);
  await expect(view.attention).toHaveCount(0);
  // Nobody has watched yet: an hour of zero would be made up.
  await expect(view.chart).toHaveCount(0);
  await expect(view.figure('Executed')).toHaveCount(0);
});

test.describe('with a worker', () => {
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    worker = await startWorker({ app: cluster.app, name: 'quiet', events: false });
    await worker.ready;
  });
  test.afterAll(() => worker.kill());

  test('a queue that nobody consumes is named, until somebody does', async ({ page }) => {
    const view = overview(page);
    await page.goto(cluster.url);
    await python(`for n in range(3): add.apply_async((n, 1), queue='orphans')`);
    const line = view.line('Nobody consumes orphans');
    await expect(line).toContainText('3 messages waiting', { timeout: 20_000 });
    await expect(line.getByLabel('Critical')).toBeVisible();
    await expect(view.figure('Backlog')).toContainText('3');
    await expect(view.queues.getByRole('row', { name: /orphans/ })).toContainText('no consumer');
    await line.getByRole('link', { name: 'Open queue' }).click();
    await expect(page).toHaveURL(/\/queues\/orphans$/);
    await expect(page.getByRole('region', { name: 'Figures' })).toContainText('Ready3');

    await page.goBack();
    await expect(line).toBeVisible();
    await python(`app.control.add_consumer('orphans', reply=True)`);
    await expect(line).toHaveCount(0, { timeout: 20_000 });
    await python(`app.control.cancel_consumer('orphans', reply=True)`);
  });

  test('a worker without events is named, and the line enables them', async ({ page }) => {
    const view = overview(page);
    await python(`app.control.disable_events(destination=['quiet@umbel-test'], reply=True)`);
    await page.goto(cluster.url);
    test.setTimeout(120_000);
    const line = view.line(/sends? no task events/);
    const { dialog, answers } = shell(page);
    await expect(async () => {
      await python(`add.delay(1, 2).get(timeout=5)`);
      await expect(line).toBeVisible({ timeout: 3000 });
    }).toPass({ timeout: 40_000 });
    await line.getByRole('button', { name: 'Enable events' }).click();
    await dialog.getByRole('button', { name: 'Enable', exact: true }).click();
    await expect(answers).toContainText('done');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await expect(async () => {
      await python(`add.delay(1, 2).get(timeout=5)`);
      await expect(line).toHaveCount(0, { timeout: 3000 });
    }).toPass({ timeout: 40_000 });
  });

  test('figures and charts say what was announced, and link to the rows they count', async ({
    page,
  }) => {
    const view = overview(page);
    const list = tasks(page);
    const name = `numbers.${test.info().project.name}`;
    const story = { name, hostname: 'celery@numbers' };
    await cluster.announcer.worker('celery@numbers');
    await cluster.announcer.tell(
      ...Array.from({ length: 15 }, () => ({ ...story, runtimeMs: 2000, waitMs: 300 })),
      ...Array.from({ length: 5 }, () => ({ ...story, end: 'failed' as const, runtimeMs: 2000 })),
    );
    await page.goto(cluster.url);
    await expect(view.chart).toHaveAccessibleName(/1[5-9] succeeded, 0 retried, 5 failed/);
    await expect(view.runtime).toHaveAccessibleName(/p95 of the whole range is (1\.9|2)/);
    await expect(view.figure('Failed')).toContainText('%');
    await expect(view.wait).toHaveAccessibleName(/p95 of the whole range is (29\d|30\d) ms/);
    for (const chart of [view.wait, view.runtime, view.chart]) {
      // Which of its lines it is depends on whether a minute ended meanwhile.
      await expect(
        chart.locator('path[stroke]:not([stroke="none"])[d^="M"]').first(),
      ).toBeAttached();
    }
    await expect(view.workers.getByRole('row', { name: /celery@numbers/ })).toContainText('online');

    const line = view.line(`${name} fails often`);
    await expect(line).toContainText('25 % of 20 in the last 15 minutes failed');
    await line.getByRole('link', { name: '5 failures' }).click();
    await expect(list.rows).toHaveCount(5);
    await expect(list.chip('state:failure')).toBeVisible();
    await page.goBack();
    await view.figure('Failed').click();
    await expect(list.chip('state:failure')).toBeVisible();
    await expect(list.total(5)).toBeVisible();
  });
});

test('what ran alone in a quiet hour is drawn, too', async ({ page, redis }) => {
  const quiet = await watch(redis);
  const view = overview(page);
  try {
    const lone = { name: 'nightly', hostname: 'celery@quiet', runtimeMs: 4000, waitMs: 200 };
    await quiet.announcer.tell(
      { ...lone, endAt: Date.now() - 40 * 60_000 },
      { ...lone, endAt: Date.now() - 20 * 60_000 },
    );
    await page.goto(quiet.url);
    await expect(view.runtime).toHaveAccessibleName(/p95 of the whole range is (3\.9|4)/);
    for (const chart of [view.wait, view.runtime]) {
      await expect(chart.locator('[data-alone]')).toHaveCount(6);
    }
  } finally {
    await quiet.close();
  }
});
