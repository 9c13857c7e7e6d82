import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBackend } from '../backend/create-backend.ts';
import { createTransport } from '../broker/connect.ts';
import type { Transport } from '../broker/transport.ts';
import { decodeEvents, type RawEvent } from '../celery/event.ts';
import type { Logger } from '../core/logger.ts';
import { startDemo, type Demo } from './start-demo.ts';

const patience = { timeout: 60_000, interval: 100 };
const events: RawEvent[] = [];
const troubles: string[] = [];
let demo: Demo;
let transport: Transport;

const note = (fields: object, message: string) => {
  troubles.push(`${message} ${JSON.stringify(fields)}`);
};
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: note,
  error: note,
  child: () => logger,
};

beforeAll(async () => {
  demo = await startDemo({ logger });
  demo.run();
  transport = createTransport({ url: 'memory://', port: demo.connect(), timeoutMs: 60_000 });
  await transport.connect();
  await transport.subscribeEvents({
    onEvents: ({ body, contentType }) => {
      const decoded = decodeEvents(Buffer.from(body), contentType);
      if (decoded.ok) events.push(...decoded.value.events);
    },
    onGap: () => undefined,
    onMalformed: note.bind(null, {}),
  });
}, 90_000);

afterAll(async () => {
  await transport.close();
  await demo.stop();
});

it('shows three workers and every kind of event', { timeout: 120_000 }, async () => {
  const types = () => new Set(events.map(({ type }) => type));
  for (const type of [
    'worker-online',
    'worker-heartbeat',
    'task-sent',
    'task-received',
    'task-started',
    'task-succeeded',
    'task-failed',
    'task-retried',
    'task-revoked',
    'task-progress',
  ]) {
    await expect.poll(types, { ...patience, message: type }).toContain(type);
  }
  const workers = () =>
    new Set(events.filter(({ type }) => type === 'worker-online').map(({ hostname }) => hostname));
  await expect
    .poll(workers, patience)
    .toEqual(new Set(['umbel@kitchen', 'umbel@reports', 'umbel@media']));
  expect(troubles).toEqual([]);
});

it('leaves a queue that nobody consumes, and keeps results', { timeout: 120_000 }, async () => {
  const legacy = async () => (await transport.measureQueues(['legacy-sync']))[0];
  await expect.poll(async () => (await legacy())?.ready ?? 0, patience).toBeGreaterThan(0);
  expect(await legacy()).toMatchObject({ consumers: 0 });
  await expect
    .poll(() => events.find(({ type }) => type === 'task-succeeded'), patience)
    .toBeDefined();
  const done = events.find(({ type }) => type === 'task-succeeded');
  const backend = createBackend('memory://', { port: demo.connect(), timeoutMs: 60_000 });
  await backend.connect();
  expect(await backend.get(String(done?.['uuid']))).toMatchObject({ status: 'SUCCESS' });
  await backend.close();
});
