import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { Redis } from 'ioredis';
import type { Overview } from '../../lib/contract/index.ts';
import { expect, test } from '../fixtures/test.ts';
import type { Announced, Announcer } from '../fixtures/celery/announcer.ts';
import { startRedis } from '../fixtures/servers/redis.ts';
import { watch, type Watched } from '../fixtures/watched.ts';
import { overview } from '../pages/overview.ts';

// What was lost and how it is told does not depend on the size of the page: all of it is @desk.
const hostname = 'celery@counted';
const MISSED = 20;

/** A worker whose heartbeats count what it started, whoever heard of that. */
function countingWorker(announcer: Announcer) {
  let processed = 0;
  let timer: NodeJS.Timeout | undefined;
  const beat = () =>
    announcer.say({
      type: 'worker-heartbeat',
      hostname,
      ...{ freq: 2, active: 0, processed, sw_ident: 'py-celery', sw_ver: '5.6.0' },
    });
  const lives = (count: number, padding = ''): Announced[] => {
    processed += count;
    return Array.from({ length: count }, () => randomUUID()).flatMap((uuid) => [
      { type: 'task-received', hostname, uuid, name: 'counted', args: padding, kwargs: '{}' },
      { type: 'task-started', hostname, uuid },
    ]);
  };
  return {
    lives,
    start: () => {
      timer = setInterval(() => void beat().catch(() => undefined), 300);
    },
    stop: () => clearInterval(timer),
  };
}

async function picture(cluster: Watched): Promise<Overview> {
  const response = await fetch(`${cluster.umbel.url}/api/v1/clusters/default/overview?range=15m`);
  return (await response.json()) as Overview;
}

async function metric(cluster: Watched, name: string): Promise<number | null> {
  const text = await (await fetch(`${cluster.umbel.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(name));
  return line === undefined ? null : Number(line.split(' ').at(-1));
}

/** Watched long enough that its count and its events agree: told tasks are in the list, and heartbeats came after. */
async function settle(cluster: Watched, worker: ReturnType<typeof countingWorker>): Promise<void> {
  await cluster.announcer.say(...worker.lives(3));
  worker.start();
  const known = async () => {
    const response = await fetch(
      `${cluster.umbel.url}/api/v1/clusters/default/workers/${encodeURIComponent(hostname)}`,
    );
    return ((await response.json()) as { processed?: number }).processed;
  };
  await expect.poll(known).toBe(3);
  const before = (await picture(cluster)).status.ingest.eventsTotal;
  // So many heartbeats are more than two looks at the account, a second apart.
  await expect
    .poll(async () => (await picture(cluster)).status.ingest.eventsTotal, { timeout: 20_000 })
    .toBeGreaterThan(before + 10);
}

/** Redis 7.0 and older do not: there the cause can only be guessed. */
async function countsCutOffs(url: string): Promise<boolean> {
  const client = new Redis(url);
  const stats = await client.info('stats');
  client.disconnect();
  return stats.includes('client_output_buffer_limit_disconnections');
}

async function expectTold(
  page: Page,
  cluster: Watched,
  cause: 'disconnected' | 'buffer-overrun',
  from: number,
): Promise<void> {
  const view = overview(page);
  const line = view.line('events were missed');
  await expect(line).toContainText(`At least ${MISSED} events were missed`, { timeout: 40_000 });
  await expect(line).toContainText(/\d\d:\d\d:\d\d–\d\d:\d\d:\d\d/);
  await expect(view.hatched.first()).toBeAttached();

  const { series, status } = await picture(cluster);
  expect(series.gaps).toHaveLength(1);
  const [gap] = series.gaps;
  expect(gap).toMatchObject({ cause, lostCount: MISSED });
  expect(gap?.startedAt).toBeGreaterThanOrEqual(from);
  expect(gap?.endedAt).toBeGreaterThanOrEqual(gap?.startedAt ?? Infinity);
  expect(status.ingest).toMatchObject({ droppedCount: MISSED, gapCounts: { [cause]: 1 } });
  const labels = `{cluster="default",cause="${cause}"}`;
  expect(await metric(cluster, `umbel_ingest_gaps_total${labels}`)).toBe(1);
  expect(await metric(cluster, 'umbel_ingest_dropped_total')).toBe(MISSED);
}

test('GA5 GA6 events that nobody heard while the subscription was cut are counted and shown @desk', async ({
  page,
  redis,
}) => {
  test.setTimeout(120_000);
  const cluster = await watch(redis);
  const worker = countingWorker(cluster.announcer);
  try {
    await settle(cluster, worker);
    await page.goto(`${cluster.url}?range=15m`);
    await expect(overview(page).line('missed')).toHaveCount(0);
    const from = Date.now();
    await cluster.announcer.unheard(worker.lives(MISSED));
    const unknown = overview(page).line('it is not known how many');
    await expect(unknown).toContainText('What happened meanwhile was not observed');
    await expectTold(page, cluster, 'disconnected', from);
  } finally {
    worker.stop();
    await cluster.close();
  }
});

test('GA5 GA6 a burst for which Redis cuts the subscription off is told as such @desk', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const limit = ['--client-output-buffer-limit', 'pubsub', '262144', '0', '0'];
  const redis = await startRedis({ args: limit });
  const cluster = await watch(redis);
  const worker = countingWorker(cluster.announcer);
  try {
    await settle(cluster, worker);
    await page.goto(`${cluster.url}?range=15m`);
    const from = Date.now();
    const burst = worker.lives(MISSED, 'x'.repeat(40_000));
    await cluster.announcer.unheard(burst, { flood: true });
    await expect(overview(page).line('missed')).toContainText(
      'cut the subscription off because it fell behind',
    );
    const cause = (await countsCutOffs(redis.url)) ? 'buffer-overrun' : 'disconnected';
    await expectTold(page, cluster, cause, from);
  } finally {
    worker.stop();
    await cluster.close();
    await redis.stop();
  }
});
