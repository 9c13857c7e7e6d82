import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeCertificate, type Certificate } from '../../../e2e/fixtures/servers/certificate.ts';
import { freePort } from '../../../e2e/fixtures/servers/free-port.ts';
import { startRabbitmq, type RabbitmqServer } from '../../../e2e/fixtures/servers/rabbitmq.ts';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { createTransport } from '../connect.ts';
import { eventMessage, recordingSink, taskMessage } from '../transport.contract.ts';
import type { Delivery, Transport } from '../transport.ts';

const managementUrl = 'http://127.0.0.1:1/api/';
const ping = { method: 'ping', arguments: {}, destination: null };
const opened: Transport[] = [];
let server: RabbitmqServer;
let certificate: Certificate;
let directory: string;
let tlsPort: number;

beforeAll(async () => {
  directory = makeTempDir('amqps');
  certificate = makeCertificate(directory);
  tlsPort = await freePort();
  server = await startRabbitmq({
    config: [
      `listeners.ssl.local = 127.0.0.1:${String(tlsPort)}`,
      `ssl_options.cacertfile = ${certificate.caFile}`,
      `ssl_options.certfile = ${certificate.certFile}`,
      `ssl_options.keyfile = ${certificate.keyFile}`,
    ],
  });
}, 120_000);

afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
});

afterAll(async () => {
  await server.stop();
  removeTempDir(directory);
});

async function open(url = server.url): Promise<Transport> {
  const transport = createTransport({ url, managementUrl });
  opened.push(transport);
  await transport.connect();
  return transport;
}

async function works(transport: Transport, sink: ReturnType<typeof recordingSink>, text: string) {
  await transport.publishEvent(eventMessage(text), 'task.x');
  await expect.poll(() => sink.events.at(-1)?.body, { timeout: 5000 }).toBe(text);
}

it('comes back after the broker was restarted, with consumers, mailboxes and a gap', async () => {
  const transport = await open();
  await transport.declareQueue('restarted');
  const recording = recordingSink();
  await transport.subscribeEvents(recording.sink);
  const deliveries: Delivery[] = [];
  await transport.consume(['restarted'], { prefetch: 5 }, (one) => deliveries.push(one));
  await transport.serveControl('w@h', (one) => void one.reply({ ok: 'pong' }));
  await transport.publish(taskMessage('a'), { exchange: '', routingKey: 'restarted' });
  await expect.poll(() => deliveries.length).toBe(1);
  const states: string[] = [];
  transport.onStatus(({ state }) => states.push(state));

  await server.down();
  await expect.poll(() => transport.status().state).toBe('reconnecting');
  expect(transport.status().reason).toMatch(/RabbitMQ at 127\.0\.0\.1/);
  expect(transport.status().nextAttemptAt).toBeGreaterThan(0);
  const down = transport.publish(taskMessage('down'), { exchange: '', routingKey: 'restarted' });
  await expect(down).rejects.toMatchObject({ code: 'broker_unreachable' });
  await expect(deliveries[0]!.ack()).resolves.toBe(false);
  await server.up();

  await expect.poll(() => transport.status().state, { timeout: 10_000 }).toBe('connected');
  expect(states.at(-1)).toBe('connected');
  await expect.poll(() => recording.gaps.length, { timeout: 5000 }).toBe(1);
  expect(recording.gaps[0]).toMatchObject({ cause: 'disconnected', lostCount: null });
  expect(recording.gaps[0]!.endedAt).toBeGreaterThan(recording.gaps[0]!.startedAt);
  await works(transport, recording, '{"type": "after"}');
  await expect.poll(() => deliveries.length, { timeout: 5000 }).toBe(2);
  expect(deliveries[1]!.message.properties.redelivered).toBe(true);
  await expect(deliveries[1]!.ack()).resolves.toBe(true);
  await expect(transport.gather(ping, { timeoutMs: 5000, expected: 1 })).resolves.toEqual([
    { hostname: 'w@h', value: { ok: 'pong' } },
  ]);
}, 90_000);

