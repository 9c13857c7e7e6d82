// `umbel -A celery_app worker`: runs tasks until it is told to stop.
import { cpus } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { socketPathOf } from '../../broker/memory/socket-path.ts';
import type { Beat } from '../../beat/beat.ts';
import type { Celery } from '../../client/celery.ts';
import { errorText } from '../../core/errors.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import { loadApp, type AppPlace } from '../../worker/load-app.ts';
import { POOL_KINDS, type PoolKind } from '../../worker/pool/task-pool.ts';
import { startWorker, type RunningWorker, type WorkerOptions } from '../../worker/worker.ts';
import { startAppBeat } from './app-beat.ts';
import { awaitBroker } from './await-broker.ts';
import { EXIT_FAILED, EXIT_OK, type CommandContext } from './context.ts';
import { detach } from './detach.ts';
import { list, seconds, wholeNumber } from './flags.ts';
import { expandNodeFile, expandNodeName } from './node-name.ts';
import { placeOf } from './open-app.ts';
import { holdPidFile } from './pid-file.ts';
import { purgeAll } from './purge-command.ts';
import { obeyStopSignals } from './stop-signals.ts';
import { openTextLog } from './text-log.ts';
import { workerBanner } from './worker-banner.ts';

type Flags = {
  hostname?: string;
  loglevel: string;
  logfile?: string;
  pidfile?: string;
  json?: boolean;
  concurrency?: number;
  pool?: PoolKind;
  taskEvents?: boolean;
  events?: boolean;
  queues?: string[];
  excludeQueues?: string[];
  prefetchMultiplier?: number;
  disablePrefetch?: boolean;
  timeLimit?: number;
  softTimeLimit?: number;
  maxTasksPerChild?: number;
  maxMemoryPerChild?: number;
  autoscale?: { max: number; min: number };
  softShutdownTimeout?: number;
  purge?: boolean;
  discard?: boolean;
  withoutMingle?: boolean;
  withoutHeartbeat?: boolean;
  withoutGossip?: boolean;
  heartbeatInterval?: number;
  detach?: boolean;
  beat?: boolean;
  schedule?: string;
  statedb?: string;
};

const ALIASES: Readonly<Record<string, PoolKind>> = {
  prefork: 'processes',
  gevent: 'async',
  eventlet: 'async',
};

export function describe(command: Command): void {
  command
    .option('-n, --hostname <name>', 'name of the node: w1@%h')
    .option('-l, --loglevel <level>', 'DEBUG, INFO, WARNING, ERROR or CRITICAL', 'WARNING')
    .option('-f, --logfile <path>', 'log to a file')
    .option('--pidfile <path>', 'keep the process id in a file')
    .option('--json', 'log in JSON')
    .option(
      '-c, --concurrency <number>',
      'tasks at the same time; auto: the processors',
      processors,
    )
    .option('-P, --pool <kind>', `${POOL_KINDS.join(', ')} (default: threads)`, poolKind)
    .option('-E, --task-events', 'send events about tasks')
    .option('--events', 'the same')
    .option('-Q, --queues <list>', 'queues to take from', list)
    .option('-X, --exclude-queues <list>', 'queues of the app not to take from', list)
    .option(
      '--prefetch-multiplier <number>',
      'messages held per task at the same time',
      wholeNumber,
    )
    .option('--disable-prefetch', 'take a message only when a task can run')
    .option('--time-limit <seconds>', 'stop a task after this long', seconds)
    .option('--soft-time-limit <seconds>', "abort a task's signal after this long", seconds)
    .option('--max-tasks-per-child <number>', 'replace after so many tasks', wholeNumber)
    .option('--max-memory-per-child <KiB>', 'replace when it holds more after a task', wholeNumber)
    .option('--autoscale <max,min>', 'grow and shrink between these', autoscale)
    .option('--soft-shutdown-timeout <seconds>', 'wait this long before cutting tasks off', seconds)
    .option('--purge', 'remove all waiting messages before starting')
    .option('--discard', 'the same')
    .option('--without-mingle', 'do not greet the other workers')
    .option('--without-heartbeat', 'send no heartbeats')
    .option('--without-gossip', 'hear nothing of the other workers')
    .option('--heartbeat-interval <seconds>', 'between heartbeats (default: 2)', seconds)
    .option('-O, --optimization <profile>', 'taken for compatibility: always fair')
    .option('-B, --beat', 'run beat as well')
    .option('-s, --schedule <path>', "where beat keeps its entries' last runs")
    .option('-S, --statedb <path>', 'keep revoked ids in a file')
    .option('-D, --detach', 'go on in the background');
}

