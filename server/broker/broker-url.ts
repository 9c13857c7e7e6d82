// Reads broker addresses as kombu writes them: credentials percent-encoded, failover lists with `;`, virtual hosts,
// sentinels, and TLS settings in the query (protocol notes on URLs and options). Opens nothing and reads no file.
import { AppError } from '../core/errors.ts';
import { redactBrokenUrl, redactUrl } from '../core/redact.ts';

export type TlsSettings = {
  rejectUnauthorized: boolean;
  checkHostname: boolean;
  caFile: string | null;
  certFile: string | null;
  keyFile: string | null;
};

export type Credentials = { username: string | null; password: string | null };

export type RedisServer = Credentials & {
  endpoint: { host: string; port: number } | { path: string };
  db: number;
  tls: TlsSettings | null;
};

export type RedisAddress =
  | { type: 'redis'; servers: RedisServer[] }
  | (Credentials & {
      type: 'sentinel';
      sentinels: { host: string; port: number }[];
      /** Of the sentinels themselves; those of the address are of the server. */
      sentinelLogin: Credentials;
      master: string | null;
      db: number;
      tls: TlsSettings | null;
    });

export type AmqpServer = {
  host: string;
  port: number;
  username: string;
  password: string;
  vhost: string;
  heartbeatSeconds: number | null;
  tls: TlsSettings | null;
};

export type BrokerAddress =
  RedisAddress | { type: 'amqp'; servers: AmqpServer[] } | { type: 'memory' };

type UrlParts = Credentials & {
  scheme: string;
  host: string;
  port: number | null;
  path: string;
  query: URLSearchParams;
};

const SUPPORTED =
  'Supported are Redis (redis://, rediss://, redis+socket://, sentinel://), RabbitMQ (amqp://, amqps://, pyamqp://) and the embedded broker (memory://)';

/** Throws AppError bad_configuration, with a sentence that says what would be right. */
export function parseBrokerUrl(url: string): BrokerAddress {
  const all = url
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => splitUrl(part.trim()));
  const [first] = all;
  if (first === undefined) throw bad(`The broker URL is empty. ${SUPPORTED}`);
  switch (first.scheme) {
    case 'memory':
      return { type: 'memory' };
    case 'redis':
    case 'rediss':
    case 'redis+socket':
      return { type: 'redis', servers: all.map(toRedisServer) };
    case 'sentinel':
      return toSentinel(first, all);
    case 'amqp':
    case 'amqps':
    case 'pyamqp':
      return { type: 'amqp', servers: all.map(toAmqpServer) };
    default:
      throw bad(`Umbel cannot use a broker of the kind "${first.scheme}". ${SUPPORTED}`);
  }
}

function splitUrl(url: string): UrlParts {
  const match = /^([a-z][\w+.-]*):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/is.exec(url);
  if (match === null) {
    throw bad(`"${redactBrokenUrl(url)}" is not a URL: it should look like redis://host:6379/0`);
  }
  const [, scheme = '', authority = '', path = '', query = ''] = match;
  const at = authority.lastIndexOf('@');
  const login = at === -1 ? '' : authority.slice(0, at);
  const colon = login.indexOf(':');
  const username = colon === -1 ? login : login.slice(0, colon);
  const password = colon === -1 ? '' : login.slice(colon + 1);
  const place = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1));
  if (place === null)
    throw bad(
      `The host in "${redactBrokenUrl(url)}" cannot be read. In a user name or password, write / as %2F, # as %23, ? as %3F, : as %3A and @ as %40`,
    );
  const port = place[2] === undefined || place[2] === '' ? null : Number(place[2]);
  if (port !== null && (port < 1 || port > 65_535)) {
    throw bad(`The port in "${redactUrl(url)}" is not between 1 and 65535`);
  }
  return {
    scheme: scheme.toLowerCase(),
    username: username === '' ? null : decodePart(username),
    password: password === '' ? null : decodePart(password),
    host: (place[1] ?? '').replace(/^\[|\]$/g, ''),
    port,
    path,
    query: new URLSearchParams(query),
  };
}

