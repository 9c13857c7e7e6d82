import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inspector } from './inspector.ts';
import { openMemoryCluster, type MemoryCluster } from './testing/memory-cluster.ts';

const INTERVAL_MS = 5000;
const NAMES = ['w1@test', 'w2@test', 'w3@test'];
const ANSWERS: Readonly<Record<string, unknown>> = {
  ping: { ok: 'pong' },
  ...{ active: [], reserved: [], scheduled: [], revoked: [], registered: [], active_queues: [] },
  ...{ stats: { pool: {}, total: {} }, conf: {} },
};

let cluster: MemoryCluster;
let inspector: Inspector;
/** What the first worker heard, which is what was broadcast. */
let heard: string[];
let hearNothing: Set<string>;
let heardBy: string[];
/** What a worker does not answer. */
let keepsFrom: Map<string, Set<string>>;

beforeEach(async () => {
  cluster = await openMemoryCluster();
  heard = [];
  hearNothing = new Set();
  heardBy = [];
  keepsFrom = new Map();
  inspector = new Inspector(cluster.transport, cluster.fold, cluster.workers, cluster.clock, {
    ...{ intervalMs: INTERVAL_MS, timeoutMs: 100, enableEvents: false },
  });
  for (const hostname of NAMES) {
    await cluster.transport.serveControl(hostname, (delivery) => {
      const { method } = delivery.request;
      if (hostname === NAMES[0]) heard.push(method);
      heardBy.push(`${hostname} ${method}`);
      const isKept = hearNothing.has(hostname) || keepsFrom.get(hostname)?.has(method) === true;
      if (!isKept) delivery.reply(ANSWERS[method]).catch(() => undefined);
    });
  }
});
afterEach(() => cluster.close());

/** A second each: everybody beats, and the inspector has its turn. */
async function live(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    cluster.clock.time += 1000;
    for (const hostname of NAMES) {
      cluster.event('worker-heartbeat', { hostname, freq: 2, active: 0, processed: 0 });
    }
    await inspector.round();
  }
}

const timesHeard = (method: string) => heard.filter((one) => one === method).length;
const timesHeardBy = (hostname: string, method: string) =>
  heardBy.filter((one) => one === `${hostname} ${method}`).length;
const detail = (hostname: string) =>
  cluster.workers.row(cluster.workers.known(hostname)!, cluster.clock.time).detail;

describe('WK11 rounds of questions', () => {
  it('ask once for all workers, at most once an interval, the slow ones far more rarely', async () => {
    await live(60);
    for (const method of ['active', 'reserved', 'scheduled']) {
      expect([method, timesHeard(method)]).toEqual([method, 12]);
    }
    for (const method of ['stats', 'active_queues', 'registered', 'conf', 'revoked']) {
      expect([method, timesHeard(method)]).toEqual([method, 2]);
    }
    expect(timesHeard('ping')).toBe(1);
    expect(heard).toHaveLength(3 * 12 + 5 * 2 + 1);
    expect(detail('w3@test').stats.reason).toBeNull();
  });

  it('ask soon for what was not answered in time, and not for ever for what never is', async () => {
    keepsFrom.set('w2@test', new Set(['conf', 'registered']));
    await live(6);
    expect(detail('w2@test').conf.reason).toMatch(/^No answer within/);
    keepsFrom.set('w2@test', new Set(['registered']));
    await live(INTERVAL_MS / 1000);
    expect(detail('w2@test').conf).toMatchObject({ value: {}, reason: null });
    expect(detail('w2@test').registered.value).toBeNull();
    await live(20);
    expect(timesHeardBy('w2@test', 'registered')).toBe(4);
    expect(timesHeardBy('w2@test', 'stats')).toBe(1);
  });

  it('are shared by all who ask for one worker at nearly the same time', async () => {
    await live(5);
    heard = [];
    await Promise.all(Array.from({ length: 20 }, () => inspector.now(['w1@test'])));
    expect(heard.sort()).toEqual(
      Object.keys(ANSWERS)
        .filter((method) => method !== 'ping')
        .sort(),
    );
    cluster.clock.time += 2000;
    await inspector.now(['w1@test']);
    expect(timesHeard('active')).toBe(2);
  });
});

describe('WK12 a worker that answers no commands', () => {
  const silent = 'w2@test';

  it('yet, because it has just announced itself, is asked until it listens', async () => {
    hearNothing.add(silent);
    await live(5);
    expect(detail(silent).conf.reason).toMatch(/^No answer within/);
    hearNothing.delete(silent);
    await live(5);
    for (const section of [detail(silent).conf, detail(silent).running]) {
      expect(section).toMatchObject({ reason: null, readAt: expect.any(Number) });
    }
  });

  it('is told so with the likely reason, and is neither waited for nor asked again and again', async () => {
    hearNothing.add(silent);
    await live(20);
    const { stats, running, supports, state } = detail(silent);
    for (const section of [stats, running]) {
      expect(section).toMatchObject({ value: null, readAt: null });
      expect(section.reason).toContain('worker_enable_remote_control');
    }
    expect(state).toBe('online');
    expect(supports['shutdown']).toMatchObject({ ok: false });
    expect(supports['pool_grow']?.reason).toContain('answers no commands');
    heard = [];
    await live(40);
    expect(heard.length).toBeLessThanOrEqual(3 * 8 + 5 + 1);
    expect(detail('w1@test').running.reason).toBeNull();
  });

  it('is asked again once it answers anything', async () => {
    hearNothing.add(silent);
    await live(20);
    hearNothing.delete(silent);
    await live(60);
    expect(detail(silent)).toMatchObject({ stats: { reason: null }, running: { reason: null } });
    expect(detail(silent).supports['shutdown']).toBeUndefined();
  });

  it('alone in its cluster leaves nothing to ask but who is there', async () => {
    for (const name of NAMES) hearNothing.add(name);
    await live(20);
    heard = [];
    await live(60);
    expect(new Set(heard)).toEqual(new Set(['ping']));
    expect(heard).toHaveLength(1);
  });
});
