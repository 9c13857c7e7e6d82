import { expect, test } from '../fixtures/test.ts';
import { overview } from '../pages/overview.ts';
import { queues } from '../pages/queues.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';
import { workers } from '../pages/workers.ts';

test('the first start shows a cluster that lives', async ({ page, demo }) => {
  test.setTimeout(120_000);
  const view = overview(page);
  const { nav } = shell(page);
  await page.goto(demo.url);
  await expect(page).toHaveURL(`${demo.url}/demo`);
  await expect(view.line(/^Nobody consumes/)).toBeVisible({ timeout: 60_000 });
  await expect(view.chart).toHaveAccessibleName(/[1-9]\d* succeeded, .* [1-9]\d* failed/, {
    timeout: 60_000,
  });

  await nav('Workers').click();
  await expect(workers(page).rows).toHaveCount(3);
  await expect(workers(page).table.getByText('online')).toHaveCount(3);
  await nav('Queues').click();
  await expect(queues(page).table).toContainText('no consumer');
  await nav('Tasks').click();
  await expect(tasks(page).rows.first()).toBeVisible();
});

test('tasks wait, run and end in every way that is worth looking at', async ({ demo, request }) => {
  test.setTimeout(120_000);
  const count = async (q: string) => {
    const address = `${demo.url}/api/v1/clusters/demo/tasks?q=${encodeURIComponent(q)}&limit=1`;
    const answer = (await (await request.get(address)).json()) as { totalAtLeast: number };
    return answer.totalAtLeast;
  };
  for (const state of ['queued', 'scheduled', 'started', 'success', 'failure', 'revoked']) {
    await expect.poll(() => count(`state:${state}`), { timeout: 60_000 }).toBeGreaterThan(0);
  }
  const charges = 'name:shop.orders.charge state:failure';
  for (const found of [
    'retries:>=1',
    ...['ValueError', 'PaymentDeclined', 'TypeError'].map((error) => `${charges} "${error}"`),
    ...['queue:high_priority', 'queue:cpu', 'queue:slow'].map((which) => `${which} state:success`),
    // What a chain and a chord end with among them.
    ...[
      ...['math.add', 'math.multiply', 'reports.word_count'],
      ...['shop.orders.confirm', 'reports.summarise'],
    ].map((name) => `name:${name} state:success`),
    // Only beat asks for this warehouse.
    'name:shop.stock.sync "warehouse-north"',
    'queue:legacy-sync state:queued',
  ]) {
    await expect.poll(() => count(found), { timeout: 60_000, message: found }).toBeGreaterThan(0);
  }
});
