import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';
import { queue, queues } from '../pages/queues.ts';
import { shell } from '../pages/shell.ts';
import { worker as workerPage, workers } from '../pages/workers.ts';

let cluster: Watched;
let worker: PythonWorker;
const hostname = 'py@umbel-test';

test.beforeAll(async ({ redis }) => {
  test.setTimeout(120_000);
  cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
  cluster.app.config = { broker_transport_options: { priority_steps: [0, 3, 6, 9] } };
  worker = await startWorker({
    app: cluster.app,
    pool: 'prefork',
    name: 'py',
    queues: ['celery', 'mail'],
  });
  await worker.ready;
  await python(`
for n in range(4): echo.apply_async((n, 'waits'), queue='orphans')
echo.apply_async(('urgent',), queue='orphans', priority=9)
sleep.delay(600)
add.apply_async((1, 2), countdown=3600)`);
});
test.afterAll(async () => {
  await worker.kill();
  await cluster.close();
});

const python = (code: string) => runPython(`from app import *\n${code}`, { app: cluster.app });

test('workers appear, are filtered and grouped, and offline ones are forgotten', async ({
  page,
}) => {
  const view = workers(page);
  await page.goto(`${cluster.url}/workers`);
  await expect(view.row(hostname)).toContainText('online');
  const name = `celery@pod-${test.info().project.name}`;
  await cluster.announcer.say({ type: 'worker-online', hostname: `${name}-1`, freq: 60 });
  await cluster.announcer.say({ type: 'worker-online', hostname: `${name}-2`, freq: 60 });
  await expect(view.row(`${name}-1`)).toContainText('online');

  await view.filter.fill('pod-');
  await expect(view.row(hostname)).toHaveCount(0);
  await expect(page).toHaveURL(/q=pod-/);
  await view.group.click();
  const group = view.table.getByRole('button', { name: new RegExp(`${name}-\\*`) });
  await expect(group).toContainText('2 workers');
  await group.click();
  await expect(view.row(`${name}-2`)).toBeVisible();
  await page.reload();
  await expect(group).toBeVisible();

  await cluster.announcer.say({ type: 'worker-offline', hostname: `${name}-2` });
  await view.state('offline').click();
  await expect(view.row(`${name}-2`)).toContainText('offline');
  await view.forget.click();
  await expect(shell(page).toast(/forgotten/)).toBeVisible();
  await expect(page.getByText('No worker matches')).toBeVisible();
  await cluster.announcer.say({ type: 'worker-offline', hostname: `${name}-1` });
});

test('every part of a worker is told', async ({ page }) => {
  const view = workerPage(page);
  await page.goto(`${cluster.url}/workers/${hostname}`);
  const parts: [tab: string, shows: string | RegExp][] = [
    ['pool', 'prefork'],
    ['queues', 'mail'],
    ['running', 'tasks.sleep'],
    ['scheduled', 'tasks.add'],
    ['registered', 'tasks.retry_exhaust'],
    ['revoked', 'holds no revokes'],
    ['limits', 'without a rate limit'],
    ['config', 'broker_url'],
    ['system', 'py-celery'],
  ];
  for (const [name, shows] of parts) {
    await view.tab(name).click();
    await expect(view.pane, name).toContainText(shows, { timeout: 20_000 });
  }
  await expect(page).toHaveURL(/tab=system/);
  await page.reload();
  await expect(view.tab('system')).toHaveAttribute('aria-selected', 'true');
});

test('a worker that nobody knows says so', async ({ page }) => {
  await page.goto(`${cluster.url}/workers/nobody@nowhere`);
  await expect(page.getByText('This worker is not known')).toBeVisible();
});

test('queues tell their depth, and the filter finds them', async ({ page }) => {
  const view = queues(page);
  await page.goto(`${cluster.url}/queues`);
  await expect(view.row('orphans')).toContainText('5');
  await expect(view.row('orphans')).toContainText('no consumer', { timeout: 20_000 });
  await view.filter.fill('nothing like it');
  await expect(page.getByText('No queue matches')).toBeVisible();
  await view.reset.click();
  await view.link('orphans').click();
  await expect(page).toHaveURL(/\/queues\/orphans$/);
});

