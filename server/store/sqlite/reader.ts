// The reading door: questions go to a small pool of threads with read-only connections, so that a slow search never holds
// up the caller. Any thread of the process may open one.
import { Piscina } from 'piscina';
import type { WorkerSummary } from '../../../lib/contract/index.ts';
import { assetUrl, entryUrl } from '../../core/entries.ts';
import { AppError, errorText } from '../../core/errors.ts';
import type { StoreReader } from '../store.ts';
import type { Answer, Asked, Method } from './queries/answer.ts';

const YOUNG_GENERATION_MB = 8;
const MAX_WAITING = 1000;

/** Opens a reader on the store at `path`, which its writer may only be about to create. */
export function openStoreReader({ path, threads }: { path: string; threads: number }): StoreReader {
  const pool = new Piscina({
    filename: assetUrl('core/pool-boot.mjs').href,
    workerData: { entry: entryUrl('store/sqlite/reader-thread').href },
    minThreads: 1,
    maxThreads: Math.max(1, threads),
    idleTimeout: 30_000,
    maxQueue: MAX_WAITING,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  let isClosed = false;
  // Nobody's question: a thread that died idle is replaced, and an answer that comes after the close is too late. Who asked hears from run().
  // Unheard, it would end the process.
  pool.on('error', () => undefined);

  function door<Name extends Method>(method: Name): StoreReader[Name] {
    const ask = async (...args: unknown[]): Promise<unknown> => {
      const asked: Asked = { path, method, args };
      let answer: Answer;
      try {
        answer = (await pool.run(asked)) as Answer;
      } catch (error) {
        if (isClosed) throw new AppError('closed', 'The store was closed.');
        throw new AppError('store_failed', `Reading the store failed: ${errorText(error)}`, {
          cause: error,
        });
      }
      if (answer.ok) return answer.value;
      throw new AppError(answer.code, answer.message, { details: { ...answer.details } });
    };
    return ask as StoreReader[Name];
  }

  const workersText = door('workersText');
  return {
    listTasks: door('listTasks'),
    taskFacets: door('taskFacets'),
    taskNews: door('taskNews'),
    getTask: door('getTask'),
    getTaskRecords: door('getTaskRecords'),
    suggest: door('suggest'),
    taskTypes: door('taskTypes'),
    countsByState: door('countsByState'),
    countsBy: door('countsBy'),
    metrics: door('metrics'),
    metricTotals: door('metricTotals'),
    metricHistogram: door('metricHistogram'),
    workers: async () => JSON.parse(await workersText()) as WorkerSummary[],
    workersText,
    worker: door('worker'),
    toldSchedules: door('toldSchedules'),
    newestOfTypes: door('newestOfTypes'),
    queues: door('queues'),
    queue: door('queue'),
    backlogSeries: door('backlogSeries'),
    gaps: door('gaps'),
    fact: door('fact'),
    close: async () => {
      isClosed = true;
      await pool.destroy();
    },
  };
}
