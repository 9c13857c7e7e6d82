import { expect, test } from '../fixtures/test.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';
import { task } from '../pages/task.ts';
import { tasks } from '../pages/tasks.ts';
import type { Page } from '@playwright/test';

const evil = (where: string) =>
  `<img src=x onerror="alert('${where}')"><script>alert('${where}')</script>`;

/** Fails on whatever a payload could bring about. */
function watchForHarm(page: Page): string[] {
  const harm: string[] = [];
  page.on('dialog', (dialog) => {
    harm.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => harm.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) harm.push(message.text());
  });
  return harm;
}

test.describe('hostile content', () => {
  let cluster: Watched;
  test.beforeAll(async ({ redis }) => {
    cluster = await watch(redis);
  });
  test.afterAll(() => cluster.close());

  test('HTML in every text field shows as text on every page', async ({ page }) => {
    const harm = watchForHarm(page);
    const hostname = `celery@${evil('worker')}`;
    const queue = evil('queue');
    await cluster.announcer.worker(hostname, {
      sw_ident: evil('software'),
      sw_sys: evil('system'),
    });
    const [id = ''] = await cluster.announcer.tell({
      name: evil('type'),
      hostname,
      queue,
      args: `('${evil('args')}',)`,
      kwargs: `{'__proto__': '${evil('kwargs')}'}`,
      end: 'failed',
      exception: evil('exception'),
      traceback: `Traceback\n${evil('traceback')}`,
    });
    await cluster.announcer.say({ type: `task-${evil('event')}`, hostname, uuid: id });
    const view = task(page);
    await page.goto(`${cluster.url}/tasks/${id}`);
    await expect(shell(page).heading).toHaveText(evil('type'));
    await expect(view.positional).toContainText(evil('args'));
    await expect(view.byKeyword).toContainText(evil('kwargs'));
    await expect(view.traceback).toContainText(evil('traceback'));
    await expect(view.state).toContainText('failed');
    await page.goto(`${cluster.url}/tasks`);
    await expect(tasks(page).rows.first()).toContainText(evil('type'));
    await page.goto(`${cluster.url}/workers`);
    await expect(page.getByRole('link', { name: hostname })).toBeVisible();
    await page.goto(`${cluster.url}/workers/${encodeURIComponent(hostname)}?tab=system`);
    await expect(shell(page).heading).toHaveText(hostname);
    await page.goto(`${cluster.url}/queues`);
    await expect(page.getByRole('link', { name: queue })).toBeVisible();
    await page.goto(`${cluster.url}/queues/${encodeURIComponent(queue)}`);
    await expect(shell(page).heading).toHaveText(queue);
    await page.goto(cluster.url);
    await expect(page.getByRole('table', { name: /^Workers/ })).toContainText(hostname);
    await page.goto(`${cluster.url}/tasks?q=${encodeURIComponent(`"<script>alert(1)</script>"`)}`);
    await expect(tasks(page).region).toBeVisible();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(harm).toEqual([]);
  });

  test('pages run scripts by nonce only, and no other page may frame them', async ({ page }) => {
    const answer = await page.goto(cluster.url);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]{20,}' 'strict-dynamic'(;|$)/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("object-src 'none'");
    expect(answer?.headers()['x-content-type-options']).toBe('nosniff');
    await expect(shell(page).heading).toHaveText('Overview');
    const ran = await page.evaluate(() => {
      const script = document.createElement('img');
      script.setAttribute('onerror', 'window.harmed = true');
      script.src = 'data:,';
      document.body.append(script);
      return new Promise((resolve) => {
        script.addEventListener('error', () => resolve('harmed' in window));
      });
    });
    expect(ran).toBe(false);
  });

  test('a page elsewhere can neither read nor change anything', async ({ request }) => {
    const origin = { origin: 'http://evil.example' };
    const read = await request.get(`${cluster.umbel.url}/api/v1/session`, { headers: origin });
    expect(read.headers()['access-control-allow-origin']).toBeUndefined();
    const changed = await request.post(
      `${cluster.umbel.url}/api/v1/clusters/default/tasks/revoke`,
      { headers: origin, data: { ids: ['x'], terminate: false } },
    );
    expect(changed.status()).toBe(403);
    const rebound = await request.get(`${cluster.umbel.url}/api/v1/session`, {
      headers: { host: 'evil.example' },
    });
    expect(rebound.ok()).toBe(false);
  });
});

test.describe('with basic auth', () => {
  let cluster: Watched;
  test.beforeAll(async ({ redis }) => {
    cluster = await watch(redis, { args: ['--basic-auth', 'anna:s3cret words'] });
  });
  test.afterAll(() => cluster.close());

  test('nothing without credentials but health', async ({ request }) => {
    const { url } = cluster.umbel;
    for (const path of ['/', '/default', '/api/v1/session', '/metrics', '/api/workers']) {
      const answer = await request.get(`${url}${path}`, { maxRedirects: 0 });
      expect(answer.status(), path).toBe(401);
      expect(answer.headers()['www-authenticate'], path).toContain('Basic');
    }
    for (const path of ['/livez', '/readyz', '/healthcheck']) {
      const status = async () => (await request.get(`${url}${path}`)).status();
      await expect.poll(status, { message: path }).toBe(200);
    }
    const socket = await request.get(`${url}/socket.io/?EIO=4&transport=polling`);
    expect(socket.ok()).toBe(false);
  });

  test('the page comes with credentials, and follows live by cookie', async ({ browser }) => {
    const context = await browser.newContext({
      httpCredentials: { username: 'anna', password: 's3cret words' },
    });
    try {
      const page = await context.newPage();
      await page.goto(`${cluster.url}/tasks`);
      await expect(shell(page).live).toHaveAccessibleName(/^Live/);
      const name = `signed.in.${test.info().project.name}`;
      await cluster.announcer.tell({ name, hostname: 'celery@web-1' });
      await expect(tasks(page).row(name)).toBeVisible();
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    } finally {
      await context.close();
    }
  });
});

test('a read-only dashboard has no buttons that change anything, and refuses by API', async ({
  page,
  redis,
}) => {
  const cluster = await watch(redis, { args: ['--read-only'] });
  try {
    await cluster.announcer.worker('celery@web-1');
    const [id = ''] = await cluster.announcer.tell({
      name: 'seen',
      hostname: 'celery@web-1',
      end: 'started',
    });
    const buttons = page.getByRole('button', {
      name: /Retry|Revoke|Actions|Enable|Inspect now|Forget/,
    });
    await page.goto(`${cluster.url}/tasks/${id}`);
    await expect(task(page).state).toContainText('running');
    await expect(buttons).toHaveCount(0);
    await page.goto(`${cluster.url}/workers/celery@web-1`);
    await expect(page.getByRole('tab', { name: /^pool/ })).toBeVisible();
    await expect(buttons).toHaveCount(0);
    await page.goto(`${cluster.url}/tasks`);
    await expect(tasks(page).row('seen')).toBeVisible();
    await expect(tasks(page).table.getByRole('checkbox')).toHaveCount(0);
    const answer = await page.request.post(
      `${cluster.umbel.url}/api/v1/clusters/default/tasks/revoke`,
      { data: { ids: [id], terminate: false } },
    );
    expect(answer.status()).toBe(403);
  } finally {
    await cluster.close();
  }
});