test('a queue shows priorities, consumers, bindings and what waits in it', async ({ page }) => {
  const view = queue(page);
  await page.goto(`${cluster.url}/queues/orphans`);
  await expect(view.figures).toContainText('Ready5');
  await expect(view.priorities.filter({ hasText: 'priority 9' })).toContainText('1');
  await expect(view.priorities.filter({ hasText: 'priority 0' })).toContainText('4');
  await expect(view.consumers).toContainText('No worker consumes this queue.');
  await expect(view.bindings).toContainText('orphans');
  await expect(view.chart).toHaveAccessibleName(/5 ready/);
  await expect(view.waiting).toHaveCount(6);
  await expect(view.waiting.nth(1)).toContainText('tasks.echo');
  await view.whichEnd.click();
  await view.option('Newest').click();
  await expect(page).toHaveURL(/from=newest/);
  await expect(view.waiting).toHaveCount(6);

  await page.goto(`${cluster.url}/queues/celery`);
  await expect(view.consumers).toContainText(hostname);
  await expect(page.getByText('No message is waiting')).toBeVisible();
  await page.goto(`${cluster.url}/queues/unheard-of`);
  await expect(page.getByText('This queue is not known')).toBeVisible();
});

test('rows of workers and queues carry their bars @desk', async ({ page }) => {
  const view = overview(page);
  const busy = { name: '1 of 2 slots busy' };
  const fullest = '[style="width: 100%;"]';
  await page.goto(cluster.url);
  const slots = view.workers.getByRole('row', { name: hostname }).getByRole('img', busy);
  await expect(slots).toBeVisible({ timeout: 20_000 });
  await expect(view.queues.getByRole('row', { name: 'orphans' }).locator(fullest)).toBeVisible();
  await expect(view.queues.getByRole('row', { name: 'mail' }).locator(fullest)).toHaveCount(0);
  await page.goto(`${cluster.url}/workers`);
  await expect(workers(page).row(hostname).getByRole('img', busy)).toBeVisible();
  await page.goto(`${cluster.url}/queues`);
  await expect(queues(page).row('orphans').locator(fullest)).toBeVisible();
});

test('a row tells what is in flight, how fast messages come and go, and how it went @desk', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const view = queues(page);
  const cell = async (name: string, column: string) => {
    const heads = await view.table.getByRole('columnheader').allTextContents();
    return view.row(name).getByRole('cell').nth(heads.indexOf(column));
  };
  await page.goto(`${cluster.url}/queues`);
  await expect(view.row('celery')).toBeVisible();
  // The task with an eta is delivered and not acknowledged.
  await expect(await cell('celery', 'In flight')).toHaveText('1', { timeout: 20_000 });
  await expect(await cell('celery', 'Consumers')).toHaveText('1');
  await expect(view.row('orphans').locator('svg path').first()).toHaveAttribute('d', /^M.*L/);
  for (const [name, column] of [
    ['rush', 'In'],
    ['celery', 'Out'],
  ] as const) {
    await expect(async () => {
      await python(`for n in range(20): echo.apply_async((n,), queue='${name}')`);
      await expect(await cell(name, column)).toHaveText(/^[\d.]*[1-9][\d.]* \/s$/, {
        timeout: 4000,
      });
    }).toPass({ timeout: 60_000 });
  }
});

test('two workers with one hostname are noticed', async ({ page }) => {
  test.setTimeout(120_000);
  const options = { app: cluster.app, name: 'twin', queues: ['twin'] };
  const twins = await Promise.all([startWorker(options), startWorker(options)]);
  try {
    await Promise.all(twins.map((twin) => twin.ready));
    await page.goto(cluster.url);
    const line = overview(page).line('Two workers call themselves twin@umbel-test');
    await expect(line).toContainText('Give each its own name', { timeout: 40_000 });
    await line.getByRole('link').first().click();
    await expect(page.getByText('Two live processes announce this hostname')).toBeVisible();
    await page.goto(`${cluster.url}/workers`);
    await expect(workers(page).row('twin@umbel-test')).toContainText('duplicate');
  } finally {
    await Promise.all(twins.map((twin) => twin.kill()));
  }
});
