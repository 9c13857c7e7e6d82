// A worker: pool, consumer, events and remote control, started in Celery's order and stopped in reverse. Connections are
// the app's; whoever opened them closes them.
import { hostname as machine } from 'node:os';
import { annotatedOptions } from '../client/annotations.ts';
import type { Celery } from '../client/celery.ts';
import { encodeHello } from '../celery/hello.ts';
import { LamportClock } from '../client/lamport-clock.ts';
import { PATIENCE_MS } from '../client/publish-retry.ts';
import { missingQueue } from '../client/queues.ts';
import type { TaskOptions } from '../client/task-types.ts';
import { AppError, errorText } from '../core/errors.ts';
import { silentLogger, type Logger } from '../core/silent-logger.ts';
import { Autoscaler } from './autoscaler.ts';
import { TaskConsumer } from './consumer.ts';
import type { AppPlace } from './load-app.ts';
import { createCommands, type WorkerState } from './commands.ts';
import { Gossip } from './gossip.ts';
import { adoptHello, serveCommands } from './remote-control.ts';
import { TaskPool, type PoolKind } from './pool/task-pool.ts';
import { RevokedStamps } from './revoked-stamps.ts';
import { RevokedTasks } from './revoked-tasks.ts';
import { loadRevoked, saveRevoked } from './state-file.ts';
import { createTaskLog, createTroubleLog, silentTaskLog, type TaskLog } from './task-log.ts';
import { HEARTBEAT_MS, WorkerEvents } from './worker-events.ts';

export type WorkerOptions = {
  app: Celery;
  /** The module whose `registerTasks(registry)` registers the tasks (a file URL), or that of the app; it loads in the pool. */
  tasks: URL | AppPlace;
  /** Default `celery@<machine>`. */
  hostname?: string;
  /** Default: the app's default queue. */
  queues?: readonly string[];
  concurrency?: number;
  pool?: PoolKind;
  prefetchMultiplier?: number;
  /** task-* events from the start. */
  sendEvents?: boolean;
  softTimeLimitMs?: number | null;
  timeLimitMs?: number | null;
  /** The JavaScript heap of one thread or process of the pool. */
  maxHeapMb?: number;
  /** worker_max_tasks_per_child: a thread or process of the pool is replaced after so many tasks. */
  maxTasksPerChild?: number;
  /** worker_max_memory_per_child: it is replaced after a task that left it with more. */
  maxMemoryBytes?: number;
  /** Grows and shrinks the pool between these; `concurrency` is then ignored. */
  autoscale?: { max: number; min: number };
  /** False: no `hello` to the other workers at the start. */
  mingle?: boolean;
  /** False: no heartbeats. */
  heartbeat?: boolean;
  /** How often one is sent. Default two seconds. */
  heartbeatMs?: number;
  /** False: hears nothing of other workers. On Redis and RabbitMQ only. */
  gossip?: boolean;
  /** A file that keeps the ids of revoked tasks over a restart (worker_state_db). */
  stateFile?: string;
  /** Logs each task's way, in Celery's words; `troubles` only what goes wrong. */
  logTasks?: boolean | 'troubles';
  logger?: Logger;
  /** Called once when a shutdown was asked for by remote control and is done. */
  onShutdown?: () => void;
};

export interface RunningWorker {
  readonly hostname: string;
  /** Its tasks, by name. */
  readonly tasks: readonly string[];
  /** Running tasks end, the rest goes back. After `graceMs` running ones are cut off; a second call can make it sooner. */
  stop(options?: { graceMs?: number }): Promise<void>;
}

const MINGLE_MS = 1000;

