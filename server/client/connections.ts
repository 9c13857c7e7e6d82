// From settings to the connections of an app. Opens nothing: `connect` does.
import { createBackend } from '../backend/create-backend.ts';
import { PATIENCE_MS } from '../backend/insist.ts';
import type { ResultBackend } from '../backend/result-backend.ts';
import { createTransport } from '../broker/connect.ts';
import type { Transport, TransportOptions } from '../broker/transport.ts';
import type { AppConfig } from './config.ts';

/** Throws AppError bad_configuration when the URL cannot be used. */
export function openTransport(conf: AppConfig): Transport {
  const given = conf.brokerTransportOptions;
  const options: TransportOptions = {
    url: conf.brokerUrl,
    connectTimeoutMs: conf.brokerConnectionTimeoutMs,
    eventExchange: conf.eventExchange,
    controlExchange: conf.controlExchange,
  };
  const set = <K extends keyof TransportOptions>(key: K, value: TransportOptions[K] | null) => {
    if (value !== null) options[key] = value;
  };
  set('keyPrefix', text(given['global_keyprefix']));
  set('separator', text(given['sep']));
  set('sentinelMaster', text(given['master_name']));
  set('fanoutPrefix', text(given['fanout_prefix']) ?? flag(given['fanout_prefix']));
  set('fanoutPatterns', flag(given['fanout_patterns']));
  set('prioritySteps', numbers(given['priority_steps']));
  const visibility = given['visibility_timeout'];
  set('visibilityTimeoutMs', typeof visibility === 'number' ? visibility * 1000 : null);
  return createTransport(options);
}

/** Null without a result backend. Throws AppError bad_configuration when the URL cannot be used. */
export function openBackend(
  conf: AppConfig,
  replyTo: string,
  transport: () => Transport,
): ResultBackend | null {
  const { resultBackend: url, resultBackendTransportOptions: given } = conf;
  if (url === null) return null;
  const keyPrefix = text(given['global_keyprefix']);
  const sentinelMaster = text(given['master_name']);
  return createBackend(url, {
    resultExpiresMs: resultLifeMs(conf),
    tables: conf.databaseTableNames,
    isWritable: true,
    patienceMs: PATIENCE_MS,
    serializer: conf.resultSerializer,
    rpc: { replyTo, transport, isPersistent: conf.resultPersistent, patienceMs: PATIENCE_MS },
    ...(keyPrefix === null ? {} : { keyPrefix }),
    ...(sentinelMaster === null ? {} : { sentinelMaster }),
  });
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function flag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

function numbers(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter((one): one is number => typeof one === 'number');
}

/** How long results are kept; null, and 0 in Celery's settings, is for ever. */
export function resultLifeMs({ resultExpiresMs }: AppConfig): number | null {
  return resultExpiresMs === 0 ? null : resultExpiresMs;
}
