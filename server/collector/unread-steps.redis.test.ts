import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { createTransport } from '../broker/connect.ts';
import { encodeSingleEvent } from '../celery/event.ts';
import { systemClock } from '../core/clock.ts';
import { silentLogger } from '../core/logger.ts';
import { openStoreWriter } from '../store/sqlite/writer.ts';
import { Collector } from './collector.ts';

const RETENTION = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

it('QU7 LO2 nothing is lost while workers have priority steps that are not read: it may wait there', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'umbel-steps-'));
  undo.push(() => rmSync(dir, { recursive: true, force: true }));
  const url = await freshRedisUrl();
  const open = async () => {
    const transport = createTransport({ url });
    undo.push(() => transport.close());
    await transport.connect();
    return transport;
  };
  const worker = await open();
  let steps = [0, 2, 4];
  await worker.serveControl('alive@h', (asked) => {
    const conf = { broker_transport_options: { priority_steps: steps } };
    const { method } = asked.request;
    void asked.reply(method === 'conf' ? conf : method === 'ping' ? { ok: 'pong' } : []);
  });
  const storePath = path.join(dir, 'x.sqlite');
  const writer = openStoreWriter({
    ...{ path: storePath, retention: RETENTION, logger: silentLogger, clock: systemClock },
  });
  undo.push(() => writer.close());
  const noted: number[] = [];
  const collector = new Collector(
    {
      ...{ cluster: 'test', demo: false, clearHistory: false, storePath, retention: RETENTION },
      ...{ transport: { url }, backend: { url: null, port: null }, redactKeys: [], queues: [] },
      ...{ inspectIntervalMs: 200, inspectTimeoutMs: 500, offlineAfterMs: 30_000 },
      ...{ enableEvents: false, logLevel: 'silent', lostAfterMs: 1000 },
    },
    { transport: await open(), backend: null, writer },
    { clock: systemClock, logger: silentLogger, onCommit: (notice) => noted.push(notice.at) },
  );
  undo.push(() => collector.stop());
  await collector.start();
  await expect.poll(() => collector.status().brokerNotice).toMatch(/priority_steps 0,2,4/);

  const tell = async (type: string, fields: object) => {
    const sender = { hostname: 'gone@h', pid: 7, clock: null, utcoffset: 0 };
    const event = { ...sender, timestamp: Date.now() / 1000, ...fields, type };
    const { routingKey, body, ...rest } = encodeSingleEvent(event);
    await worker.publishEvent({ ...rest, properties: {}, body: Buffer.from(body) }, routingKey);
  };
  await tell('task-received', { uuid: 'a', name: 't' });
  await tell('worker-offline', {});
  const state = () => collector.fold.tasks.byId.get('a')?.record.state ?? null;
  await expect.poll(state).toBe('received');
  const before = noted.length;
  await expect.poll(() => noted.length).toBeGreaterThan(before + 5);
  expect(state()).toBe('received');

  steps = [0, 3, 6, 9];
  await collector.inspectNow(['alive@h']);
  await expect.poll(() => writer.loadTask('a')?.state).toBe('lost');
});