it('opens a channel again that RabbitMQ closed, and stays connected', async () => {
  for (const name of ['consumer_timeout', 'channel_tick_interval']) {
    await server.ctl('eval', `application:set_env(rabbit, ${name}, 1000).`);
  }
  const transport = await open();
  await transport.declareQueue('slow');
  await transport.publish(taskMessage('kept-too-long'), { exchange: '', routingKey: 'slow' });
  const deliveries: Delivery[] = [];
  const consumer = await transport.consume(['slow'], { prefetch: 1 }, (one) =>
    deliveries.push(one),
  );
  const states: string[] = [];
  transport.onStatus(({ state }) => states.push(state));
  await expect.poll(() => deliveries.length, { timeout: 30_000 }).toBeGreaterThan(1);
  await expect(deliveries[0]!.ack()).resolves.toBe(false);
  await expect.poll(() => deliveries.at(-1)!.ack()).toBe(true);
  await consumer.close();
  await server.ctl('eval', 'application:unset_env(rabbit, consumer_timeout).');
  expect(states).toEqual([]);
}, 60_000);

it('begins anew when queues are deleted under it, and reports the gap in events', async () => {
  const transport = await open();
  const recording = recordingSink();
  await transport.subscribeEvents(recording.sink);
  await transport.declareQueue('deleted');
  const deliveries: Delivery[] = [];
  await transport.consume(['deleted'], { prefetch: 1 }, (one) => deliveries.push(one));
  await server.ctl(
    'eval',
    '[rabbit_amqqueue:delete(Q, false, false, <<"test">>) || Q <- rabbit_amqqueue:list(), ' +
      'begin {resource, _, _, Name} = amqqueue:get_name(Q), ' +
      'binary:match(Name, [<<"celeryev.">>, <<"deleted">>]) =/= nomatch end].',
  );
  await expect.poll(() => recording.gaps.length, { timeout: 10_000 }).toBe(1);
  expect(recording.gaps[0]!.detail).toContain('deleted the queue');
  await works(transport, recording, '{"type": "again"}');
  await transport.declareQueue('deleted');
  await transport.publish(taskMessage('new'), { exchange: '', routingKey: 'deleted' });
  await expect.poll(() => deliveries.length, { timeout: 10_000 }).toBe(1);
  expect(transport.status().state).toBe('connected');
}, 60_000);

it('speaks TLS with the files named in the address', async () => {
  const address = `amqps://guest:guest@127.0.0.1:${String(tlsPort)}//`;
  const trusted = await open(`${address}?ssl_ca_certs=${certificate.caFile}`);
  await trusted.declareQueue('tls');
  expect((await trusted.measureQueues(['tls']))[0]).toMatchObject({ exists: true, ready: 0 });
  const unverified = await open(`${address}?ssl_cert_reqs=none`);
  expect(unverified.status().state).toBe('connected');
  for (const [url, code] of [
    [address, 'broker_unreachable'],
    [`${address}?ssl_ca_certs=${join(directory, 'nowhere.pem')}`, 'bad_configuration'],
  ] as const) {
    const strict = createTransport({ url });
    opened.push(strict);
    await expect(strict.connect()).rejects.toMatchObject({ code });
  }
});

it('notices a server that falls silent, by its heartbeat', async () => {
  const transport = await open(`${server.url}?heartbeat=1`);
  const recording = recordingSink();
  await transport.subscribeEvents(recording.sink);
  const pid = Number((await server.ctl('eval', 'list_to_integer(os:getpid()).')).trim());
  process.kill(pid, 'SIGSTOP');
  try {
    await expect.poll(() => transport.status().state, { timeout: 15_000 }).toBe('reconnecting');
    expect(transport.status().reason).toMatch(/heartbeat/i);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect.poll(() => transport.status().state, { timeout: 15_000 }).toBe('connected');
  await expect.poll(() => recording.gaps.length, { timeout: 5000 }).toBe(1);
  await works(transport, recording, '{"type": "awake"}');
}, 60_000);
