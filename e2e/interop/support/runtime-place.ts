// One broker with a worker of ours on the queue `ours` and a Python one on `celery`, and an app of ours that sends to both. The tasks are
// those of canvas-tasks.ts and canvas_tasks.py.
import { MessageChannel } from 'node:worker_threads';
import { createBackend } from '../../../server/backend/create-backend.ts';
import { createTransport } from '../../../server/broker/connect.ts';
import { MemoryBroker } from '../../../server/broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../../../server/broker/memory/serve.ts';
import { Celery, type CeleryOptions } from '../../../server/client/celery.ts';
import { startWorker } from '../../../server/worker/worker.ts';
import type { CeleryApp } from '../../fixtures/celery/python.ts';
import { startWorker as startPythonWorker } from '../../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../../fixtures/isolated.ts';

export type RuntimePlace = {
  app: Celery;
  /** Null where no Python can be: on the embedded broker. */
  python: CeleryApp | null;
  close(): Promise<void>;
};

type Closers = (() => Promise<unknown>)[];

const TASKS = new URL('./canvas-tasks.ts', import.meta.url);
const ROUTES: CeleryOptions = {
  taskRoutes: [{ 'canvas.i*': 'ours' }, [/total$/, 'celery'], () => null],
};

export async function openRuntimePlace(kind: 'redis' | 'amqp' | 'memory'): Promise<RuntimePlace> {
  const closers: Closers = [];
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    if (kind === 'memory') return { app: await openMemory(closers), python: null, close };
    const backend = await freshRedisUrl();
    const vhost = kind === 'amqp' ? await freshVhost() : null;
    if (vhost !== null) closers.push(() => vhost.remove());
    const python = { broker: vhost?.url ?? backend, backend };
    const theirs = await startPythonWorker({
      app: python,
      // Threads would share one listener for the results that a chord with groups in its header joins, and miss some.
      pool: 'prefork',
      concurrency: 3,
      queues: ['celery'],
      args: ['-I', 'canvas_tasks'],
      quiet: true,
    });
    closers.push(() => theirs.stop());
    const app = new Celery('runtime', { ...python, ...ROUTES });
    closers.push(() => app.close());
    await app.connect();
    await startOurs(app, ['ours'], closers);
    await theirs.ready;
    return { app, python, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openMemory(closers: Closers): Promise<Celery> {
  const broker = new MemoryBroker();
  const open = () => {
    const { port1, port2 } = new MessageChannel();
    serveMemoryBroker(broker, port1);
    return port2;
  };
  const transport = createTransport({ url: 'memory://', port: open(), timeoutMs: 30_000 });
  const backend = createBackend('memory://', { port: open(), timeoutMs: 30_000 });
  closers.push(
    () => transport.close(),
    () => backend.close(),
  );
  await Promise.all([transport.connect(), backend.connect()]);
  const app = new Celery('runtime', { broker: transport, backend, ...ROUTES });
  await startOurs(app, ['ours', 'celery'], closers);
  return app;
}

async function startOurs(app: Celery, queues: string[], closers: Closers): Promise<void> {
  const worker = await startWorker({
    app,
    tasks: TASKS,
    hostname: 'ours@umbel-test',
    queues,
    pool: 'async',
    concurrency: 20,
    mingle: false,
  });
  closers.push(() => worker.stop({ graceMs: 0 }));
}
