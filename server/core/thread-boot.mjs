// How every thread starts: in development the entry is TypeScript, which a thread cannot load by itself; tsx is
// registered first. In production the entry is built JavaScript.
import { workerData } from 'node:worker_threads';

const { entry } = workerData;
if (entry.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(entry);
