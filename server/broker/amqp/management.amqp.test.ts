import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import amqp from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freshVhost, type FreshVhost } from '../../../e2e/fixtures/isolated.ts';
import { makeCertificate, type Certificate } from '../../../e2e/fixtures/servers/certificate.ts';
import { startRabbitmq, type RabbitmqServer } from '../../../e2e/fixtures/servers/rabbitmq.ts';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { createTransport } from '../connect.ts';
import { taskMessage } from '../transport.contract.ts';
import type { Transport } from '../transport.ts';

/** What the management API counts is a few seconds old. */
const POLL = { timeout: 20_000 };
const MANY = 620;

async function declareMany(url: string, count: number): Promise<void> {
  const model = await amqp.connect(url);
  const channel = await model.createConfirmChannel();
  const names = Array.from({ length: count }, (_, n) => `q${String(n).padStart(4, '0')}`);
  await Promise.all(names.map((name) => channel.assertQueue(name)));
  channel.sendToQueue(names.at(-1) ?? '', Buffer.from('{}'));
  await channel.waitForConfirms();
  await model.close();
}

async function using<T>(
  options: { url: string; managementUrl?: string },
  work: (transport: Transport) => Promise<T>,
): Promise<T> {
  const transport = createTransport(options);
  await transport.connect();
  try {
    return await work(transport);
  } finally {
    await transport.close();
  }
}

describe('QU6 the management API of RabbitMQ', () => {
  let vhost: FreshVhost;
  beforeAll(async () => {
    vhost = await freshVhost();
  });
  afterAll(() => vhost.remove());

  it('is read page by page until every queue is there', async () => {
    const { url, managementUrl } = vhost;
    await declareMany(url, MANY);
    await using({ url, managementUrl }, async (transport) => {
      const { queues, complete, reason } = await transport.listQueues();
      expect([queues.length, complete, reason]).toEqual([MANY, true, null]);
      expect(new Set(queues.map(({ name }) => name)).size).toBe(MANY);
      const names = queues.map(({ name }) => name);
      const measured = await transport.measureQueues(names);
      expect(measured.filter(({ exists }) => exists === true)).toHaveLength(MANY);
      const last = names.filter((name) => name === `q0${MANY - 1}`);
      const ready = async () => (await transport.measureQueues(last))[0]?.ready;
      await expect.poll(ready, POLL).toBe(1);
      const inFlight = async () => (await transport.measureQueues([names[600] ?? '']))[0]?.inFlight;
      await expect.poll(inFlight, POLL).toBe(0);
    });
  });

  it.each([
    ['a wrong password', 'guest:wrong-secret', /HTTP 401 \S+.*--management-url a user/],
    ['an unknown user', 'nobody:wrong-secret', /HTTP 401 \S+.*--management-url a user/],
  ])('says that it refuses %s, and counts by passive declares', async (_name, login, words) => {
    const { url } = vhost;
    const managementUrl = vhost.managementUrl.replace('guest:guest', login);
    await using({ url, managementUrl }, async (transport) => {
      await transport.declareQueue('own');
      await transport.publish(taskMessage('a'), { exchange: '', routingKey: 'own' });
      const listing = await transport.listQueues();
      expect(listing).toMatchObject({ queues: [], complete: false });
      expect(listing.reason).toMatch(words);
      expect(listing.reason).not.toContain('wrong-secret');
      const [measure] = await transport.measureQueues(['own']);
      expect(measure).toMatchObject({ ready: 1, consumers: 0, inFlight: null });
      expect(measure?.reason).toMatch(words);
      await transport.purge('own');
    });
  });
});

