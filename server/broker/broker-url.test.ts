import { describe, expect, it } from 'vitest';
import { parseBrokerUrl, type BrokerAddress } from './broker-url.ts';

function redis(url: string) {
  const address = parseBrokerUrl(url);
  if (address.type !== 'redis') throw new Error(address.type);
  return address.servers;
}

function amqp(url: string) {
  const address = parseBrokerUrl(url);
  if (address.type !== 'amqp') throw new Error(address.type);
  return address.servers[0];
}

describe('parseBrokerUrl', () => {
  it('reads Redis with defaults and with everything', () => {
    expect(redis('redis://')).toEqual([
      {
        username: null,
        password: null,
        endpoint: { host: 'localhost', port: 6379 },
        db: 0,
        tls: null,
      },
    ]);
    expect(redis('redis://us%40er:p%2Fa%23:s@[::1]:7000/3')[0]).toEqual({
      username: 'us@er',
      password: 'p/a#:s',
      endpoint: { host: '::1', port: 7000 },
      db: 3,
      tls: null,
    });
    expect(redis('redis://:secret@h?virtual_host=5')[0]).toMatchObject({
      username: null,
      password: 'secret',
      db: 5,
    });
  });

  it('reads sockets and failover lists', () => {
    expect(redis('redis+socket:///run/redis%20a.sock?virtual_host=2')[0]).toMatchObject({
      endpoint: { path: '/run/redis a.sock' },
      db: 2,
    });
    expect(redis('redis://a:1/0;redis://b:2/1').map((server) => server.endpoint)).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ]);
  });

  it('reads the TLS settings as kombu spells them', () => {
    const [strict] = redis(
      'rediss://h/0?ssl_cert_reqs=CERT_REQUIRED&ssl_ca_certs=/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem',
    );
    expect(strict?.tls).toEqual({
      rejectUnauthorized: true,
      checkHostname: true,
      caFile: '/ca.pem',
      certFile: '/c.pem',
      keyFile: '/k.pem',
    });
    expect(redis('rediss://h?ssl_cert_reqs=none')[0]?.tls).toMatchObject({
      rejectUnauthorized: false,
      checkHostname: false,
    });
    expect(redis('rediss://h?ssl_check_hostname=false')[0]?.tls).toMatchObject({
      rejectUnauthorized: true,
      checkHostname: false,
    });
    expect(() => redis('rediss://h?ssl_cert_reqs=maybe')).toThrow(/required, optional, none/);
  });

  it('reads every sentinel, the master and the credentials of the server', () => {
    const address: BrokerAddress = parseBrokerUrl(
      'sentinel://:pw@s1:26379/2;sentinel://s2;sentinel://s3:5000?master_name=mine&sentinel_password=p%26w',
    );
    expect(address).toEqual({
      type: 'sentinel',
      sentinels: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_379 },
        { host: 's3', port: 5000 },
      ],
      sentinelLogin: { username: null, password: 'p&w' },
      master: 'mine',
      username: null,
      password: 'pw',
      db: 2,
      tls: null,
    });
  });

  it('reads virtual hosts of RabbitMQ', () => {
    expect(amqp('amqp://u:p@h//')?.vhost).toBe('/');
    expect(amqp('amqp://u:p@h/%2F')?.vhost).toBe('/');
    expect(amqp('amqp://u:p@h/')?.vhost).toBe('/');
    expect(amqp('amqp://u:p@h')?.vhost).toBe('/');
    expect(amqp('pyamqp://u:p@h/my%2Fhost')?.vhost).toBe('my/host');
    expect(amqp('amqp://h//deep')?.vhost).toBe('/deep');
    expect(amqp('amqps://h/v?heartbeat=30')).toMatchObject({
      username: 'guest',
      password: 'guest',
      port: 5671,
      heartbeatSeconds: 30,
      tls: { rejectUnauthorized: true },
    });
  });

  it('says what is supported', () => {
    expect(() => parseBrokerUrl('sqs://key:secret@')).toThrow(/"sqs".*redis:\/\/.*amqp:\/\//);
    expect(() => parseBrokerUrl('')).toThrow(/empty/);
    expect(() => parseBrokerUrl('localhost:6379')).toThrow(/not a URL/);
    expect(() => parseBrokerUrl('redis://h/one')).toThrow(/"one"/);
    expect(() => parseBrokerUrl('redis://h:99999')).toThrow(/between 1 and 65535/);
    expect(() => parseBrokerUrl('redis://u:%zz@h')).toThrow(/hexadecimal/);
    expect(() => parseBrokerUrl('redis://a;amqp://b')).toThrow(/cannot mix/);
  });

  it.each(['hidden@h:x', 'hid/den@h', 'den/hid:x@h', 'hid#den/@h', 'hid,den;x@h', 'hid?den:/@h'])(
    'never shows a password, also one that should have been escaped: redis://u:%s',
    (rest) => {
      const url = `redis://u:${rest}`;
      const message = messageOf(() => parseBrokerUrl(url));
      expect(message).toMatch(/cannot be read.*%2F/s);
      expect(message).not.toMatch(/hid|den/);
    },
  );
});

function messageOf(act: () => unknown): string {
  try {
    return `read: ${JSON.stringify(act())}`;
  } catch (error) {
    return String(error);
  }
}
