import type { Page } from '@playwright/test';
import { Redis } from 'ioredis';
import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { startWorker, type PythonWorker } from '../fixtures/celery/worker.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';
import { retryDialog, revokeDialog, task } from '../pages/task.ts';
import { tasks } from '../pages/tasks.ts';
import { order, worker as workerPage, workers } from '../pages/workers.ts';

// What is said and sent does not depend on the size of the page: everything here is @desk.

let cluster: Watched;
let busy: PythonWorker;
let limited: PythonWorker;
let parked: Record<'linked' | 'chained' | 'member', string>;

const python = async (code: string) =>
  (await runPython(`from app import *\n${code}`, { app: cluster.app })).trim();

test.beforeAll(async ({ redis }) => {
  test.setTimeout(120_000);
  cluster = await watch(redis, { args: ['--inspect-interval', '1s'] });
  cluster.app.config = {
    payment_secret: 'geheim-1',
    mirror: 'redis://mirror:geheim-2@127.0.0.1:1/0',
  };
  [busy, limited] = await Promise.all([
    startWorker({ app: cluster.app, pool: 'threads', name: 'busy' }),
    startWorker({
      ...{ app: cluster.app, pool: 'prefork', name: 'limited' },
      ...{ queues: ['limited'], concurrency: 1 },
    }),
  ]);
  await Promise.all([busy.ready, limited.ready]);
  parked = JSON.parse(
    await python(`
import json
here = {'queue': 'parked'}
for n in range(3): sleep.delay(600)
add.apply_async((1, 2), countdown=3600)
linked = echo.apply_async((1,), link=mul.si(2, 3), link_error=echo.si('sorry'), **here)
chained = chain(add.s(1, 2).set(**here), mul.s(10).set(**here)).apply_async()
body = chord([add.s(1, 1).set(**here), add.s(2, 2).set(**here)], xsum.s().set(**here))()
print(json.dumps({'linked': linked.id, 'chained': chained.parent.id, 'member': body.parent.children[0].id}))`),
  ) as typeof parked;
});
test.afterAll(async () => {
  await Promise.all([busy.kill(), limited.kill()]);
  await cluster.close();
});

test('a dialog begins where something is to be filled in, and never at its way out @desk', async ({
  page,
}) => {
  const { dialog, help, live } = shell(page);
  const view = workerPage(page);
  await page.goto(`${cluster.url}/workers/${limited.hostname}`);
  await expect(live).toHaveAccessibleName(/^Live/);
  for (const [action, field] of [
    ['Rate limit', 'Task type'],
    ['Shut down', /^Type .* to confirm$/],
  ] as const) {
    await view.actions.click();
    await view.action(action).click();
    await expect(dialog.getByLabel(field)).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  }
  await page.keyboard.press('?');
  await expect(help).toBeFocused();
});

type Embed = {
  callbacks: { task: string }[] | null;
  errbacks: { task: string }[] | null;
  chain: { task: string }[] | null;
  chord: unknown;
};

/** What follows a task, by its message in queue `parked`. */
async function embedOf(id: string): Promise<Embed> {
  const client = new Redis(cluster.broker);
  const waiting = await client.lrange('parked', 0, -1);
  client.disconnect();
  const messages = waiting.map((text) => JSON.parse(text) as { body: string; headers: object });
  const message = messages.find(({ headers }) => 'id' in headers && headers.id === id);
  if (message === undefined) throw new Error(`${id} does not wait in parked`);
  const body = JSON.parse(Buffer.from(message.body, 'base64').toString()) as unknown[];
  return body[2] as Embed;
}

/** From the filled form to the page of the new task; answers its id. */
async function send(page: Page, says: string): Promise<string> {
  const retry = retryDialog(page);
  const before = page.url();
  await retry.review.click();
  await expect(retry.dialog).toContainText(says);
  await retry.send.click();
  await retry.open.click();
  await expect(page).not.toHaveURL(before);
  await expect(task(page).state).toContainText('waiting in parked');
  return page.url().split('/').at(-1) ?? '';
}

test('links go with a task, the rest of its chain when it is chosen, a chord never @desk', async ({
  page,
}) => {
  const view = task(page);
  const { dialog, withoutUnknown } = retryDialog(page);
  const links = dialog.getByRole('checkbox', { name: 'With its callbacks and errbacks' });
  const rest = dialog.getByRole('checkbox', { name: /^With the rest of its chain/ });

  await page.goto(`${cluster.url}/tasks/${parked.linked}`);
  await view.retry.click();
  await expect(links).toBeChecked();
  await dialog.getByText('Show', { exact: true }).click();
  await expect(dialog).toContainText('tasks.mul');
  await expect(dialog).toContainText('sorry');
  await expect(rest).toHaveCount(0);
  await expect(withoutUnknown).toHaveCount(0);
  const linked = await embedOf(await send(page, 'Callbacksas the original'));
  expect(linked.callbacks).toMatchObject([{ task: 'tasks.mul' }]);
  expect(linked.errbacks).toMatchObject([{ task: 'tasks.echo' }]);

  await page.goto(`${cluster.url}/tasks/${parked.chained}`);
  await view.retry.click();
  await expect(rest).not.toBeChecked();
  await rest.click();
  const whole = await embedOf(await send(page, 'Chainthe remaining steps'));
  expect(whole.chain).toMatchObject([{ task: 'tasks.mul' }]);
  await page.goto(`${cluster.url}/tasks/${parked.chained}`);
  await view.retry.click();
  await expect(rest).not.toBeChecked();
  expect((await embedOf(await send(page, 'Chainnone'))).chain ?? []).toEqual([]);

  expect((await embedOf(parked.member)).chord).not.toBeNull();
  await page.goto(`${cluster.url}/tasks/${parked.member}`);
  await view.retry.click();
  await expect(dialog).toContainText('The new task is sent without the chord');
  expect((await embedOf(await send(page, 'Send this?'))).chord ?? null).toBeNull();
});