export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { app, logger = silentLogger, autoscale } = options;
  const { conf, signals } = app;
  for (const queue of options.queues ?? []) {
    const missing = missingQueue(conf, queue);
    if (missing !== null) throw new AppError('bad_configuration', missing);
  }
  app.patienceMs = PATIENCE_MS;
  const concurrency = autoscale?.min ?? options.concurrency ?? 2;
  const hostname = options.hostname ?? `celery@${machine()}`;
  const kind = options.pool ?? 'threads';
  const lamport = new LamportClock();
  const revoked = new RevokedTasks();
  if (options.stateFile !== undefined) loadRevoked(options.stateFile, revoked);
  const stamps = new RevokedStamps();
  const tell = async (sending: Promise<unknown[]>) => {
    for (const error of await sending) {
      logger.error({ error: errorText(error) }, 'a handler of a signal failed');
    }
  };
  await tell(signals.workerInit.send({ hostname }));
  const mingled = options.mingle === false ? null : mingle(app, hostname, { lamport, revoked });
  let consumer: TaskConsumer | null = null;
  const events = new WorkerEvents({
    transport: app.transport,
    hostname,
    lamport,
    clock: app.clock,
    enabled: options.sendEvents ?? true,
    counts: () => ({
      active: consumer?.activeCount() ?? 0,
      processed: consumer?.processedCount ?? 0,
    }),
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    onHeartbeat: () => void tell(signals.heartbeatSent.send({ hostname })),
  });
  const kib = conf.workerMaxMemoryPerChild;
  const maxMemoryBytes = options.maxMemoryBytes ?? (kib === null ? null : kib * 1024);
  const pool = new TaskPool({
    kind,
    concurrency,
    place: {
      ...('href' in options.tasks
        ? { type: 'module', href: options.tasks.href }
        : { type: 'app', ...options.tasks }),
      hostname,
      measuresMemory: maxMemoryBytes !== null,
    },
    maxHeapMb: options.maxHeapMb ?? null,
    maxTasksPerChild: options.maxTasksPerChild ?? conf.workerMaxTasksPerChild,
    maxMemoryBytes,
    onFree: () => consumer?.pump(),
    onTrouble: (text) => {
      logger.error({ worker: hostname }, text);
    },
  });
  const registered = await pool.start().catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const tasks = new Map<string, TaskOptions>();
  for (const { name, options: own } of registered) {
    tasks.set(name, annotatedOptions(name, own, conf.taskAnnotations));
  }
  const defaultLimits = {
    softTimeLimitMs: options.softTimeLimitMs ?? conf.taskSoftTimeLimitMs,
    timeLimitMs: options.timeLimitMs ?? conf.taskTimeLimitMs,
  };
  consumer = new TaskConsumer({
    app,
    hostname,
    events,
    pool,
    revoked,
    logger,
    tasks,
    defaultLimits,
    prefetchMultiplier: options.prefetchMultiplier ?? conf.workerPrefetchMultiplier,
    taskLog: taskLogOf(options.logTasks ?? false, logger),
    stamps,
    onReceived: () => autoscaler?.scale(),
  });
  const theConsumer = consumer;
  const autoscaler =
    autoscale === undefined
      ? null
      : new Autoscaler({
          ...autoscale,
          clock: app.clock,
          demand: () => theConsumer.list('active', 'reserved').length,
          size: () => pool.size,
          resize: (size) => {
            pool.resize(size);
            theConsumer.updatePrefetch();
            theConsumer.pump();
          },
        });
  autoscaler?.start();
  const gossip =
    options.gossip === false || app.transport.kind === 'memory'
      ? null
      : new Gossip({ app, hostname, lamport, events, logger });
  let stopping: Promise<void> | null = null;
  let control: { close(): Promise<void> } | null = null;
  const keepRevoked = () => {
    if (options.stateFile === undefined) return;
    try {
      saveRevoked(options.stateFile, revoked);
    } catch (error) {
      logger.error({ error: errorText(error) }, 'the revoked ids could not be kept');
    }
  };
  const stop = (graceMs: number): Promise<void> => {
    if (stopping !== null) {
      // How it ends is told by the first call.
      theConsumer.stop(graceMs).catch(() => undefined);
      return stopping;
    }
    stopping = (async () => {
      autoscaler?.stop();
      await tell(signals.workerShuttingDown.send({ hostname, how: howOf(graceMs) }));
      const steps = [
        () => theConsumer.stop(graceMs),
        () => control?.close(),
        () => gossip?.stop(),
        () => events.stop(),
        () => events.worker('worker-offline'),
        () => pool.close().finally(keepRevoked),
        () => tell(signals.workerShutdown.send({ hostname })),
      ];
      const troubles: unknown[] = [];
      for (const step of steps) {
        try {
          await step();
        } catch (error) {
          troubles.push(error);
        }
      }
      if (troubles.length > 0) throw troubles[0];
    })();
    return stopping;
  };
  const state: WorkerState = {
    app,
    hostname,
    startedAt: app.clock.now(),
    lamport,
    revoked,
    events,
    pool,
    consumer,
    tasks,
    defaultLimits,
    stamps,
    autoscaler,
    gossip,
    startedWithEvents: options.sendEvents ?? true,
    shutdown: () => {
      stop(Infinity)
        .catch((error: unknown) => {
          logger.error({ error: errorText(error) }, 'the worker did not stop in order');
        })
        .finally(() => options.onShutdown?.());
    },
  };
  const begin = async () => {
    if (conf.workerEnableRemoteControl) {
      control = await serveCommands(state, createCommands(state), logger);
    }
    await mingled;
    await gossip?.start();
    const queues = [...(options.queues ?? [conf.taskDefaultQueue])];
    await tell(signals.celerydAfterSetup.send({ hostname, queues }));
    await theConsumer.start(queues);
    await events.worker('worker-online');
  };
  await begin().catch(async (error: unknown) => {
    // What runs already would keep the process, and its heartbeats, alive.
    await stop(0).catch(() => undefined);
    throw error;
  });
  if (options.heartbeat !== false) events.startHeartbeat();
  await tell(signals.workerReady.send({ hostname }));
  return {
    hostname,
    tasks: [...tasks.keys()],
    stop: ({ graceMs = Infinity } = {}) => stop(graceMs),
  };
}

function taskLogOf(wanted: boolean | 'troubles', logger: Logger): TaskLog {
  if (wanted === false) return silentTaskLog;
  return wanted === true ? createTaskLog(logger) : createTroubleLog(logger);
}

function howOf(graceMs: number): 'warm' | 'soft' | 'cold' {
  if (graceMs === 0) return 'cold';
  return Number.isFinite(graceMs) ? 'soft' : 'warm';
}

/**
 * Clocks and revoked ids go from each worker to the other, before this one takes tasks, while its pool starts. On the embedded broker nobody
 * waits for that, as in Celery, where workers on other brokers than Redis and RabbitMQ do not mingle.
 */
async function mingle(
  { transport }: Celery,
  hostname: string,
  { lamport, revoked }: { lamport: LamportClock; revoked: RevokedTasks },
): Promise<void> {
  const known = encodeHello({ fromNode: hostname, revoked: revoked.entries(), clock: null });
  const asked = transport
    .gather(
      { method: 'hello', arguments: known, destination: null },
      {
        timeoutMs: MINGLE_MS,
        onReply: ({ value }) => {
          adoptHello(value, lamport, revoked);
        },
      },
    )
    .catch(() => []);
  if (transport.kind !== 'memory') await asked;
}
