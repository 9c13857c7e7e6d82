// The thread in which the memory broker lives while its transport is tested across threads.
import { workerData, type MessagePort } from 'node:worker_threads';
import { MemoryBroker } from './memory-broker.ts';
import { serveMemoryBroker } from './serve.ts';

const { data } = workerData as { data: { control: MessagePort } };
const broker = new MemoryBroker();
data.control.on('message', (port: MessagePort) => {
  serveMemoryBroker(broker, port);
});
