import { violations } from '../fixtures/axe.ts';
import { ensurePython, toEnvironment } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { startChild, type Child } from '../fixtures/servers/child.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { expect, test } from '../fixtures/test.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { schedule } from '../pages/schedule.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

test.describe('of a Python cluster', () => {
  let cluster: Watched;
  let worker: PythonWorker;
  let beat: Child;
  let directory: string;

  test.beforeAll(async ({ redis }) => {
    test.setTimeout(120_000);
    cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
    const app = { ...cluster.app, schedule: true, config: { timezone: 'Europe/Zurich' } };
    worker = await startWorker({ app, name: 'py' });
    await worker.ready;
    directory = makeTempDir('beat');
    beat = await startChild({
      command: await ensurePython(),
      args: ['-m', 'celery', '-A', 'app', 'beat', '-l', 'INFO'],
      cwd: directory,
      env: toEnvironment(app),
    });
  });
  test.afterAll(async () => {
    await beat.stop();
    await worker.kill();
    await cluster.close();
    removeTempDir(directory);
  });

  test('every kind of schedule is told, with its newest task and its next', async ({
    page,
    isMobile,
  }) => {
    const view = schedule(page);
    await page.goto(cluster.url);
    await shell(page).nav('Schedule').click();
    await expect(view.row('often')).toContainText('every 2 s');
    await expect(view.row('delta')).toContainText('every 5 min');
    await expect(view.row('steps')).toContainText('*/15 * * * *');
    await expect(view.row('mornings')).toContainText('0,30 4 * * mon-fri');
    await expect(view.row('object')).toContainText('every 1 min 30 s');
    await expect(view.row('own')).toContainText('<tides: of Brest>');
    await expect(view.row('own')).toContainText('unknown');
    await expect(view.row('steps')).toContainText(/in \d+ (min|s)/);
    await expect(page.getByText('As told by py@umbel-test.')).toBeVisible();
    await expect(view.row('often').getByRole('link')).toHaveCount(2);
    if (!isMobile) {
      await expect(view.row('often')).toContainText('(16, 16)');
      await expect(view.row('steps')).toContainText(`('a',) {'value': {'deep': None}}`);
      await expect(view.row('steps')).toContainText('reports');
      await view.row('mornings').getByRole('button').first().hover();
      await expect(view.tooltip).toContainText('Europe/Zurich');
    }
    const newest = view.row('often').getByRole('link').last();
    const before = await newest.getAttribute('href');
    await expect.poll(() => newest.getAttribute('href'), { timeout: 30_000 }).not.toBe(before);
    expect(await violations(page)).toEqual([]);

    await view.link('often').click();
    await expect(page).toHaveURL(/tasks\?q=name/);
    await expect(tasks(page).rows.first()).toContainText('tasks.add');
  });

  test('entries are filtered by their name and their task', async ({ page }) => {
    const view = schedule(page);
    await page.goto(`${cluster.url}/schedule`);
    await view.filter.fill('echo');
    await expect(view.row('steps')).toBeVisible();
    await expect(view.row('often')).toHaveCount(0);
    await expect(page).toHaveURL(/q=echo/);
    await view.filter.fill('nothing');
    await expect(page.getByText('No entry matches')).toBeVisible();
    await view.reset.click();
    await expect(view.row('often')).toBeVisible();
  });
});

test('the demo has a schedule, and a key that leads to it', async ({ page, demo }) => {
  await page.goto(`${demo.url}/demo`);
  await expect(shell(page).heading).toHaveText('Overview');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page).toHaveURL(/\/schedule$/);
  await expect(schedule(page).row('clean-up')).toContainText('*/5 * * * *');
  await expect(schedule(page).row('count-words')).toContainText(/every 10 s.* ago/);
});

test('nobody has told a schedule: it says where one may come from', async ({ page, redis }) => {
  const cluster = await watch(redis);
  await page.goto(`${cluster.url}/schedule`);
  await expect(page.getByText('No schedule is known')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await cluster.close();
});
