// A pool thread. Its memory is its own heap and what hangs on it; the rest of the process is not counted.
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { Gate } from './gate.ts';
import { startRunner } from './task-runner.ts';
import type { TaskPlace } from './task-place.ts';

const port = parentPort;
if (port === null) throw new Error('This module runs in a thread only.');
const { data } = workerData as { data: { place: TaskPlace; gate: SharedArrayBuffer | null } };

await startRunner(
  {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => port.on('message', listener),
    memoryBytes: () => {
      const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
      return heap + external;
    },
  },
  data.place,
  data.gate === null ? null : new Gate(data.gate),
);
