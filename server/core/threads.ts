// Starts a thread from a module of ours, as TypeScript (development, tests) or as built JavaScript (production).
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { assetUrl, entryUrl, type Entry } from './entries.ts';

/** Starts an entry, or the module at a URL, in a thread. `data` reaches it as `workerData.data`. */
export function startThread(
  entry: Entry | URL,
  data: unknown,
  options: WorkerOptions = {},
): Worker {
  const { href } = entry instanceof URL ? entry : entryUrl(entry);
  return new Worker(assetUrl('core/thread-boot.mjs'), {
    ...options,
    workerData: { entry: href, data },
  });
}
