// What a reader thread does with a question: by name, on one connection, in one read transaction. Errors travel as values.
import type { StoreReader } from '../../store.ts';
import { errorText, isAppError, type AppErrorCode } from '../../../core/errors.ts';
import type { Connection } from './connection.ts';
import { taskFacets } from './facets.ts';
import { getTask, getTaskRecords } from './get-task.ts';
import { listTasks } from './list-tasks.ts';
import { metricHistogram, metrics, metricTotals } from './metrics.ts';
import { taskNews } from './news.ts';
import { newestOfTypes, toldSchedules } from './schedule.ts';
import * as small from './small-queries.ts';

export type Method = Exclude<keyof StoreReader, 'close' | 'workers'>;
export type Asked = { path: string; method: Method; args: unknown[] };
export type Answer =
  | { ok: true; value: unknown }
  | { ok: false; code: AppErrorCode; message: string; details: Readonly<Record<string, unknown>> };

type Answers = {
  [Name in Method]: (
    connection: Connection,
    ...args: Parameters<StoreReader[Name]>
  ) => Awaited<ReturnType<StoreReader[Name]>>;
};

const ANSWERS: Answers = {
  listTasks,
  taskFacets,
  taskNews,
  getTask,
  getTaskRecords,
  suggest: small.suggest,
  taskTypes: small.taskTypes,
  countsByState: small.countsByState,
  countsBy: small.countsBy,
  metrics: (connection, query) => metrics(connection, query),
  metricTotals,
  metricHistogram,
  workersText: small.workersText,
  worker: small.worker,
  toldSchedules,
  newestOfTypes,
  queues: small.queues,
  queue: small.queue,
  backlogSeries: small.backlogSeries,
  gaps: small.gaps,
  fact: small.fact,
};

export function answer(connection: Connection, { method, args }: Asked): Answer {
  try {
    const run = ANSWERS[method] as (connection: Connection, ...args: unknown[]) => unknown;
    const value = connection.db.transaction(() => {
      connection.names.refresh();
      return run(connection, ...args);
    })();
    return { ok: true, value };
  } catch (error) {
    return toFailure(error);
  }
}

export function toFailure(error: unknown): Answer {
  if (isAppError(error)) {
    return { ok: false, code: error.code, message: error.message, details: error.details };
  }
  const message = `Reading the store failed: ${errorText(error)}`;
  return { ok: false, code: 'store_failed', message, details: {} };
}
