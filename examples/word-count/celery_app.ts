// The app: where its tasks are. Broker and results are a Redis on this machine unless BROKER and BACKEND say otherwise.
import { readFile } from 'node:fs/promises';
import { Celery } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';
const backend = process.env['BACKEND'] ?? broker;

export const app = new Celery('word_count', { broker, backend });

export const processFile = app.task('process_file', async (path: string) => {
  const text = await readFile(path, 'utf8');
  return { path, words: text.match(/\p{L}+/gu)?.length ?? 0 };
});
