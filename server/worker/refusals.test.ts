// What a worker does not take: messages of another content type, that cannot be read, too large, of unknown tasks.
import { afterEach, expect, it } from 'vitest';
import { encodeTaskMessage } from '../celery/message.ts';
import type { WireMessage } from '../celery/message.ts';
import type { Celery } from '../client/celery.ts';
import { createTestCluster } from './testing/cluster.ts';

let cluster = createTestCluster();
afterEach(async () => {
  await cluster.close();
  cluster = createTestCluster();
});

async function open(config: Parameters<typeof cluster.openApp>[0] = {}) {
  const app = await cluster.openApp(config);
  const rejected: string[] = [];
  const unknown: string[] = [];
  app.signals.taskRejected.connect(({ reason }) => rejected.push(reason));
  app.signals.taskUnknown.connect(({ task, id }) => unknown.push(`${task} ${id}`));
  const seen = await cluster.recordEvents();
  await cluster.openWorker({ app, pool: 'async', concurrency: 1 });
  const { tasks } = await cluster.openClient();
  return { app, rejected, unknown, seen, tasks };
}

const messageOf = (id: string, serializer = 'json', name = 'tasks.add'): WireMessage =>
  encodeTaskMessage(
    {
      ...{ name, id, args: [1, 2], kwargs: {}, sentAt: Date.now() },
      ...{ exchange: '', routingKey: 'celery' },
    },
    { serializer },
  );
const send = (app: Celery, message: WireMessage) =>
  app.transport.publish(message, { exchange: '', routingKey: 'celery' });
const isEmpty = async (app: Celery) => {
  const [queue] = await app.transport.measureQueues(['celery']);
  return queue?.ready === 0 && queue.inFlight === 0;
};

it('rejects what accept_content does not name, and goes on', async () => {
  const { app, rejected, tasks, seen } = await open();
  await send(app, messageOf('in-yaml', 'yaml'));
  await send(app, messageOf('in-msgpack', 'msgpack'));
  await expect.poll(() => rejected).toHaveLength(2);
  expect(rejected[0]).toContain('application/x-yaml');
  expect(await (await tasks.add.delay(2, 3)).get()).toBe(5);
  expect(await app.result('in-yaml').meta()).toBeNull();
  expect(seen.filter(({ event }) => event['uuid'] === 'in-yaml')).toEqual([]);
  expect(await isEmpty(app)).toBe(true);
});

it('takes what accept_content names, by serializer or by content type', async () => {
  const { app, rejected } = await open({ acceptContent: ['yaml', 'application/x-msgpack'] });
  await send(app, messageOf('in-yaml', 'yaml'));
  await send(app, messageOf('in-msgpack', 'msgpack'));
  await send(app, messageOf('in-json'));
  for (const id of ['in-yaml', 'in-msgpack']) {
    expect(await app.result(id).get({ timeoutMs: 10_000 })).toBe(3);
  }
  await expect.poll(() => rejected).toHaveLength(1);
  expect(rejected[0]).toContain('application/json');
});

it('rejects bodies that nothing can read, once each, and goes on', async () => {
  const { app, rejected, tasks } = await open({ acceptContent: ['json', 'pickle', 'nonsense/x'] });
  const broken = (id: string, part: Partial<WireMessage>) =>
    send(app, { ...messageOf(id), ...part });
  await broken('no-json', { body: Buffer.from('{"half') });
  await broken('no-list', { body: Buffer.from('{}') });
  await broken('no-codec', { contentType: 'nonsense/x' });
  await broken('no-zip', {
    headers: { ...messageOf('no-zip').headers, compression: 'application/x-gzip' },
  });
  await broken('no-name', { headers: { id: 'no-name' } });
  await broken('too-large', { body: Buffer.alloc(70 * 1024 * 1024, 0x20) });
  await expect.poll(() => rejected.length, { timeout: 15_000 }).toBe(6);
  expect(await (await tasks.add.delay(2, 3)).get()).toBe(5);
  expect(rejected).toHaveLength(6);
  expect(await isEmpty(app)).toBe(true);
});

it('fails a task that it does not know, even when its body cannot be read', async () => {
  const { app, unknown, rejected, seen } = await open();
  await send(app, messageOf('nowhere', 'json', 'tasks.nowhere'));
  await send(app, { ...messageOf('unread', 'json', 'tasks.unread'), body: Buffer.from('?') });
  await expect(app.result('nowhere').get({ timeoutMs: 10_000 })).rejects.toMatchObject({
    name: 'NotRegistered',
    state: 'FAILURE',
  });
  await expect.poll(() => unknown).toEqual(['tasks.nowhere nowhere', 'tasks.unread unread']);
  const failed = () => seen.find(({ event }) => event['uuid'] === 'nowhere')?.event;
  await expect.poll(failed).toMatchObject({
    type: 'task-failed',
    exception: "NotRegistered('tasks.nowhere')",
  });
  expect(rejected).toEqual([]);
});