describe('QU6 who counts', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** The address of a RabbitMQ by a way on which everything that is sent there is kept. */
  async function tapped(url: string): Promise<{ url: string; sent: Buffer[] }> {
    const to = new URL(url);
    const [port, host] = [Number(to.port), to.hostname];
    const sent: Buffer[] = [];
    const tap = createServer((client) => {
      const server = connect(port, host);
      client.on('data', (chunk: Buffer) => sent.push(chunk));
      client.pipe(server).pipe(client);
      for (const one of [client, server]) one.on('error', () => undefined);
    });
    tap.listen(0, '127.0.0.1');
    await once(tap, 'listening');
    undo.push(() => tap.close());
    to.port = String((tap.address() as AddressInfo).port);
    to.hostname = '127.0.0.1';
    return { url: to.href, sent };
  }

  it('passive declares, which are exact; of many queues the management API alone while it answers', async () => {
    const vhost = await freshVhost();
    undo.push(() => vhost.remove());
    const { url, sent } = await tapped(vhost.url);
    const { managementUrl } = vhost;
    const names = Array.from({ length: 101 }, (_, n) => `room${String(n).padStart(3, '0')}`);
    const asked = () => {
      const bytes = Buffer.concat(sent);
      return names.filter((name) => bytes.includes(name)).length;
    };
    const one = { exists: true, ready: 1, consumers: 0 };
    await using({ url, managementUrl }, async (transport) => {
      await Promise.all(names.map((name) => transport.declareQueue(name)));
      await transport.publish(taskMessage('a'), { exchange: '', routingKey: 'room007' });
      // At once, and not when the management API has counted.
      const few = await transport.measureQueues(['room007', 'nowhere']);
      expect(few).toMatchObject([one, { exists: false, ready: null, consumers: null }]);
      const measure = async () => (await transport.measureQueues(names))[7];
      await expect.poll(measure, POLL).toMatchObject({ ...one, inFlight: 0, reason: null });
      const isQuiet = async () => {
        sent.length = 0;
        await transport.measureQueues(names);
        return asked();
      };
      await expect.poll(isQuiet, POLL).toBe(0);
    });
    sent.length = 0;
    await using({ url, managementUrl: 'http://127.0.0.1:1/api/' }, async (transport) => {
      expect((await transport.measureQueues(names))[7]).toMatchObject({ ...one, inFlight: null });
      expect(asked()).toBe(names.length);
    });
  });
});

describe('QU6 a RabbitMQ at the usual ports', () => {
  // An address of its own, so that the usual ports are free.
  const address = `127.${randomInt(2, 250)}.${randomInt(250)}.${randomInt(2, 250)}`;
  const directory = makeTempDir('management');
  let server: RabbitmqServer;
  let certificate: Certificate;

  beforeAll(async () => {
    certificate = makeCertificate(directory);
    server = await startRabbitmq({
      config: [
        `listeners.tcp.usual = ${address}:5672`,
        `listeners.ssl.usual = ${address}:5671`,
        `ssl_options.cacertfile = ${certificate.caFile}`,
        `ssl_options.certfile = ${certificate.certFile}`,
        `ssl_options.keyfile = ${certificate.keyFile}`,
        `management.tcp.ip = ${address}`,
        'management.tcp.port = 15672',
        `management.ssl.ip = ${address}`,
        'management.ssl.port = 15671',
        `management.ssl.cacertfile = ${certificate.caFile}`,
        `management.ssl.certfile = ${certificate.certFile}`,
        `management.ssl.keyfile = ${certificate.keyFile}`,
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
    removeTempDir(directory);
  });

  const list = (url: string, managementUrl?: string) =>
    using({ url, ...(managementUrl === undefined ? {} : { managementUrl }) }, (transport) =>
      transport.listQueues(),
    );

  it('says that the plugin is off and what to do, and counts what it is asked for', async () => {
    await using({ url: `amqp://${address}//` }, async (transport) => {
      await transport.declareQueue('own');
      await transport.publish(taskMessage('a'), { exchange: '', routingKey: 'own' });
      const listing = await transport.listQueues();
      expect(listing).toMatchObject({ queues: [], complete: false });
      expect(listing.reason).toMatch(
        /15672\S+ .*ECONNREFUSED.*15671\S+ .*ECONNREFUSED.*Enable the plugin rabbitmq_management/,
      );
      const [measure] = await transport.measureQueues(['own']);
      expect(measure).toMatchObject({ exists: true, ready: 1, consumers: 0, inFlight: null });
    });
  });

  describe('with the plugin', () => {
    beforeAll(() => server.enablePlugin('rabbitmq_management'));

    it('is found by itself', async () => {
      const listing = await list(`amqp://${address}//`);
      expect(listing).toMatchObject({ complete: true, reason: null });
      expect(listing.queues.map(({ name }) => name)).toEqual(['own']);
    });

    it('is asked by TLS where the broker is, with its authority', async () => {
      const tls = `ssl_ca_certs=${certificate.caFile}&ssl_check_hostname=false`;
      const listing = await list(`amqps://${address}//?${tls}`);
      expect(listing).toMatchObject({ complete: true, reason: null });
    });

    it('is not trusted with a certificate of nobody known, unless the address says so', async () => {
      const secure = `https://guest:guest@${address}:15671`;
      const listing = await list(`amqp://${address}//`, secure);
      expect(listing).toMatchObject({ queues: [], complete: false });
      expect(listing.reason).toMatch(/certificate/);
      expect(await list(`amqp://${address}//`, `${secure}?ssl_cert_reqs=none`)).toMatchObject({
        complete: true,
      });
    });

    it('is not trusted with the certificate of another host', async () => {
      const authority = `ssl_ca_certs=${certificate.caFile}`;
      const secure = `https://guest:guest@${address}:15671?${authority}`;
      const listing = await list(`amqp://${address}//`, secure);
      expect(listing.complete).toBe(false);
      expect(listing.reason).toMatch(/altnames/);
    });
  });
});
