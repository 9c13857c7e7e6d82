// Chooses the result backend for an address. Opens nothing: `connect` of the backend does.
import { AppError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { parseBrokerUrl } from '../broker/broker-url.ts';
import { neededPathOf } from '../broker/memory/socket-path.ts';
import type { BackendOptions } from './backend-options.ts';
import { DatabaseBackend } from './database-backend.ts';
import { MemoryBackend } from './memory-backend.ts';
import { RedisBackend } from './redis-backend.ts';
import type { ChordBackend, ResultBackend } from './result-backend.ts';
import { RpcBackend } from './rpc-backend.ts';

const SUPPORTED =
  'Supported are redis://, rediss://, redis+socket://, sentinel://, db+sqlite:///path and db+postgresql://';

/** Throws AppError bad_configuration when the address cannot be used. */
export function createBackend(url: string, options: BackendOptions = {}): ResultBackend {
  const scheme = /^([a-z][\w+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
  if (scheme === 'rpc') {
    return new RpcBackend(options.rpc ?? null, options.resultExpiresMs, options.serializer);
  }
  if (/^db\+(sqlite|postgresql)(\+\w+)?$/.test(scheme)) return new DatabaseBackend(url, options);
  if (scheme === 'memory') {
    const { port } = options;
    return new MemoryBackend(port === undefined ? { path: neededPathOf(url) } : { port }, options);
  }
  if (['redis', 'rediss', 'redis+socket', 'sentinel'].includes(scheme)) {
    const address = parseBrokerUrl(url);
    if (address.type === 'redis' || address.type === 'sentinel') {
      return new RedisBackend(address, url, options);
    }
  }
  const shown = scheme === '' ? redactUrl(url) : scheme;
  throw new AppError(
    'bad_configuration',
    `Umbel cannot read a result backend of the kind "${shown}". ${SUPPORTED}`,
  );
}

/** Whether a backend counts chords itself. */
export function isChordBackend(backend: ResultBackend): backend is ResultBackend & ChordBackend {
  return 'chordMemberDone' in backend && 'setChordSize' in backend;
}