export async function run(
  context: CommandContext,
  _args: readonly string[],
  raw: Readonly<Record<string, unknown>>,
): Promise<number> {
  const flags = raw as unknown as Flags;
  if (flags.detach === true) {
    await detach();
    return EXIT_OK;
  }
  const hostname = expandNodeName(flags.hostname);
  const log = openTextLog({
    level: flags.loglevel,
    file: flags.logfile ?? null,
    isJson: flags.json ?? false,
    nodeName: hostname,
  });
  const place = placeOf(context.globals);
  const app = await loadApp(place);
  const pidFile = holdPidFile(
    flags.pidfile === undefined ? undefined : expandNodeFile(flags.pidfile, hostname),
  );
  let host: { close(): Promise<void> } | null = null;
  try {
    for (const error of await app.signals.celerydInit.send({ hostname, conf: app.conf })) {
      log.logger.error({ error: errorText(error) }, 'a handler of a signal failed');
    }
    host = await hostBroker(app);
    if (!(await awaitBroker(app, log.logger, 'consumer'))) return EXIT_OK;
    if (flags.purge === true || flags.discard === true)
      await purge(app, queuesOf(app, flags), context);
    return await work(context, app, optionsOf(app, place, hostname, flags, log.logger), flags);
  } finally {
    await app.close();
    await host?.close();
    pidFile.release();
    await log.close();
  }
}

async function work(
  context: CommandContext,
  app: Celery,
  options: WorkerOptions,
  flags: Flags,
): Promise<number> {
  const { logger = silentLogger } = options;
  let finish: (exitCode: number) => void = () => undefined;
  const told = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const worker = await startWorker({
    ...options,
    onShutdown: () => {
      finish(EXIT_OK);
    },
  });
  const beat = flags.beat === true ? await startBeside(worker, app, logger, flags.schedule) : null;
  if (!context.globals.isQuiet && flags.json !== true) {
    context.output.line(workerBanner(app, worker, options));
  }
  logger.info({}, `Connected to ${app.transport.displayUrl}`);
  logger.info({}, `${worker.hostname} ready.`);
  const softMs =
    flags.softShutdownTimeout === undefined
      ? app.conf.workerSoftShutdownTimeoutMs
      : flags.softShutdownTimeout * 1000;
  obeyStopSignals({
    softMs,
    say: (how) => {
      const text =
        how === 'Soft' ? `Soft shutdown, ${String(softMs / 1000)} seconds` : `${how} shutdown`;
      context.output.error(`\nworker: ${text} (MainProcess)`);
    },
    stop: (graceMs) => {
      worker.stop({ graceMs }).then(
        () => {
          finish(EXIT_OK);
        },
        (error: unknown) => {
          logger.error({ error: errorText(error) }, 'the worker did not stop in order');
          finish(EXIT_FAILED);
        },
      );
    },
  });
  const exitCode = await told;
  await beat?.stop();
  return exitCode;
}

