// Composes what lives on the demo's broker: producers, beat and three workers, each with connections of its own.
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createBackend } from '../backend/create-backend.ts';
import { startBeat } from '../beat/beat.ts';
import { createTransport } from '../broker/connect.ts';
import type { MemoryBroker } from '../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../broker/memory/serve.ts';
import { Celery } from '../client/celery.ts';
import { entryUrl } from '../core/entries.ts';
import type { Logger } from '../core/logger.ts';
import { startWorker } from '../worker/worker.ts';
import { CONFIG, RESULT_EXPIRES_MS, WORKERS } from './cluster.ts';
import { startProducers } from './producers.ts';
import { SCHEDULE } from './schedule.ts';
import { registerTasks } from './tasks.ts';

export type ClusterParts = {
  broker: MemoryBroker;
  onOpened: (close: () => Promise<void>) => void;
  onTrouble: (text: string) => void;
};

/** Running tasks keep a stop waiting no longer than this. */
const GRACE_MS = 500;

/** Resolves when all workers take tasks and the producers send them. */
export async function runCluster({ broker, onOpened, onTrouble }: ClusterParts): Promise<void> {
  const logger = createTroubleLogger(onTrouble);
  const openPort = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    serveMemoryBroker(broker, port1);
    return port2;
  };
  const openApp = async (): Promise<Celery> => {
    const transport = createTransport({ url: 'memory://', port: openPort(), timeoutMs: 30_000 });
    const backend = createBackend('memory://', {
      port: openPort(),
      resultExpiresMs: RESULT_EXPIRES_MS,
      timeoutMs: 30_000,
    });
    await Promise.all([transport.connect(), backend.connect()]);
    onOpened(async () => {
      await backend.close();
      await transport.close();
    });
    return new Celery('demo', { broker: transport, backend, ...CONFIG });
  };
  const runWorker = async (options: (typeof WORKERS)[number]): Promise<void> => {
    const tasks = entryUrl('demo/tasks');
    const worker = await startWorker({ ...options, app: await openApp(), tasks, logger });
    onOpened(() => worker.stop({ graceMs: GRACE_MS }));
  };

  await Promise.all(WORKERS.map(runWorker));
  // Only now, or the first page would say of every queue that nobody consumes it.
  const app = await openApp();
  const producers = startProducers({ app, tasks: registerTasks(app), logger });
  onOpened(() => producers.stop());
  const beat = startBeat({ app, schedule: SCHEDULE, logger });
  onOpened(() => beat.stop());
}

/** The demo rejects an unknown task now and then on purpose; what is only a warning stays here. */
function createTroubleLogger(onTrouble: (text: string) => void): Logger {
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (fields, text) => {
      onTrouble(`${text} ${JSON.stringify(fields)}`);
    },
    child: () => logger,
  };
  return logger;
}
