// The composition root: opens every part in order, hands each what it needs, and closes them in reverse. The only file that knows
// all rooms.
import { mkdirSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { createBackend } from './backend/create-backend.ts';
import type { ResultBackend } from './backend/result-backend.ts';
import { createTransport } from './broker/connect.ts';
import type { TransportOptions } from './broker/transport.ts';
import { isPyDict } from '../lib/python/values.ts';
import { masked } from './collector/inspect-sections.ts';
import { openCollector } from './collector/open-collector.ts';
import { createControl } from './control/create-control.ts';
import type { AppSchedule } from './control/read-schedule.ts';
import { atMost } from './core/at-most.ts';
import { systemClock } from './core/clock.ts';
import type { ClusterConfig, UmbelConfig } from './core/config.ts';
import { AppError, errorText, isAppError } from './core/errors.ts';
import type { Logger } from './core/logger.ts';
import { createTextRedactor } from './core/redact-text.ts';
import { packageRoot, packageVersion } from './core/package.ts';
import type { Demo } from './demo/start-demo.ts';
import { lockDataDir } from './store/sqlite/lock-data-dir.ts';
import { openDashboardStore } from './store/sqlite/dashboard-store.ts';
import { openStoreReader } from './store/sqlite/reader.ts';
import type { DashboardStore } from './store/store.ts';
import type { WebCluster } from './web/deps.ts';
import { createPages } from './web/pages.ts';
import { startWebServer } from './web/server.ts';

export type App = {
  url: string;
  /** Resolves when a part died that cannot be restarted, with the reason. */
  failed: Promise<Error>;
  stop(): Promise<void>;
};

export type AppOptions = {
  config: UmbelConfig;
  logger: Logger;
  dev: boolean;
  /** Of the app that Umbel was started with; it belongs to the cluster on the app's broker. */
  appSchedule?: AppSchedule & { brokerUrl: string };
};

const SHUTDOWN_REPLY_MS = 10_000;
const READER_THREADS = 2;
/** What a server that hangs may hold up the end of the process. */
const CLOSE_MS = 700;

/** Throws AppError (bad_configuration, store_locked, store_newer …) with nothing left running. */
export async function startApp({ config, logger, dev, appSchedule }: AppOptions): Promise<App> {
  const opened: (() => void | Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of opened.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.warn({ error: errorText(error) }, 'a part did not close cleanly');
      }
    }
    opened.length = 0;
  };
  const unusable = config.clusters.flatMap(addressProblems);
  if (unusable.length > 0) throw new AppError('bad_configuration', unusable.join('\n'));
  try {
    await requireFreePort(config.host, config.port);
    makeDataDir(config.dataDir);
    const lock = lockDataDir(config.dataDir);
    opened.push(() => {
      lock.release();
    });
    const pagesReady = createPages({
      dev,
      basePath: config.basePath,
      rootDir: fileURLToPath(packageRoot()),
      dataDir: config.dataDir,
    });
    pagesReady.catch(() => undefined);
    const dashboard = openDashboardStore({ path: path.join(config.dataDir, 'dashboard.sqlite') });
    opened.push(() => {
      dashboard.close();
    });
    if (dashboard.notice !== null) logger.error({}, dashboard.notice);
    const failures: Promise<Error>[] = [];
    const demos: Demo[] = [];
    const clusters = new Map<string, WebCluster>();
    const closers: (() => Promise<void>)[] = [];
    // Together: brokers that hang take their time each, and the process has ten seconds.
    opened.push(() => allOf(closers.map((close) => close())));
    for (const cluster of config.clusters) {
      const { web, demo, close, failed } = await openCluster(
        cluster,
        appSchedule?.brokerUrl === cluster.brokerUrl ? masking(appSchedule, cluster) : null,
        { config, dashboard, logger },
      );
      closers.push(close);
      if (demo !== null) demos.push(demo);
      clusters.set(cluster.name, web);
      failures.push(failed);
    }
    const pages = await pagesReady;
    opened.push(() => pages.close());
    const [first] = config.clusters;
    if (first === undefined) throw new AppError('bad_configuration', 'No cluster is configured.');
    const web = await startWebServer(
      {
        options: {
          host: config.host,
          port: config.port,
          basePath: config.basePath,
          readOnly: config.readOnly,
          basicAuth: config.basicAuth,
          allowedHosts: config.allowedHosts,
          allowedOrigins: config.allowedOrigins,
          trustProxy: config.trustProxy,
          flowerMetricNames: config.flowerMetricNames,
          version: packageVersion(),
          dev,
        },
        clusters,
        defaultCluster: first.name,
        dashboard,
        logger: logger.child({ room: 'web' }),
      },
      pages,
    );
    opened.push(() => web.close());
    for (const demo of demos) demo.run();
    return { url: `${web.url}${config.basePath}`, failed: Promise.race(failures), stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** As what workers tell of theirs. */
function masking(schedule: AppSchedule | undefined, cluster: ClusterConfig): AppSchedule | null {
  if (schedule === undefined || !isPyDict(schedule.beatSchedule)) return null;
  const redact = createTextRedactor(cluster.redactKeys) ?? ((text: string) => text);
  return { ...schedule, beatSchedule: masked(schedule.beatSchedule, redact) };
}

/** Waits for all of them; what went wrong first is thrown. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === 'rejected') throw result.reason;
  }
}

type OpenCluster = {
  web: WebCluster;
  demo: Demo | null;
  failed: Promise<Error>;
  close: () => Promise<void>;
};

async function openCluster(
  cluster: ClusterConfig,
  appSchedule: AppSchedule | null,
  { config, dashboard, logger }: { config: UmbelConfig; dashboard: DashboardStore; logger: Logger },
): Promise<OpenCluster> {
  const log = logger.child({ cluster: cluster.name });
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closeOne of closers.reverse()) await closeOne();
  };
  try {
    const storePath = path.join(config.dataDir, `${cluster.name}.sqlite`);
    let demo: Demo | null = null;
    if (cluster.demo) {
      const { startDemo } = await import('./demo/start-demo.ts');
      demo = await startDemo({ logger: log });
      closers.push(() => demo?.stop() ?? Promise.resolve());
    }
    type Portable = Omit<TransportOptions, 'port'> & { port?: MessagePort };
    const optionsWith = (port: MessagePort | null): Portable =>
      port === null
        ? transportOptions(cluster)
        : { ...transportOptions(cluster), url: 'memory://', port };
    const transport = createTransport({
      ...optionsWith(demo?.connect() ?? null),
      clientName: 'umbel',
    });
    closers.push(() => atMost(CLOSE_MS, transport.close()));
    const backend = openBackend(cluster, demo);
    if (backend !== null) closers.push(() => atMost(CLOSE_MS, backend.close()));
    const collector = await openCollector({
      cluster: cluster.name,
      demo: cluster.demo,
      clearHistory: cluster.demo,
      transport: optionsWith(demo?.connect() ?? null),
      backend: {
        url: demo === null ? cluster.backendUrl : 'memory://',
        port: demo?.connect() ?? null,
        ...backendOptions(cluster),
      },
      storePath,
      retention: cluster.retention,
      redactKeys: cluster.redactKeys,
      inspectIntervalMs: cluster.inspectIntervalMs,
      inspectTimeoutMs: cluster.inspectTimeoutMs,
      offlineAfterMs: cluster.offlineAfterMs,
      lostAfterMs: cluster.lostAfterMs,
      queues: cluster.queues,
      enableEvents: cluster.enableEvents,
      logLevel: config.logLevel,
    });
    closers.push(() => collector.stop());
    const reader = openStoreReader({ path: storePath, threads: READER_THREADS });
    closers.push(() => reader.close());
    connectInBackground(transport.connect(), log, 'broker');
    if (backend !== null) connectInBackground(backend.connect(), log, 'result backend');
    const control = createControl({
      cluster: cluster.name,
      transport,
      backend,
      reader,
      collector,
      dashboard,
      readOnly: config.readOnly,
      redactKeys: cluster.redactKeys,
      appSchedule,
      replyTimeoutMs: Math.max(cluster.inspectTimeoutMs, 1500),
      shutdownTimeoutMs: SHUTDOWN_REPLY_MS,
      clock: systemClock,
      logger: log,
    });
    const web = { name: cluster.name, demo: cluster.demo, reader, control, collector };
    return { web, demo, failed: collector.failed(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is wrong with the addresses of a cluster, a sentence each. The constructors open nothing. */
export function addressProblems(cluster: ClusterConfig): string[] {
  if (cluster.demo || cluster.brokerUrl === null) return [];
  return [
    () => createTransport(transportOptions(cluster)),
    () => openBackend(cluster, null),
  ].flatMap((create) => {
    try {
      create();
      return [];
    } catch (error) {
      if (isAppError(error) && error.code === 'bad_configuration') return [error.message];
      throw error;
    }
  });
}

function transportOptions(cluster: ClusterConfig): Omit<TransportOptions, 'port'> {
  return {
    url: cluster.brokerUrl ?? 'memory://',
    keyPrefix: cluster.keyPrefix,
    eventExchange: cluster.eventExchange,
    controlExchange: cluster.controlExchange,
    prioritySteps: cluster.prioritySteps,
    ...(cluster.sentinelMaster !== null && { sentinelMaster: cluster.sentinelMaster }),
    ...(cluster.managementUrl !== null && { managementUrl: cluster.managementUrl }),
  };
}

function openBackend(cluster: ClusterConfig, demo: Demo | null): ResultBackend | null {
  if (demo !== null) return createBackend('memory://', { port: demo.connect() });
  return cluster.backendUrl === null
    ? null
    : createBackend(cluster.backendUrl, backendOptions(cluster));
}

function backendOptions({ resultKeyPrefix, sentinelMaster }: ClusterConfig) {
  return { keyPrefix: resultKeyPrefix, ...(sentinelMaster !== null && { sentinelMaster }) };
}

/** A broker that is away at start is not an error: the pages say so, and the connection keeps trying. */
function connectInBackground(connected: Promise<void>, logger: Logger, what: string): void {
  connected.catch((error: unknown) => {
    logger.warn({ reason: errorText(error) }, `the ${what} cannot be reached yet; trying again`);
  });
}

function makeDataDir(dir: string): void {
  try {
    makeFolders(dir);
  } catch (error) {
    throw new AppError(
      'bad_configuration',
      `--data-dir ${dir}: cannot be made: ${errorText(error)}`,
      { cause: error },
    );
  }
}

/** Step by step: `recursive` never returns where a file system answers ENOENT to every attempt, as /proc does. */
function makeFolders(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = path.dirname(dir);
  if (parent !== dir) makeFolders(parent);
  mkdirSync(dir, { mode: 0o700 });
}

/** Before anything is opened, so that a second start on the same port changes nothing. */
function requireFreePort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${String(port)} on ${host} is in use; stop what listens there, or choose another with --port`
          : `cannot listen on ${host}:${String(port)}: ${error.message}`;
      reject(new AppError('bad_configuration', why, { cause: error }));
    });
    probe.listen(port, host, () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}
