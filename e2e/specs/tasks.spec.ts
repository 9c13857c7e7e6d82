import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import type { Story } from '../fixtures/celery/announcer.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { shell } from '../pages/shell.ts';
import { tasks } from '../pages/tasks.ts';

const w1 = 'celery@web-1';
const w2 = 'celery@web-2';
const CHARGES = 60;
const REFUNDS = 2;
const MAILS = 3;

let cluster: Watched;

const several = (count: number, story: (index: number) => Story) =>
  Array.from({ length: count }, (_, index) => story(index));

test.beforeAll(async ({ redis }) => {
  cluster = await watch(redis);
  const { announcer } = cluster;
  await announcer.worker(w1);
  await announcer.worker(w2);
  const start = Date.now() - 60_000;
  await announcer.tell(
    ...several(CHARGES, (index) => ({
      name: 'shop.charge',
      hostname: w1,
      args: `(${index},)`,
      runtimeMs: 20 + index,
      endAt: start + index * 100,
    })),
    ...several(REFUNDS, () => ({
      name: 'shop.refund',
      hostname: w2,
      end: 'failed' as const,
      exception: "CardError('card was swallowed')",
      runtimeMs: 9000,
    })),
    ...several(MAILS, () => ({ name: 'mail.send', hostname: w2, runtimeMs: 7000 })),
    { name: 'mail.send', hostname: w2, end: 'failed', exception: "SMTPError('bounced')" },
    { name: 'report.build', hostname: w1, end: 'started' },
  );
});
test.afterAll(() => cluster.close());

const filtered = (q: string) => `${cluster.url}/tasks?${new URLSearchParams({ q }).toString()}`;

test('the filter language selects what it says', async ({ page }) => {
  const list = tasks(page);
  const all = CHARGES + REFUNDS + MAILS + 2;
  await page.goto(`${cluster.url}/tasks`);
  await expect(list.total(all)).toBeVisible();
  for (const [q, count] of [
    ['state:failed', REFUNDS + 1],
    ['state:success,started', CHARGES + MAILS + 1],
    ['name:shop.*', CHARGES + REFUNDS],
    [`worker:${w2}`, REFUNDS + MAILS + 1],
    ['runtime:>5s', REFUNDS + MAILS],
    ['runtime:20ms..29ms', 10],
    ['"was swallowed"', REFUNDS],
    ['-name:shop.charge', REFUNDS + MAILS + 2],
    ['(name:mail.send or name:shop.refund) state:success', MAILS],
    ['(name:mail.send OR name:shop.charge) -state:success', 1],
  ] as const) {
    await list.filter.fill(q);
    await list.filter.press('Enter');
    await expect(list.total(count), q).toBeVisible();
    await expect(list.rows).toHaveCount(Math.min(count, 50));
    await list.clear.click();
    await expect(list.total(all)).toBeVisible();
  }
  await list.filter.fill('state:nope');
  await list.filter.press('Enter');
  await expect(list.problem).toContainText('There is no state');
  await expect(list.total(all)).toBeVisible();
});

