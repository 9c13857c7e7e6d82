// Sends a file to the worker and prints what it counted.
import { app, processFile } from './celery_app.ts';

const result = await processFile.delay('example.txt');
const { path, words } = await result.get({ timeoutMs: 30_000 });
console.log(`${path}: ${String(words)} words`);
await app.close();
