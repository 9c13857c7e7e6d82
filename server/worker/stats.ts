// `stats` and `conf` of a worker. Addresses are shown without credentials.
import { pyFloat, setKey, type PyDict } from '../../lib/python/values.ts';
import { toPyValue } from '../celery/fields.ts';
import type { WorkerState } from './commands.ts';
import { settingsTable } from './report.ts';

export function workerStats(state: WorkerState): PyDict {
  const { app, consumer, pool, lamport, defaultLimits } = state;
  const total: PyDict = {};
  for (const [name, count] of consumer.totals) setKey(total, name, count);
  return {
    total,
    pid: process.pid,
    clock: String(lamport.value),
    uptime: Math.floor((app.clock.now() - state.startedAt) / 1000),
    pool: {
      implementation: `umbel.pool.${pool.kind}:TaskPool`,
      'max-concurrency': pool.size,
      ...(pool.kind === 'processes'
        ? { processes: pool.numbers }
        : { threads: pool.numbers.length }),
      'max-tasks-per-child': pool.limits.maxTasksPerChild ?? 'N/A',
      timeouts: [
        (defaultLimits.softTimeLimitMs ?? 0) / 1000,
        (defaultLimits.timeLimitMs ?? 0) / 1000,
      ],
    },
    broker: brokerStats(app.transport.kind, app.transport.displayUrl),
    prefetch_count: consumer.prefetchCount,
    ...autoscaleStats(state),
    rusage: resourceUsage(),
  };
}

function autoscaleStats({ autoscaler, consumer, pool }: WorkerState): PyDict {
  if (autoscaler === null) return {};
  const qty = consumer.list('active', 'reserved').length;
  return { autoscaler: { ...autoscaler.bounds, current: pool.size, qty } };
}

/** Some settings are always told: who watches the worker shows them. */
export function workerConf({ app, startedWithEvents }: WorkerState, withDefaults: boolean): PyDict {
  const { conf } = app;
  return {
    task_default_queue: conf.taskDefaultQueue,
    task_serializer: conf.taskSerializer,
    task_send_sent_event: conf.taskSendSentEvent,
    task_track_started: conf.taskTrackStarted,
    task_acks_late: conf.taskAcksLate,
    task_ignore_result: conf.taskIgnoreResult,
    result_extended: conf.resultExtended,
    timezone: conf.timezone,
    enable_utc: conf.enableUtc,
    worker_pool_restarts: conf.workerPoolRestarts,
    ...(toPyValue(settingsTable(app, { withDefaults })) as PyDict),
    worker_send_task_events: startedWithEvents,
  };
}

function brokerStats(kind: string, displayUrl: string): PyDict {
  const address = URL.canParse(displayUrl) ? new URL(displayUrl) : null;
  return {
    hostname: address?.hostname === '' ? null : (address?.hostname ?? null),
    port: address === null || address.port === '' ? null : Number(address.port),
    transport: kind,
    virtual_host: address?.pathname.slice(1) ?? '',
    userid: null,
    ssl: displayUrl.startsWith('rediss') || displayUrl.startsWith('amqps'),
    connect_timeout: 5,
    heartbeat: 0,
    transport_options: {},
    insist: false,
    uri_prefix: null,
    login_method: null,
    failover_strategy: 'round-robin',
    alternates: [],
  };
}

function resourceUsage(): PyDict {
  const usage = process.resourceUsage();
  return {
    utime: pyFloat(usage.userCPUTime / 1e6),
    stime: pyFloat(usage.systemCPUTime / 1e6),
    maxrss: usage.maxRSS,
    ixrss: usage.sharedMemorySize,
    idrss: usage.unsharedDataSize,
    isrss: usage.unsharedStackSize,
    minflt: usage.minorPageFault,
    majflt: usage.majorPageFault,
    nswap: usage.swappedOut,
    inblock: usage.fsRead,
    oublock: usage.fsWrite,
    msgsnd: usage.ipcSent,
    msgrcv: usage.ipcReceived,
    nsignals: usage.signalsCount,
    nvcsw: usage.voluntaryContextSwitches,
    nivcsw: usage.involuntaryContextSwitches,
  };
}