test('suggestions complete fields, words and what the cluster has', async ({ page }) => {
  const list = tasks(page);
  await page.goto(`${cluster.url}/tasks`);
  await list.filter.pressSequentially('sta');
  await list.suggestion(/^state:/).click();
  await list.suggestion('failure').click();
  await expect(list.chip('state:failure')).toBeVisible();
  await expect(list.total(REFUNDS + 1)).toBeVisible();

  await list.filter.pressSequentially('name:mai');
  await expect(list.suggestion('mail.send')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(list.chip('name:mail.send')).toBeVisible();
  await expect(list.total(1)).toBeVisible();

  await list.removeChip('state:failure').click();
  await expect(list.total(MAILS + 1)).toBeVisible();
  await expect(page).toHaveURL(filtered('name:mail.send').replaceAll('%3A', ':'));
});

test('the page is what its address says, back and forth', async ({ page }) => {
  const list = tasks(page);
  await page.goto(`${filtered('state:failed')}&range=1h&sort=runtime`);
  await expect(list.chip('state:failure')).toBeVisible();
  await expect(list.range).toHaveText('Last 1 h');
  await expect(list.total(REFUNDS + 1)).toBeVisible();
  await expect(list.rows.first()).toContainText('mail.send');
  await list.clear.click();
  await expect(page).not.toHaveURL(/q=/);
  await page.goBack();
  await expect(list.chip('state:failure')).toBeVisible();
  await expect(list.total(REFUNDS + 1)).toBeVisible();
});

test('columns sort both ways, and are chosen for good @desk', async ({ page }) => {
  const list = tasks(page);
  await page.goto(filtered('name:shop.charge'));
  await list.sort('Runtime').click();
  await expect(list.rows.first()).toContainText(`(${CHARGES - 1},)`);
  await expect(list.header('Runtime')).toHaveAttribute('aria-sort', 'descending');
  await list.sort('Runtime').click();
  await expect(list.rows.first()).toContainText('(0,)');
  await expect(list.header('Runtime')).toHaveAttribute('aria-sort', 'ascending');
  await expect(page).toHaveURL(/sort=runtime/);

  await list.columns.click();
  await list.column('Queue').click();
  await list.column('Retries').click();
  await page.keyboard.press('Escape');
  for (const visit of ['now', 'after a reload']) {
    await expect(list.header('Retries'), visit).toBeVisible();
    await expect(list.header('Queue'), visit).toHaveCount(0);
    await page.reload();
  }
});

test('pages follow each other without a row twice or none', async ({ page }) => {
  const list = tasks(page);
  await page.goto(filtered('name:shop.charge'));
  const first = await idsOf(page, 50);
  await list.next.click();
  const second = await idsOf(page, CHARGES - 50);
  expect(new Set([...first, ...second]).size).toBe(CHARGES);
  await expect(list.next).toBeDisabled();
  await page.goBack();
  expect(await idsOf(page, 50)).toEqual(first);
  await page.goForward();
  expect(await idsOf(page, CHARGES - 50)).toEqual(second);
  await list.first.click();
  expect(await idsOf(page, 50)).toEqual(first);
});

async function idsOf(page: Page, count: number): Promise<string[]> {
  const { links } = tasks(page);
  await expect(links).toHaveCount(count);
  return links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
}

test('news come in by themselves, or are counted while updates are paused', async ({ page }) => {
  const list = tasks(page);
  const { live } = shell(page);
  const story = { name: 'live.one', hostname: w1 };
  await page.goto(filtered('name:live.*'));
  await expect(page.getByText('No task matches')).toBeVisible();
  await cluster.announcer.tell(story);
  await expect(list.rows).toHaveCount(1);

  await live.click();
  await cluster.announcer.tell(story, story, { name: 'other', hostname: w1 });
  await expect(list.news).toHaveText('2 new');
  await expect(list.rows).toHaveCount(1);
  await list.news.click();
  await expect(list.rows).toHaveCount(3);
  await expect(list.news).toHaveCount(0);
});

test('nothing matches is another thing than nothing ever arrived', async ({ page, redis }) => {
  const list = tasks(page);
  await page.goto(filtered('name:nobody'));
  await expect(page.getByText('No task matches')).toBeVisible();
  await list.reset.click();
  await expect(list.rows.first()).toBeVisible();

  const empty = await watch(redis);
  await page.goto(`${empty.url}/tasks`);
  await expect(page.getByText('No task has ever arrived')).toBeVisible();
  await empty.announcer.tell({ name: 'the.first', hostname: w1 });
  await expect(list.row('the.first')).toBeVisible();
  // An open page does not hold a stopping server up.
  expect(await empty.umbel.stop()).toBe(0);
  await empty.close();
});
