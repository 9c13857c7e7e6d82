// An embedded broker with apps and workers on it, for tests; everything is closed in reverse.
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createBackend } from '../../backend/create-backend.ts';
import { createTransport } from '../../broker/connect.ts';
import { MemoryBroker } from '../../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../../broker/memory/serve.ts';
import { decodeEvents, type RawEvent } from '../../celery/event.ts';
import { Celery } from '../../client/celery.ts';
import type { AppConfig } from '../../client/config.ts';
import { startWorker, type RunningWorker, type WorkerOptions } from '../worker.ts';
import { registerTasks } from './tasks.ts';

export const TASKS_MODULE = new URL('./tasks.ts', import.meta.url);

export function createTestCluster() {
  const broker = new MemoryBroker();
  const closers: (() => Promise<void>)[] = [];
  const openPort = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    serveMemoryBroker(broker, port1);
    return port2;
  };

  const openApp = async (config: Partial<AppConfig> = {}): Promise<Celery> => {
    const transport = createTransport({ url: 'memory://', port: openPort(), timeoutMs: 30_000 });
    const backend = createBackend('memory://', { port: openPort(), timeoutMs: 30_000 });
    await Promise.all([transport.connect(), backend.connect()]);
    closers.push(async () => {
      await backend.close();
      await transport.close();
    });
    return new Celery('test', { broker: transport, backend, ...config });
  };

  return {
    openApp,
    openClient: async (config: Partial<AppConfig> = {}) => {
      const app = await openApp({ taskSendSentEvent: true, ...config });
      return { app, tasks: registerTasks(app) };
    },
    openWorker: async (options: Partial<WorkerOptions> = {}): Promise<RunningWorker> => {
      const app = options.app ?? (await openApp({ taskTrackStarted: true }));
      const worker = await startWorker({
        app,
        tasks: TASKS_MODULE,
        hostname: 'w1@test',
        ...options,
      });
      closers.push(() => worker.stop({ graceMs: 0 }));
      return worker;
    },
    recordEvents: async (): Promise<{ event: RawEvent; routingKey: string }[]> => {
      const app = await openApp();
      const seen: { event: RawEvent; routingKey: string }[] = [];
      await app.transport.subscribeEvents({
        onEvents: ({ body, contentType, routingKey }) => {
          const decoded = decodeEvents(Buffer.from(body), contentType);
          if (decoded.ok)
            for (const event of decoded.value.events) seen.push({ event, routingKey });
        },
        onGap: () => undefined,
        onMalformed: () => undefined,
      });
      return seen;
    },
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