function toRedisServer(parts: UrlParts): RedisServer {
  const { scheme, username, password, query } = parts;
  const login = { username, password, tls: scheme === 'rediss' ? toTls(query) : null };
  if (scheme === 'redis+socket') {
    if (parts.path === '')
      throw bad('redis+socket:// needs a path: redis+socket:///run/redis.sock');
    const path = decodePart(parts.path);
    return { ...login, endpoint: { path }, db: toDb(query.get('virtual_host') ?? '0') };
  }
  if (scheme !== 'redis' && scheme !== 'rediss') {
    throw bad(`A failover list cannot mix redis:// with ${scheme}://`);
  }
  return {
    ...login,
    endpoint: { host: hostOf(parts), port: parts.port ?? 6379 },
    db: toDb(parts.path.replace(/^\//, '') || (query.get('virtual_host') ?? '0')),
  };
}

function toSentinel(first: UrlParts, all: UrlParts[]): RedisAddress {
  for (const { scheme } of all) {
    if (scheme !== 'sentinel') throw bad(`A list of sentinels cannot contain ${scheme}://`);
  }
  const withLogin = all.find((parts) => parts.password !== null) ?? first;
  const queries = all.map((parts) => parts.query);
  const option = (name: string) => queries.find((query) => query.has(name))?.get(name) ?? null;
  const usesTls = queries.some((query) => [...query.keys()].some((key) => key.startsWith('ssl')));
  const db = all.map((parts) => parts.path.replace(/^\//, '')).find((path) => path !== '');
  return {
    type: 'sentinel',
    sentinels: all.map((parts) => ({ host: hostOf(parts), port: parts.port ?? 26_379 })),
    sentinelLogin: {
      username: option('sentinel_username'),
      password: option('sentinel_password'),
    },
    master: option('master_name'),
    username: withLogin.username,
    password: withLogin.password,
    db: toDb(db ?? '0'),
    tls: usesTls ? toTls(first.query) : null,
  };
}

function toAmqpServer(parts: UrlParts): AmqpServer {
  const { scheme, query } = parts;
  if (!['amqp', 'amqps', 'pyamqp'].includes(scheme)) {
    throw bad(`A failover list cannot mix amqp:// with ${scheme}://`);
  }
  const usesTls = scheme === 'amqps' || ['1', 'true'].includes(query.get('ssl') ?? '');
  const heartbeat = Number(query.get('heartbeat') ?? Number.NaN);
  return {
    host: hostOf(parts),
    port: parts.port ?? (usesTls ? 5671 : 5672),
    username: parts.username ?? 'guest',
    password: parts.password ?? (parts.username === null ? 'guest' : ''),
    vhost: decodePart(parts.path.replace(/^\//, '')) || '/',
    heartbeatSeconds: Number.isFinite(heartbeat) ? heartbeat : null,
    tls: usesTls ? toTls(query) : null,
  };
}

const NO_VERIFICATION: ReadonlySet<string> = new Set(['none', 'cert_none']);
const VERIFICATION: ReadonlySet<string> = new Set([
  ...['required', 'cert_required', 'optional', 'cert_optional', ''],
]);

/** The `ssl_…` options of an address. */
export function toTls(query: URLSearchParams): TlsSettings {
  const reqs = (query.get('ssl_cert_reqs') ?? '').toLowerCase();
  if (!NO_VERIFICATION.has(reqs) && !VERIFICATION.has(reqs)) {
    throw bad(`ssl_cert_reqs=${reqs} is not one of required, optional, none`);
  }
  const rejectUnauthorized = !NO_VERIFICATION.has(reqs);
  const checkHostname = (query.get('ssl_check_hostname') ?? 'true').toLowerCase();
  return {
    rejectUnauthorized,
    checkHostname: rejectUnauthorized && !['false', '0', 'no'].includes(checkHostname),
    caFile: query.get('ssl_ca_certs'),
    certFile: query.get('ssl_certfile'),
    keyFile: query.get('ssl_keyfile'),
  };
}

function toDb(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw bad(`"${text}" is not the number of a Redis database`);
  return Number(text);
}

function hostOf(parts: UrlParts): string {
  return parts.host === '' ? 'localhost' : parts.host;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('The broker URL contains a % that is not followed by two hexadecimal digits');
  }
}

function bad(message: string): AppError {
  return new AppError('bad_configuration', message);
}
