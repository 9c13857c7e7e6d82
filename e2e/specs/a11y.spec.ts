import { violationsInBothThemes } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';

const hostname = 'celery@web-1';
const taskId = 'aaaaaaaa-0000-4000-8000-000000000001';
let cluster: Watched;

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis);
  await cluster.announcer.worker(hostname);
  const ends = ['succeeded', 'failed', 'retried', 'started', 'received', 'revoked'] as const;
  await cluster.announcer.tell(
    { id: taskId, name: 'shop.charge', hostname, end: 'failed' },
    ...ends.map((end) => ({ name: 'shop.mail', hostname, end, args: '(1, ...)' })),
  );
  await runPython(`from app import *\nadd.apply_async((1, 2), queue='waiting')`, {
    app: cluster.app,
  });
});
test.afterAll(() => cluster.close());

const PAGES: readonly [page: string, path: string, shows: string][] = [
  ['overview', '', 'Executed'],
  ['tasks', '/tasks', 'shop.mail'],
  ['tasks, nothing matches', '/tasks?q=name:never', 'No task matches'],
  ['task', `/tasks/${taskId}`, 'Raw events'],
  ['task, unknown', '/tasks/nobody-knows', 'No task with this id is known'],
  ['workers', '/workers', hostname],
  ['worker', `/workers/${hostname}`, 'Processed'],
  ['worker, limits', `/workers/${hostname}?tab=limits`, 'Time limits of the worker'],
  ['queues', '/queues', 'waiting'],
  ['queue', '/queues/waiting', 'tasks.add'],
  ['no such page', '/nowhere', ''],
];

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('axe finds nothing on any page, light or dark', async ({ page }) => {
  test.setTimeout(180_000);
  for (const [name, path, shows] of PAGES) {
    await page.goto(`${cluster.url}${path}`);
    await expect(page.getByText(shows).filter({ visible: true }).first(), name).toBeVisible();
    expect(await violationsInBothThemes(page, { whole: true }), name).toEqual([]);
  }
  await page.goto(`${cluster.umbel.url}/settings`);
  await expect(page.getByText('Signed in as')).toBeVisible();
  expect(await violationsInBothThemes(page, { whole: true }), 'settings').toEqual([]);
});

test('axe finds nothing in dialogs, light or dark', async ({ page }) => {
  await page.goto(`${cluster.url}/tasks/${taskId}`);
  await page.getByRole('button', { name: 'Retry…' }).click();
  await expect(page.getByLabel('Keyword arguments')).toBeVisible();
  expect(await violationsInBothThemes(page, { whole: true }), 'retry').toEqual([]);
  await page.keyboard.press('Escape');
  await shell(page).search.click();
  await expect(shell(page).palette.getByRole('option').first()).toBeVisible();
  expect(await violationsInBothThemes(page, { whole: true }), 'palette').toEqual([]);
});
