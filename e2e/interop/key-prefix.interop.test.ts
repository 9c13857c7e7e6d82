import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskDetail } from '../../lib/contract/index.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { openCluster, type Cluster } from './support/cluster.ts';

let cluster: Cluster;

// An application that sets what an application can set: prefixes, exchanges of its own, and a worker without events.
beforeAll(async () => {
  cluster = await openCluster('redis', {
    app: {
      keyPrefix: 'shop:',
      config: { event_exchange: 'shop-events', control_exchange: 'shop-control' },
    },
    umbel: [
      ...['--key-prefix', 'shop:', '--result-key-prefix', 'shop:', '--inspect-interval', '1s'],
      ...['--event-exchange', 'shop-events', '--control-exchange', 'shop-control'],
      '--enable-events',
    ],
  });
  await cluster.work({ name: 'prefixed', pool: 'solo', queues: ['celery'], events: false });
});

afterAll(async () => {
  await cluster.close();
});

test('WK7 a worker that runs without events is told to send them, where that is configured', async () => {
  const enabled = async () =>
    (await cluster.api.workers()).map(({ hostname, eventsEnabled }) => [hostname, eventsEnabled]);
  await expect.poll(enabled, { timeout: 30_000 }).toEqual([['prefixed@umbel-test', true]]);
});

test('with key prefixes, events and queues are those of the prefixed application', async () => {
  const [done, waiting] = await cluster.python<[string, string]>(`
import json
from app import *
print(json.dumps([add.delay(20, 22).id, add.apply_async((1, 2), queue="later").id]))
`);
  const task = await cluster.api.until(done, 'success');
  expect(task.worker).toBe('prefixed@umbel-test');
  expect(task.timeline.map((entry) => entry.type)).toEqual(
    expect.arrayContaining(['task-sent', 'task-received', 'task-started', 'task-succeeded']),
  );

  await cluster.api.until(waiting, 'queued');
  const ready = async () =>
    (await cluster.api.queues()).find((queue) => queue.name === 'later')?.ready;
  await expect.poll(ready, { timeout: 10_000 }).toBe(1);
  const names = (await cluster.api.queues()).map((queue) => queue.name);
  expect(names).toEqual(expect.arrayContaining(['celery', 'later']));
  expect(names.filter((name) => name.startsWith('shop:'))).toEqual([]);
});

test.skipIf(isOldCelery)('with key prefixes, a result is read under its own', async () => {
  const id = await cluster.python<string>(
    'import json\nfrom app import *\nprint(json.dumps(add.delay(20, 22).id))',
  );
  await cluster.api.until(id, 'success');
  const { body } = await cluster.api.get(`/tasks/${id}?result=1`);
  expect((body as TaskDetail).resultMeta).toMatchObject({ status: 'SUCCESS', extended: true });
  expect((body as TaskDetail).resultText).toMatchObject({ text: '42', fidelity: 'exact' });
});

test('a worker behind a prefix takes commands', async () => {
  const outcome = await cluster.api.command(['prefixed@umbel-test'], {
    command: 'add_consumer',
    queue: 'later',
  });
  expect(outcome.acks).toMatchObject([{ outcome: 'ok' }]);
  const done = () => cluster.api.total('queue:later state:success');
  await expect.poll(done, { timeout: 20_000 }).toBe(1);
});
