import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const host = 'prefork@umbel-test';

const add = (count: number) => `
import json
from app import *
print(json.dumps([add.apply_async((1, n), queue="own").get(timeout=30) for n in range(${count})]))
`;

const say = (command: 'enable_events' | 'disable_events') => `
import json
from app import *
replies = app.control.${command}(reply=True, timeout=5)
print(json.dumps([reply["${host}"]["ok"] for reply in replies]))
`;

describe.each(BROKERS)('events that somebody else switches, over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    // Exchanges of the application's own lead to the same.
    cluster = await openCluster(kind, {
      app: { config: { event_exchange: 'own-events', control_exchange: 'own-control' } },
      umbel: ['--event-exchange', 'own-events', '--control-exchange', 'own-control'],
    });
    await cluster.work({ pool: 'prefork', queues: ['own'], events: false });
  });

  afterAll(async () => {
    await cluster.close();
  });

  const enabled = async () =>
    (await cluster.api.workers()).find((worker) => worker.hostname === host)?.eventsEnabled;

  test('WK7 on, with its next task; off, when it goes on taking tasks without telling', async () => {
    expect(await cluster.python(say('enable_events'))).toEqual(['task events enabled']);
    await cluster.python(add(3));
    await expect.poll(enabled, { timeout: 20_000 }).toBe(true);

    expect(await cluster.python(say('disable_events'))).toEqual(['task events disabled']);
    const untilKnown = async () => {
      await cluster.python(add(2));
      return enabled();
    };
    await expect.poll(untilKnown, { timeout: 60_000, interval: 500 }).toBe(false);
  });

  test('a worker that was started with -E cannot be switched off, says that it was, and goes on', async () => {
    await cluster.work({ name: 'loud', pool: 'prefork', queues: ['loud'] });
    const ended = (count: number) =>
      expect
        .poll(() => cluster.api.total('queue:loud state:success'), { timeout: 20_000 })
        .toBe(count);
    const send = `
import json
from app import *
add.apply_async((1, 2), queue="loud").get(timeout=30)
print(json.dumps(app.control.disable_events(["loud@umbel-test"], reply=True, timeout=5)))
`;
    expect(await cluster.python(send)).toEqual([
      { 'loud@umbel-test': { ok: 'task events already disabled' } },
    ]);
    await ended(1);
    await cluster.python(send);
    await ended(2);
  });
});
