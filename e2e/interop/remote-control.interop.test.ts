import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const deaf = 'deaf@umbel-test';
const open = 'open@umbel-test';
const SLOW = ['stats', 'active_queues', 'registered', 'conf', 'revoked'];

describe.each(BROKERS)('WK12 a worker without remote control, over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(kind, { umbel: ['--inspect-interval', '1s'] });
    await cluster.work(
      { name: 'deaf', queues: ['deaf'], app: { config: { worker_enable_remote_control: false } } },
      { name: 'open', queues: ['open'] },
      { name: 'third', queues: ['third'] },
    );
  });
  afterAll(async () => {
    await cluster.close();
  });

  const detail = (hostname: string) => cluster.api.worker(hostname);

  test('is there, and says of each part why it is not known', async () => {
    const told = async () => {
      const { stats, conf, running } = await detail(deaf);
      return [stats, conf, running].map(({ value, reason }) => [
        value,
        /worker_enable_remote_control/.test(reason ?? ''),
      ]);
    };
    const unknown = [null, true];
    await expect.poll(told, { timeout: 30_000 }).toEqual([unknown, unknown, unknown]);
    const { state, supports } = await detail(deaf);
    expect(state).toBe('online');
    expect(supports['shutdown']).toMatchObject({ ok: false });
    await expect
      .poll(async () => (await detail(open)).stats.reason, { timeout: 20_000 })
      .toBeNull();
    expect((await detail(open)).conf.readAt).not.toBeNull();
  });

  test('holds up nobody: a command to it is answered by its silence alone', async () => {
    const command = { command: 'enable_events' } as const;
    const { acks } = await cluster.api.command([deaf, open], command);
    expect(acks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ hostname: deaf, outcome: 'timeout' }),
        expect.objectContaining({ hostname: open, outcome: 'ok' }),
      ]),
    );
    expect(cluster.umbel.output()).not.toMatch(/inspect|did not answer|no answer/i);
  });

  const counted = async () => {
    const client = new Redis(cluster.app.broker);
    const listener = client.duplicate();
    const heard: { method: string; destination: unknown }[] = [];
    listener.on('message', (_channel: string, text: string) => {
      const { body } = JSON.parse(text) as { body: string };
      const request = JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as {
        method: string;
        destination: unknown;
      };
      heard.push(request);
    });
    const times = (method: string) => heard.filter((one) => one.method === method).length;
    try {
      await vi.waitFor(() => listener.subscribe(`/${String(client.options.db)}.celery.pidbox`));
      const look = async () => {
        // What open pages ask for costs no question to a worker.
        await Promise.all([detail(deaf), detail(open), cluster.api.workers()]);
        return times('active');
      };
      await expect.poll(look, { timeout: 60_000 }).toBeGreaterThanOrEqual(10);
      const rounds = times('active');
      for (const method of ['reserved', 'scheduled']) {
        expect(Math.abs(times(method) - rounds), method).toBeLessThanOrEqual(1);
      }
      for (const method of SLOW) expect(times(method), method).toBeLessThanOrEqual(1);
      expect(times('ping')).toBeLessThanOrEqual(1);
      expect(heard.filter(({ destination }) => destination !== null)).toEqual([]);
      const kept = async () => [
        ...(await client.keys('*reply.celery.pidbox*')),
        ...(await client.smembers('_kombu.binding.reply.celery.pidbox')),
      ];
      await expect.poll(kept, { timeout: 20_000, interval: 50 }).toEqual([]);
    } finally {
      listener.disconnect();
      client.disconnect();
    }
  };
  if (kind === 'redis')
    test(
      'WK11 three workers are asked once for all in a round, and no reply stays behind',
      counted,
    );
});
