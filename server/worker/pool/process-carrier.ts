// A child process that runs tasks: prefork's equal. Whatever a task does to it (memory of any kind, a crash, an exit) stays in it.
import { startProcess } from '../../core/processes.ts';
import type { Carrier, CarrierEvents, CarrierOptions } from './carrier.ts';
import type { FromCarrier } from './messages.ts';

export function startProcessCarrier(
  { place, maxHeapMb }: CarrierOptions,
  { onMessage, onGone }: CarrierEvents,
): Carrier {
  const child = startProcess(
    'worker/pool/task-process',
    { place },
    maxHeapMb === null ? [] : [`--max-old-space-size=${String(maxHeapMb)}`],
  );
  let isGone = false;
  let reason: string | null = null;
  const gone = new Promise<void>((resolve) => {
    const leave = (text: string) => {
      if (isGone) return;
      isGone = true;
      resolve();
      onGone(reason ?? text);
    };
    child.once('exit', (code, signal) => {
      leave(signal === null ? `exitcode ${String(code)}` : `signal ${signal}`);
    });
    child.once('error', (error) => {
      reason = error.message;
      if (child.pid === undefined) leave(error.message);
    });
  });
  child.on('message', (message) => {
    onMessage(message as FromCarrier);
  });
  return {
    number: child.pid ?? 0,
    isProcess: true,
    gone,
    post: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    end: async (signal = 'SIGKILL') => {
      if (!isGone) child.kill(signal);
      await gone;
    },
  };
}
