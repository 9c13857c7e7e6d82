import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Overview } from '../../lib/contract/index.ts';
import type { PythonWorker } from '../fixtures/celery/worker.ts';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

const doomed = 'doomed@umbel-test';
const twin = 'twin@umbel-test';
const silent = 'silent@umbel-test';
const aTwin = { name: 'twin', pool: 'solo' as const, queues: ['twin'] };
const quick = [
  ...['--inspect-interval', '1s', '--inspect-timeout', '500ms'],
  ...['--offline-after', '9s', '--lost-after', '10s'],
];

const sleepIn = (queue: string) => `
import json
from app import *
print(json.dumps(sleep.apply_async((300,), queue="${queue}").id))
`;

describe.each(BROKERS)('who is there, over %s', (kind) => {
  let cluster: Cluster;
  let victim: PythonWorker;

  beforeAll(async () => {
    cluster = await openCluster(kind, { umbel: quick });
    const [first] = await cluster.work(
      { name: 'doomed', pool: 'threads', queues: ['doomed'] },
      { name: 'silent', pool: 'threads', queues: ['silent'], events: false },
      ...(kind === 'redis' ? [aTwin, aTwin] : []),
    );
    if (first === undefined) throw new Error('no worker');
    victim = first;
  });

  afterAll(async () => {
    await cluster.close();
  });

  const seen = async (hostname: string) =>
    (await cluster.api.workers()).find((worker) => worker.hostname === hostname) ?? null;

  // On RabbitMQ the second one does not come up: the queue for its commands is taken.
  const twins = async () => {
    const isDouble = async (hostname: string) => (await seen(hostname))?.duplicateHostname;
    await expect.poll(() => isDouble(twin), { timeout: 20_000 }).toBe(true);
    expect(await isDouble(doomed)).toBe(false);
  };
  if (kind === 'redis') test('WK4 two workers with one hostname are noticed', twins);

  test('a worker without -E is seen, and what it runs is known from its answers', async () => {
    await expect.poll(async () => (await seen(silent))?.state).toBe('online');
    const [id = '', short = ''] = await cluster.python<string[]>(`
import json
from app import *
print(json.dumps([sleep.apply_async((seconds,), queue="silent").id for seconds in (300, 12)]))
`);
    const task = await cluster.api.until(id, 'started');
    expect(task.worker).toBe(silent);
    expect(task.argsText).toMatchObject({ text: '(300,)', fidelity: 'exact' });
    expect(task.timeline.map((entry) => entry.source)).toContain('inspect');
    expect(task.timeline.map((entry) => entry.type)).not.toContain('task-started');
    await expect
      .poll(async () => (await seen(silent))?.eventsEnabled, { timeout: 20_000 })
      .toBe(false);
    // UN1 LO3 Nobody announced its end: the result backend knows.
    const ended = await cluster.api.until(short, 'success', 60_000);
    expect(ended).toMatchObject({ worker: silent, resultText: { text: '12' } });
    expect(ended.timeline.map((entry) => entry.type)).not.toContain('task-succeeded');
  });

  test('WK1 LO1 a worker that is killed is late, then offline, and what it ran is lost', async () => {
    const id = await cluster.python<string>(sleepIn('doomed'));
    await cluster.api.until(id, 'started');
    await victim.kill();

    const states = new Map<string, string | null>();
    const note = async () => {
      const worker = await seen(doomed);
      if (worker !== null) states.set(worker.state, worker.stateReason);
      return worker?.state;
    };
    await expect.poll(note, { timeout: 30_000, interval: 200 }).toBe('offline');
    expect([...states.keys()]).toEqual(['online', 'late', 'offline']);
    expect(states.get('late')).toContain('No heartbeat for');
    expect(states.get('offline')).toContain('Nothing heard for');

    const task = await cluster.api.until(id, 'lost', 40_000);
    expect(task.timeline.at(-1)?.fields).toEqual({
      reason: `${doomed} does not hold it, nor does the broker`,
    });
    expect(await cluster.api.total('state:lost')).toBe(1);
    expect((await seen(silent))?.state).toBe('online');

    const line = async () => {
      const { body } = await cluster.api.get('/overview');
      return (body as Overview).attention.find(({ key }) => key === 'lost') ?? null;
    };
    await expect
      .poll(line)
      .toMatchObject({ title: '1 task lost in the last 24 hours', severity: 'critical' });
    const form = await cluster.api.retryForm(id);
    await cluster.api.retry(id, {
      type: 'tasks.sleep',
      args: form.args.text ?? '',
      kwargs: form.kwargs.text ?? '',
      queue: 'doomed',
    });
    await expect.poll(line).toBeNull();
    expect(await cluster.api.total('state:lost')).toBe(1);
    expect(await cluster.api.total('state:lost -is:resent')).toBe(0);
  });
});
