import { randomUUID } from 'node:crypto';
import { expect, test } from '../fixtures/test.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';
import { task } from '../pages/task.ts';

let cluster: Watched;
const hostname = 'celery@web-1';

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis);
  await cluster.announcer.worker(hostname);
});
test.afterAll(() => cluster.close());

test('the story grows while the page is open', async ({ page }) => {
  const { announcer } = cluster;
  const view = task(page);
  const uuid = randomUUID();
  const head = { name: 'shop.charge', args: "(7, 'é')", kwargs: "{'currency': 'EUR'}" };
  const more = { root_id: uuid, parent_id: null, retries: 0, eta: null, expires: null };
  const say = (type: string, fields: Record<string, unknown> = {}) =>
    announcer.say({ type, hostname, uuid, ...fields });

  await page.goto(`${cluster.url}/tasks/${uuid}`);
  await expect(page.getByText('No task with this id is known')).toBeVisible();

  await say('task-sent', {
    ...head,
    ...more,
    queue: 'celery',
    exchange: '',
    routing_key: 'celery',
  });
  await expect(view.state).toContainText('waiting in celery');
  await expect(shell(page).heading).toHaveText('shop.charge');
  await expect(view.positional).toHaveText("(7, 'é')");
  await expect(view.byKeyword).toHaveText("{'currency': 'EUR'}");

  await say('task-received', { ...head, ...more });
  await expect(view.state).toContainText('received by a worker');
  await say('task-started');
  await expect(view.state).toContainText('running');
  await expect(view.attempts.filter({ hasText: 'attempt 1' })).toContainText('still going on');

  const exception = "RuntimeError('not yet')";
  await say('task-retried', { exception, traceback: `Traceback:\n${exception}` });
  await expect(view.state).toContainText('waiting to be tried again after 1 attempt');
  await say('task-received', { ...head, ...more, retries: 1 });
  await say('task-started');
  await expect(view.state).toContainText('running, attempt 2');
  const traceback = [
    'Traceback (most recent call last):',
    '  File "/usr/lib/python3/site-packages/celery/app/trace.py", line 453, in trace_task',
    '    R = retval = fun(*args, **kwargs)',
    '  File "/srv/shop/tasks.py", line 41, in charge',
    "    raise ValueError('no such order')",
    'ValueError: no such order',
  ].join('\n');
  await say('task-failed', { exception: "ValueError('no such order')", traceback });
  await expect(view.state).toContainText('failed after 2 attempts');

  const attempts = view.attempts.filter({ hasText: /^attempt/ });
  await expect(attempts).toHaveCount(2);
  for (const index of [0, 1]) await expect(attempts.nth(index)).toContainText(/\d (ms|s|min)/);
  await expect(view.attempts.filter({ hasText: 'waiting to retry' })).toContainText(/\d (ms|s)/);
  await expect(view.events).toHaveCount(7);
  // A phone has no room for the time between two events.
  if (test.info().project.name === 'desk') {
    await expect(view.events.last()).toContainText(/\+ [\d.]+ (ms|s)/);
  }
  await expect(view.events.last()).toContainText(`failed ${hostname}`);
  await expect(view.traceback).toContainText('line 41, in charge');
  await expect(view.traceback).not.toContainText('trace.py');
  await page.getByRole('button', { name: 'All frames' }).click();
  await expect(view.traceback).toContainText('trace.py');
  await view.rawSummary.click();
  await expect(view.raw).toContainText('"type": "task-failed"');
});

test('a message that waits tells its arguments exactly', async ({ page }) => {
  const view = task(page);
  const long = 'x'.repeat(3000);
  const code = `
from app import *
sent = echo.apply_async((['ü', 1.5, None, True], '${long}'), {'when': {'a': 1}}, queue='unconsumed', priority=6)
print(sent.id)`;
  const id = (await runPython(code, { app: cluster.app })).trim();
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.section('Arguments')).toContainText('exact · from the message');
  await expect(view.positional).toContainText(`(['ü', 1.5, None, True], '${long}')`);
  await expect(view.byKeyword).toHaveText("{'when': {'a': 1}}");
  await expect(view.state).toContainText('waiting in unconsumed');
});

test('what a worker shortened is marked, with the way to keep more', async ({ page }) => {
  const view = task(page);
  const [id = ''] = await cluster.announcer.tell({
    name: 'shop.long',
    hostname,
    args: `('${'x'.repeat(900)}', ...)`,
    result: `'${'y'.repeat(1020)}...'`,
  });
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(view.section('Arguments')).toContainText('shortened by the worker');
  await expect(view.section('Arguments')).toContainText('argsrepr_maxsize');
  await expect(view.section('Result')).toContainText('shortened by the worker');
});

test('an unknown id says where it may be, and shows the task as soon as it is heard of', async ({
  page,
}) => {
  const view = task(page);
  const id = randomUUID();
  await page.goto(`${cluster.url}/tasks/${id}`);
  await expect(page.getByText('No task with this id is known')).toBeVisible();
  await expect(page.getByText(id).first()).toBeVisible();
  await cluster.announcer.tell({ id, name: 'late.comer', hostname });
  await expect(view.state).toContainText('succeeded');
});
