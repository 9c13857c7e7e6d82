// The thread of the demo: the embedded broker at once, so that whoever started the demo can connect, and the rest of the
// cluster when it is told to. What was opened is closed in reverse.
import { parentPort } from 'node:worker_threads';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../broker/memory/serve.ts';
import type { FromDemo, ToDemo } from './messages.ts';

const parent = parentPort;
if (parent === null) throw new Error('This module runs in a thread only.');
const send = (message: FromDemo) => {
  parent.postMessage(message);
};

const broker = new MemoryBroker({ maxMessages: 20_000, maxQueueBytes: 32 * 1024 * 1024 });
const closers: (() => Promise<void>)[] = [];
const life = { isStopping: false };

parent.on('message', (message: ToDemo) => {
  if (message.type === 'connect') serveMemoryBroker(broker, message.port);
  else if (message.type === 'run') void run();
  else if (!life.isStopping) void stop();
});
send({ type: 'ready' });

async function stop(): Promise<void> {
  life.isStopping = true;
  for (const close of closers.splice(0).reverse()) {
    await close().catch(() => undefined);
  }
  process.exit(0);
}

async function run(): Promise<void> {
  try {
    const { runCluster } = await import('./run-cluster.ts');
    await runCluster({
      broker,
      onOpened: (close) => closers.push(close),
      onTrouble: (text) => {
        send({ type: 'trouble', text });
      },
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!life.isStopping) send({ type: 'trouble', text });
  }
}
