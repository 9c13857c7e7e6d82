// The demo cluster: an embedded broker, three workers, beat and producers in a thread of their own, so that nothing of it
// blocks whoever started it. Everybody reaches the broker over ports.
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { startThread } from '../core/threads.ts';
import type { Logger } from '../core/logger.ts';
import type { FromDemo, ToDemo } from './messages.ts';

export type Demo = {
  /** A port to the embedded broker, for one transport or one backend. */
  connect(): MessagePort;
  /** Starts the workers, beat and the producers. */
  run(): void;
  stop(): Promise<void>;
};

const STOP_MS = 5000;

/** Resolves when the broker answers. What lives on it starts with `run`, so that it does not compete with whatever comes first. */
export async function startDemo({ logger }: { logger: Logger }): Promise<Demo> {
  const thread = startThread('demo/demo-thread', {});
  const told = new Set<(message: FromDemo) => void>();
  thread.on('message', (message: FromDemo) => {
    if (message.type === 'trouble') logger.warn({ room: 'demo' }, message.text);
    for (const tell of [...told]) tell(message);
  });
  const ended = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      resolve();
    });
  });
  let isStopping = false;
  await new Promise<void>((resolve, reject) => {
    thread.once('error', reject);
    told.add((message) => {
      if (message.type === 'ready') resolve();
    });
    void ended.then(() => {
      reject(new Error('The demo ended before it was ready.'));
    });
  });
  thread.on('error', (error) => {
    if (!isStopping) logger.error({ room: 'demo', error: error.message }, 'the demo died');
  });
  const tell = (message: ToDemo, ports: MessagePort[] = []) => {
    thread.postMessage(message, ports);
  };
  return {
    connect: () => {
      const { port1, port2 } = new MessageChannel();
      tell({ type: 'connect', port: port1 }, [port1]);
      return port2;
    },
    run: () => {
      tell({ type: 'run' });
    },
    stop: async () => {
      isStopping = true;
      tell({ type: 'stop' });
      const timer = setTimeout(() => void thread.terminate(), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
