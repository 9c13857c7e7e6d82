import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensurePython } from '../../e2e/fixtures/celery/python.ts';
import { startWorker, type WorkerOptions } from '../../e2e/fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../../e2e/fixtures/isolated.ts';
import { createBackend } from '../backend/create-backend.ts';
import { createTransport } from './connect.ts';
import { recordingSink, taskMessage } from './transport.contract.ts';
import type { Transport } from './transport.ts';

const undo: (() => unknown)[] = [];

beforeAll(async () => {
  await ensurePython();
}, 300_000);

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function open(url: string, more: { visibilityTimeoutMs?: number } = {}): Promise<Transport> {
  const transport = createTransport({ url, managementUrl: 'http://127.0.0.1:1/api/', ...more });
  undo.push(() => transport.close());
  await transport.connect();
  return transport;
}

async function work(options: WorkerOptions) {
  const worker = await startWorker(options);
  undo.push(() => worker.kill());
  await worker.ready;
  return worker;
}

const at = (routingKey: string) => ({ exchange: '', routingKey });

describe.each(['amqp', 'redis'] as const)('a Python worker on %s', (kind) => {
  it('sends its events, answers control, and runs what is published here', async () => {
    const results = await freshRedisUrl();
    let url = await freshRedisUrl();
    if (kind === 'amqp') {
      const vhost = await freshVhost();
      undo.push(() => vhost.remove());
      url = vhost.url;
    }
    const transport = await open(url);
    const recording = recordingSink();
    await transport.subscribeEvents(recording.sink);
    const worker = await work({ app: { broker: url, backend: results }, pool: 'threads' });
    const backend = createBackend(results);
    undo.push(() => backend.close());
    await backend.connect();

    // On Redis a worker says that it is ready before it subscribes to control: the first ping may go unheard.
    const ping = async () => {
      const command = { method: 'ping', arguments: {}, destination: [worker.hostname] };
      return (await transport.gather(command, { timeoutMs: 1_000 }))[0];
    };
    await expect
      .poll(ping, { timeout: 20_000 })
      .toEqual({ hostname: worker.hostname, value: { ok: 'pong' } });
    await transport.publish(taskMessage('sum-1'), at('celery'));
    await expect(backend.wait('sum-1', 15_000)).resolves.toMatchObject({
      status: 'SUCCESS',
      result: 3,
    });
    const types = () =>
      recording.events
        .flatMap(({ body }) => [...body.matchAll(/"type": ?"([\w-]+)"/g)])
        .map((m) => m[1]);
    await expect
      .poll(types, { timeout: 10_000 })
      .toEqual(expect.arrayContaining(['worker-online', 'task-received', 'task-succeeded']));
    expect(recording.malformed).toEqual([]);
    const [measure] = await transport.measureQueues(['celery']);
    expect(measure).toMatchObject({ ready: 0, consumers: kind === 'amqp' ? 1 : null });
  }, 90_000);
});
