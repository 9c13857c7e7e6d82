// The reply to `stats`. Every pool answers with other keys and versions differ, so what is not there
// is `null`. Mirrors celery.worker.worker.WorkController.stats.

import { isPyDict, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import {
  booleanOrNull,
  dictOrEmpty,
  integerOrNull,
  listOrEmpty,
  numberOrNull,
  secondsToMs,
  textOrNull,
} from './fields.ts';

export type PoolStats = {
  /** e.g. `celery.concurrency.prefork:TaskPool`; absent before 5.3. */
  implementation: string | null;
  maxConcurrency: number | null;
  /** Process ids, as far as the pool has any. */
  processes: number[] | null;
  threadCount: number | null;
  maxTasksPerChild: number | null;
  softTimeLimitMs: number | null;
  hardTimeLimitMs: number | null;
};

export type BrokerStats = {
  transport: string | null;
  hostname: string | null;
  port: number | null;
  virtualHost: string | null;
  userid: string | null;
  ssl: boolean | null;
  heartbeatMs: number | null;
};

export type ResourceUsage = {
  userCpuMs: number | null;
  systemCpuMs: number | null;
  maxResidentBytes: number | null;
  voluntarySwitchCount: number | null;
  involuntarySwitchCount: number | null;
};

export type WorkerStats = {
  pid: number | null;
  clock: number | null;
  uptimeMs: number | null;
  /** Accepted tasks by name (or shadow) since the worker started. */
  totals: Record<string, number>;
  prefetchCount: number | null;
  pool: PoolStats;
  broker: BrokerStats;
  rusage: ResourceUsage | null;
  autoscaler: { max: number | null; min: number | null; current: number | null } | null;
  /** The whole reply, for what this type does not name. */
  raw: PyDict;
};

export function decodeStats(value: PyValue): Decoded<WorkerStats> {
  if (!isPyDict(value)) return undecodable('unexpected_reply', 'stats is an object');
  if (typeof value['error'] === 'string') return undecodable('command_failed', value['error']);
  return decoded({
    pid: integerOrNull(value['pid']),
    clock: clockOf(value['clock']),
    uptimeMs: secondsToMs(value['uptime']),
    totals: totalsOf(value['total']),
    prefetchCount: integerOrNull(value['prefetch_count']),
    pool: poolOf(dictOrEmpty(value['pool'])),
    broker: brokerOf(dictOrEmpty(value['broker'])),
    rusage: rusageOf(value['rusage']),
    autoscaler: autoscalerOf(value['autoscaler']),
    raw: value,
  });
}

/** `stats` sends the clock as text. */
function clockOf(value: PyValue | undefined): number | null {
  if (typeof value === 'string') return /^\d{1,15}$/.test(value) ? Number(value) : null;
  return integerOrNull(value);
}

function totalsOf(value: PyValue | undefined): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const [name, item] of Object.entries(dictOrEmpty(value))) {
    const count = integerOrNull(item);
    if (count !== null) setKey(totals, name, count);
  }
  return totals;
}

function poolOf(pool: PyDict): PoolStats {
  const [soft, hard] = listOrEmpty(pool['timeouts']);
  const processes = pool['processes'];
  return {
    implementation: textOrNull(pool['implementation']),
    maxConcurrency: integerOrNull(pool['max-concurrency']),
    processes: Array.isArray(processes)
      ? processes.filter((pid): pid is number => typeof pid === 'number')
      : null,
    threadCount: integerOrNull(pool['threads']),
    maxTasksPerChild: integerOrNull(pool['max-tasks-per-child']),
    softTimeLimitMs: limitMs(soft),
    hardTimeLimitMs: limitMs(hard),
  };
}

/** Zero means that there is no limit. */
function limitMs(value: PyValue | undefined): number | null {
  const ms = secondsToMs(value);
  return ms === 0 ? null : ms;
}

function brokerOf(broker: PyDict): BrokerStats {
  const ssl = broker['ssl'];
  return {
    transport: textOrNull(broker['transport']),
    hostname: textOrNull(broker['hostname']),
    port: integerOrNull(broker['port']),
    virtualHost: textOrNull(broker['virtual_host']),
    userid: textOrNull(broker['userid']),
    ssl: isPyDict(ssl) ? true : booleanOrNull(ssl),
    heartbeatMs: secondsToMs(broker['heartbeat']),
  };
}

const KIBIBYTE = 1024;

function rusageOf(value: PyValue | undefined): ResourceUsage | null {
  if (!isPyDict(value)) return null;
  const maxrss = numberOrNull(value['maxrss']);
  return {
    userCpuMs: secondsToMs(value['utime']),
    systemCpuMs: secondsToMs(value['stime']),
    maxResidentBytes: maxrss === null ? null : maxrss * KIBIBYTE,
    voluntarySwitchCount: integerOrNull(value['nvcsw']),
    involuntarySwitchCount: integerOrNull(value['nivcsw']),
  };
}

function autoscalerOf(value: PyValue | undefined): WorkerStats['autoscaler'] {
  if (!isPyDict(value)) return null;
  return {
    max: integerOrNull(value['max']),
    min: integerOrNull(value['min']),
    current: integerOrNull(value['current']),
  };
}
