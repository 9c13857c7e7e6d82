// One checkpoint at a time, on a connection of this thread: its flushes to the disk hold up nobody who writes or reads.
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import { errorText } from '../../core/errors.ts';

const { data: path } = workerData as { data: string };
const db = new BetterSqlite(path, { timeout: 0 });

parentPort?.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    db.close();
    parentPort?.close();
    return;
  }
  let failure: string | null = null;
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch (error) {
    failure = errorText(error);
  }
  parentPort?.postMessage(failure);
});
