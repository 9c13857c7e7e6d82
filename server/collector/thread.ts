// The collector's thread: opens the store, the transport and the backend of one cluster, runs the collector, answers the
// main thread. Its data is a CollectorConfig.
import { parentPort, workerData } from 'node:worker_threads';
import { createBackend } from '../backend/create-backend.ts';
import { createTransport } from '../broker/connect.ts';
import { atMost } from '../core/at-most.ts';
import { systemClock } from '../core/clock.ts';
import { errorText, isAppError } from '../core/errors.ts';
import { createLogger } from '../core/logger.ts';
import { removeStore } from '../store/sqlite/open-database.ts';
import { openStoreWriter } from '../store/sqlite/writer.ts';
import { Collector } from './collector.ts';
import type { CollectorConfig } from './config.ts';
import type { Failure, FromCollector, ToCollector } from './thread-protocol.ts';

const { data: config } = workerData as { data: CollectorConfig };
const logger = createLogger(config.logLevel).child({ room: 'collector', cluster: config.cluster });

function tell(message: FromCollector): void {
  parentPort?.postMessage(message);
}

function failureOf(error: unknown): Failure {
  return { code: isAppError(error) ? error.code : 'internal', message: errorText(error) };
}

/** What a broker that hangs may hold up a stop. */
const CLOSE_MS = 700;

async function run(): Promise<void> {
  const { storePath: path, retention } = config;
  if (config.clearHistory) removeStore(path);
  const writer = openStoreWriter({ path, retention, logger, clock: systemClock });
  if (writer.notice !== null) logger.warn({}, writer.notice);
  const transport = createTransport({ clientName: 'umbel-collector', ...config.transport });
  const { url, port, ...options } = config.backend;
  const backend =
    url === null ? null : createBackend(url, { ...options, ...(port !== null && { port }) });
  const collector = new Collector(
    config,
    { transport, backend, writer },
    { clock: systemClock, logger, onCommit: (notice) => tell({ type: 'commit', notice }) },
  );
  const connecting = Promise.all([
    transport.connect().catch((error: unknown) => notYet('broker', error)),
    backend?.connect().catch((error: unknown) => notYet('result backend', error)),
  ]);
  collector.restore();
  const starting = collector.start();

  const stop = async (): Promise<void> => {
    await atMost(CLOSE_MS, starting);
    await collector.stop();
    await atMost(CLOSE_MS, Promise.allSettled([transport.close(), backend?.close(), connecting]));
    writer.close();
  };
  const answer = async ({ request }: ToCollector): Promise<void> => {
    switch (request.type) {
      case 'annotate':
        return collector.annotate(request.annotation);
      case 'inspect-now':
        return collector.inspectNow(request.hostnames, request.methods);
      case 'forget-worker':
        return collector.forgetWorker(request.hostname);
      case 'stop':
        return stop();
    }
  };
  parentPort?.on('message', (message: ToCollector) => {
    answer(message).then(
      () => tell({ type: 'done', id: message.id, failure: null }),
      (error: unknown) => tell({ type: 'done', id: message.id, failure: failureOf(error) }),
    );
  });
  tell({ type: 'ready', status: collector.status() });
  await starting;
}

function notYet(what: string, error: unknown): void {
  logger.warn({ reason: errorText(error) }, `the ${what} cannot be reached yet; trying again`);
}

try {
  await run();
} catch (error) {
  tell({ type: 'refused', failure: failureOf(error) });
}
