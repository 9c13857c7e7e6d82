// Opens one connection to Redis with ioredis and checks that it is usable: credentials, no cluster, no sentinel taken for
// a server. It never reconnects by itself: that is the supervisor's. Failover lists are tried in order.
import type { Redis, RedisOptions as AnyRedisOptions } from 'ioredis';
import { AppError, errorText } from '../../core/errors.ts';
import type { Credentials, RedisAddress, RedisServer } from '../broker-url.ts';
import { toTlsOptions } from '../tls-options.ts';
import { CLUSTER_REFUSAL, toRedisError } from './redis-errors.ts';

type RedisOptions = Omit<AnyRedisOptions, 'replyMapping'>;

export type OpenRedisOptions = {
  connectTimeoutMs: number;
  /** Null for a connection that waits in blocking commands. */
  commandTimeoutMs: number | null;
  clientName: string;
};

/** Plain data, so that it can be given to a thread. */
export type RedisTarget = { address: RedisAddress; open: OpenRedisOptions };

export async function openRedis(
  { address, open }: RedisTarget,
  onLost: (reason: string) => void,
): Promise<Redis> {
  if (address.type === 'sentinel') {
    return openOne(sentinelOptions(address), placeOf(address), open, onLost);
  }
  let failure: unknown = new AppError('bad_configuration', 'No Redis server is given');
  for (const server of address.servers) {
    try {
      return await openOne(serverOptions(server), placeOfServer(server), open, onLost);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function openOne(
  target: RedisOptions,
  place: string,
  open: OpenRedisOptions,
  onLost: (reason: string) => void,
): Promise<Redis> {
  // Loads with the first connection: threads that run tasks have none.
  const { Redis: Client } = await import('./redis-library.ts');
  const redis = new Client({
    ...target,
    protocol: 2,
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResubscribe: false,
    disableClientInfo: true,
    connectTimeout: open.connectTimeoutMs,
    connectionName: open.clientName.replaceAll(/[^\x21-\x7e]/g, '-'),
    ...(open.commandTimeoutMs === null ? {} : { commandTimeout: open.commandTimeoutMs }),
  });
  let lastError: unknown = null;
  redis.on('error', (error: unknown) => {
    lastError = error;
  });
  try {
    await inTime(connectAndCheck(redis), open.connectTimeoutMs, place);
  } catch (error) {
    redis.disconnect();
    const isVague = /connection is closed/i.test(errorText(error));
    throw toRedisError(isVague ? (lastError ?? error) : error, place);
  }
  redis.once('end', () => {
    const why = lastError === null ? 'the connection was closed' : errorText(lastError);
    onLost(`Redis at ${place}: ${why}`);
  });
  if (redis.status === 'end') throw new AppError('broker_unreachable', `${place} closed at once`);
  return redis;
}

async function connectAndCheck(redis: Redis): Promise<void> {
  await redis.connect();
  await redis.ping();
  const info = await redis.info('server').catch(() => '');
  if (/redis_mode:cluster/.test(info)) throw new AppError('bad_configuration', CLUSTER_REFUSAL);
  if (/redis_mode:sentinel/.test(info)) {
    throw new AppError(
      'bad_configuration',
      'This is a Redis Sentinel: write the address as sentinel://host:26379/0 and give the name of the master',
    );
  }
}

async function inTime(work: Promise<void>, timeoutMs: number, place: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `Redis at ${place} accepted the connection but did not answer in ${timeoutMs} ms`;
    timer = setTimeout(() => reject(new AppError('timeout', message)), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

function serverOptions(server: RedisServer): RedisOptions {
  return { ...login(server), ...server.endpoint, db: server.db, ...tlsOf(server.tls) };
}

function sentinelOptions(address: RedisAddress & { type: 'sentinel' }): RedisOptions {
  if (address.master === null) {
    throw new AppError(
      'bad_configuration',
      'sentinel:// needs the name of the master: add ?master_name=… to the address, or set sentinelMaster',
    );
  }
  const tls = tlsOf(address.tls);
  return {
    ...login(address),
    sentinels: address.sentinels,
    name: address.master,
    ...sentinelLogin(address.sentinelLogin),
    db: address.db,
    sentinelRetryStrategy: () => null,
    ...tls,
    ...('tls' in tls ? { sentinelTLS: tls.tls, enableTLSForSentinelMode: true } : {}),
  };
}

function login(from: { username: string | null; password: string | null }): RedisOptions {
  return {
    ...(from.username === null ? {} : { username: from.username }),
    ...(from.password === null ? {} : { password: from.password }),
  };
}

function sentinelLogin({ username, password }: Credentials): RedisOptions {
  return {
    ...(username === null ? {} : { sentinelUsername: username }),
    ...(password === null ? {} : { sentinelPassword: password }),
  };
}

function tlsOf(tls: RedisServer['tls']): Pick<RedisOptions, 'tls'> {
  return tls === null ? {} : { tls: toTlsOptions(tls) };
}

export function placeOf(address: RedisAddress): string {
  if (address.type === 'redis') return address.servers.map(placeOfServer).join(', ');
  const hosts = address.sentinels.map(({ host, port }) => `${host}:${port}`).join(', ');
  return `${address.master ?? 'the master'} of the sentinels ${hosts}`;
}

function placeOfServer({ endpoint }: RedisServer): string {
  return 'path' in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
}

export function databaseOf(address: RedisAddress): number {
  return address.type === 'redis' ? (address.servers[0]?.db ?? 0) : address.db;
}