test('a worker of threads shows what it holds, and says what it cannot @desk', async ({ page }) => {
  const view = workerPage(page);
  const revoke = revokeDialog(page);
  await page.goto(`${cluster.url}/workers/${busy.hostname}?tab=config`);
  await expect(view.pane).toContainText('payment_secret', { timeout: 20_000 });
  await expect(view.pane).toContainText('masked');
  await expect(view.pane).not.toContainText('geheim');
  await view.tab('scheduled').click();
  await expect(view.pane.getByRole('row', { name: /tasks\.add/ })).toContainText(
    /\d\d:\d\d:\d\d.*in \d+ min/,
  );
  await view.tab('reserved').click();
  await expect(view.pane.getByRole('row', { name: /tasks\.sleep/ })).toHaveCount(1);

  await view.actions.click();
  for (const [action, why] of [
    ['Grow the pool', 'The threads pool cannot be resized'],
    ['Autoscale', 'It was started without --autoscale'],
    ['Restart the pool', 'Needs the setting worker_pool_restarts'],
    ['Time limits', 'The threads pool has no hard time limits'],
    ['Enable task events', 'It sends events already'],
  ] as const) {
    await expect(view.action(action), action).toBeDisabled();
    await expect(view.action(action)).toContainText(why);
  }
  await page.keyboard.press('Escape');

  await view.tab('running').click();
  await expect(view.pane.getByRole('row', { name: /tasks\.sleep/ })).toHaveCount(2);
  await view.pane
    .getByRole('row', { name: /tasks\.sleep/ })
    .getByRole('link')
    .first()
    .click();
  await expect(task(page).state).toContainText('running');
  await task(page).revoke.click();
  await revoke.terminate.click();
  await expect(revoke.dialog).toContainText('The threads pool cannot terminate a running task');
  await revoke.dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(revoke.dialog).toHaveCount(0);
});

test('time limits are set in the words of the worker, with what Python makes of them @desk', async ({
  page,
}) => {
  const limits = { 'Task type': 'tasks.sleep', 'Soft, seconds': '1', 'Hard, seconds': '50' };
  await page.goto(`${cluster.url}/workers/${limited.hostname}`);
  await workerPage(page).askNow.click();
  await expect(workerPage(page).pane).toContainText('prefork');
  await order(page, 'Time limits', limits, 'Set limits', 'time limits set successfully');
  await workerPage(page).actions.click();
  await workerPage(page).action('Time limits').click();
  await expect(shell(page).dialog).toContainText('after their pool was restarted');
});

test('events are switched off and on again on the page of the worker @desk', async ({ page }) => {
  const view = workerPage(page);
  const { dialog, answers } = shell(page);
  const silent = page.getByText('This worker does not announce its tasks');
  await page.goto(`${cluster.url}/workers/${limited.hostname}`);
  await order(page, 'Disable task events', {}, 'Disable', 'done');
  await expect(silent).toBeVisible();
  await view.enableEvents.click();
  await dialog.getByRole('button', { name: 'Enable', exact: true }).click();
  await expect(answers).toContainText('done');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const id = await python(`print(echo.apply_async((2,), queue='limited').id)`);
  await expect(silent).toHaveCount(0);
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(task(page).state).toContainText('succeeded');
});

test('several waiting tasks are revoked from the list @desk', async ({ page }) => {
  const list = tasks(page);
  const revoke = revokeDialog(page);
  await python(`for n in range(3): add.apply_async((n, 0), queue='nobody')`);
  await page.goto(`${cluster.url}/tasks?q=queue:nobody&sort=name`);
  await expect(list.rows).toHaveCount(3);
  await list.select('(0, 0)').click();
  await list.select('(1, 0)').click();
  await list.action('Revoke…').click();
  await expect(revoke.dialog).toContainText('Revoke 2 tasks?');
  await revoke.send.click();
  await expect(shell(page).answers.getByRole('listitem')).toHaveCount(2);
  await expect(shell(page).answers).toContainText(busy.hostname);
  await revoke.close.click();
  await page.goto(`${cluster.url}/workers/${busy.hostname}?tab=revoked`);
  await expect(workerPage(page).pane.getByRole('link')).toHaveCount(2, { timeout: 20_000 });
});

test('an offline worker is forgotten on its page, and comes back when it is heard @desk', async ({
  page,
}) => {
  const hostname = 'celery@gone';
  const heard = { type: 'worker-online', hostname, freq: 60 };
  await cluster.announcer.say(heard, { type: 'worker-offline', hostname });
  await page.goto(`${cluster.url}/workers/${hostname}`);
  await expect(page.getByText('offline', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(shell(page).toast('1 forgotten')).toBeVisible();
  await expect(page.getByText('This worker is not known')).toBeVisible();
  await page.goto(`${cluster.url}/workers`);
  await expect(workers(page).row(limited.hostname)).toBeVisible();
  await expect(workers(page).row(hostname)).toHaveCount(0);
  await cluster.announcer.say(heard);
  await expect(workers(page).row(hostname)).toContainText('online');
});
