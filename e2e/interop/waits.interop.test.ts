import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const hostname = 'busy@umbel-test';
const WAITS = 12;

const sleeping = `
import json
from app import *
print(json.dumps([sleep.apply_async((300,), queue="busy").id for _ in range(2)]))
`;

describe.each(BROKERS)('waits for results over %s', (kind) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(kind);
    await cluster.work({ name: 'busy', pool: 'prefork', concurrency: 6, queues: ['busy'] });
  });
  afterAll(async () => {
    await cluster.close();
  });

  test('hold up neither a revoke nor a command, and end with what became of the task', async () => {
    const [victim = '', other = ''] = await cluster.python<string[]>(sleeping);
    await cluster.api.until(victim, 'started');
    await cluster.api.until(other, 'started');
    const gone = new AbortController();
    let answered = 0;
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${cluster.umbel.url}/api${path}`, {
        ...init,
        signal: gone.signal,
      });
      answered += 1;
      return (await response.json()) as { state?: string };
    };
    const waitsFor = (id: string) =>
      Array.from({ length: WAITS }, () => ask(`/task/result/${id}?timeout=600`));
    const ends = Promise.all(waitsFor(victim));
    ends.catch(() => undefined);
    const others = [
      ...waitsFor(other),
      ...Array.from({ length: 3 }, () =>
        ask('/task/apply/tasks.sleep', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ args: [300], queue: 'busy' }),
        }),
      ),
    ].map((wait) => wait.catch(() => null));
    // The waits are under way once what they sent runs.
    const running = async () => cluster.api.total('name:tasks.sleep state:started');
    await expect.poll(running, { timeout: 20_000 }).toBe(5);
    expect(answered).toBe(0);

    const pong = await cluster.api.command([hostname], { command: 'enable_events' });
    expect(pong.acks).toMatchObject([{ hostname, outcome: 'ok' }]);
    expect((await cluster.api.inspect(hostname)).running.value).toHaveLength(5);
    expect(answered).toBe(0);
    const { acks } = await cluster.api.revoke([victim], { terminate: true, signal: 'SIGKILL' });
    expect(acks.map(({ outcome }) => outcome)).toContain('ok');
    expect(await ends).toEqual(
      Array.from({ length: WAITS }, () => expect.objectContaining({ state: 'REVOKED' }) as object),
    );
    gone.abort();
    await Promise.all(others);
  });
});
