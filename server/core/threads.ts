// Starts a thread from a module of ours, as TypeScript (development, tests) or as built JavaScript (production).
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the module at `entry` (a file URL: `new URL('./x-thread.ts', import.meta.url)`, which the server build rewrites)
 * in a thread. `data` reaches it as `workerData.data`.
 */
export function startThread(entry: URL, data: unknown, options: WorkerOptions = {}): Worker {
  return new Worker(new URL('./thread-boot.mjs', import.meta.url), {
    ...options,
    workerData: { entry: builtEntry(entry), data },
  });
}

/** `new URL('./x.ts', …)` is a string to the compiler and stays `.ts`; the built file beside us is `.js`. */
export function builtEntry(entry: URL): string {
  const runsBuilt = import.meta.url.endsWith('.js');
  return runsBuilt ? entry.href.replace(/\.ts$/, '.js') : entry.href;
}
