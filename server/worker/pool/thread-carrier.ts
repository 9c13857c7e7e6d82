// A thread that runs tasks. `process.exit` in a task ends the thread only; a busy one is terminated in milliseconds.
import { startThread } from '../../core/threads.ts';
import type { Carrier, CarrierEvents, CarrierOptions } from './carrier.ts';
import type { FromCarrier } from './messages.ts';

export function startThreadCarrier(
  { place, maxHeapMb, gate }: CarrierOptions,
  { onMessage, onGone }: CarrierEvents,
): Carrier {
  const thread = startThread(
    'worker/pool/task-thread',
    { place, gate: gate?.buffer ?? null },
    maxHeapMb === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } },
  );
  const { threadId } = thread;
  let reason = 'the thread ended';
  thread.on('message', (message: FromCarrier) => {
    onMessage(message);
  });
  thread.on('error', (error: Error & { code?: string }) => {
    reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'the heap is exhausted' : error.message;
  });
  const gone = new Promise<void>((resolve) => {
    thread.on('exit', (code) => {
      resolve();
      onGone(`${reason}, exit code ${String(code)}`);
    });
  });
  return {
    number: threadId,
    isProcess: false,
    gone,
    post: (message) => {
      thread.postMessage(message);
    },
    end: async () => {
      await thread.terminate();
    },
  };
}
