import { expect, test } from '../fixtures/test.ts';
import { startStrippingProxy, type Proxy } from '../fixtures/proxy.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

let cluster: Watched;
let proxy: Proxy;

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis, { args: ['--base-path', '/umbel'], basePath: '/umbel' });
  proxy = await startStrippingProxy('/umbel', cluster.umbel.port);
});
test.afterAll(async () => {
  await proxy.close();
  await cluster.close();
});

for (const way of ['direct', 'behind a proxy that strips it'] as const) {
  for (const slash of ['', '/']) {
    test(`a base path works ${way}, opened at /umbel${slash}`, async ({ page }) => {
      const base = way === 'direct' ? `${cluster.umbel.url}/umbel` : proxy.url;
      const { nav, live } = shell(page);
      const failed: string[] = [];
      page.on('response', (answer) => {
        if (answer.status() >= 400) failed.push(`${answer.status()} ${answer.url()}`);
      });
      const name = `based.${way.length}${slash.length}${test.info().project.name}`;
      await cluster.announcer.tell({
        name: `early.${test.info().project.name}`,
        hostname: 'celery@web-1',
      });
      await page.goto(`${base}${slash}`);
      await expect(page).toHaveURL(`${base}/default`);
      await expect(live).toHaveAccessibleName(/^Live/);
      await expect(overview(page).figure('Executed')).toBeVisible();
      await nav('Tasks').click();
      await expect(page).toHaveURL(`${base}/default/tasks`);
      await cluster.announcer.tell({ name, hostname: 'celery@web-1' });
      await expect(tasks(page).row(name)).toBeVisible();
      await tasks(page).row(name).getByRole('link').click();
      await expect(page.getByRole('region', { name: 'State and attempts' })).toContainText(
        'succeeded',
      );
      await page.reload();
      await expect(shell(page).heading).toHaveText(name);
      expect(failed).toEqual([]);
    });
  }
}