function optionsOf(
  app: Celery,
  place: AppPlace,
  hostname: string,
  flags: Flags,
  logger: Logger,
): WorkerOptions {
  const { conf } = app;
  const maxTasks = positive(flags.maxTasksPerChild ?? conf.workerMaxTasksPerChild);
  const maxMemory = positive(flags.maxMemoryPerChild ?? conf.workerMaxMemoryPerChild);
  const stateFile = flags.statedb ?? conf.workerStateDb;
  const limit = (given: number | undefined, known: number | null) =>
    given === undefined ? known : given * 1000;
  return {
    app,
    tasks: place,
    hostname,
    queues: queuesOf(app, flags),
    concurrency: positive(flags.concurrency ?? conf.workerConcurrency) ?? cpus().length,
    pool: flags.pool ?? poolKind(conf.workerPool),
    prefetchMultiplier:
      flags.disablePrefetch === true
        ? 1
        : (flags.prefetchMultiplier ?? conf.workerPrefetchMultiplier),
    sendEvents: flags.taskEvents ?? flags.events ?? conf.workerSendTaskEvents,
    softTimeLimitMs: limit(flags.softTimeLimit, conf.taskSoftTimeLimitMs),
    timeLimitMs: limit(flags.timeLimit, conf.taskTimeLimitMs),
    ...(maxTasks === null ? {} : { maxTasksPerChild: maxTasks }),
    ...(maxMemory === null ? {} : { maxMemoryBytes: maxMemory * 1024 }),
    ...(flags.autoscale === undefined ? {} : { autoscale: flags.autoscale }),
    ...(stateFile === null ? {} : { stateFile: expandNodeFile(stateFile, hostname) }),
    mingle: flags.withoutMingle !== true,
    heartbeat: flags.withoutHeartbeat !== true,
    gossip: flags.withoutGossip !== true,
    ...(flags.heartbeatInterval === undefined
      ? {}
      : { heartbeatMs: flags.heartbeatInterval * 1000 }),
    logTasks: ['DEBUG', 'INFO'].includes(flags.loglevel.toUpperCase()) ? true : 'troubles',
    logger,
  };
}

/** 0 says as much as nothing. */
function positive(count: number | null): number | null {
  return count !== null && count > 0 ? count : null;
}

/** A beat that cannot start takes its worker with it, which gives back what it has taken. */
async function startBeside(
  worker: RunningWorker,
  app: Celery,
  logger: Logger,
  file: string | undefined,
): Promise<Beat> {
  try {
    return startAppBeat(app, logger, { file, isEmbedded: true });
  } catch (error) {
    await worker.stop({ graceMs: 0 });
    throw error;
  }
}

function queuesOf(app: Celery, flags: Flags): string[] {
  const own = app.conf.taskQueues.map(({ name }) => name);
  const all = flags.queues ?? (own.length > 0 ? own : [app.conf.taskDefaultQueue]);
  return all.filter((queue) => flags.excludeQueues?.includes(queue) !== true);
}

/** The first worker of an app on the embedded broker holds it. */
async function hostBroker({ conf }: Celery) {
  const path = socketPathOf(conf.brokerUrl);
  if (path === null) return null;
  const { hostMemoryBroker } = await import('../../broker/memory/host.ts');
  return hostMemoryBroker(path);
}

async function purge(app: Celery, queues: string[], { output }: CommandContext): Promise<void> {
  const count = await purgeAll(app, queues);
  output.line(`purge: Erased ${String(count)} messages from the queue.\n`);
}

function processors(text: string): number {
  return text === 'auto' ? cpus().length : wholeNumber(text);
}

function poolKind(text: string): PoolKind {
  const kind = POOL_KINDS.find((one) => one === text) ?? ALIASES[text];
  if (kind === undefined) throw new InvalidArgumentError(`One of ${POOL_KINDS.join(', ')}.`);
  return kind;
}

function autoscale(text: string): { max: number; min: number } {
  const [max = 0, min = 0] = text.split(',').map(wholeNumber);
  if (max < 1) throw new InvalidArgumentError('<max,min>, two numbers.');
  return { max, min: Math.max(1, min) };
}
