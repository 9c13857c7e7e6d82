// One attempt at a task, and how it ended. Types only: the same in a pool, in a worker and where a task runs in the process that calls it.
import type { PyValue } from '../../../lib/python/values.ts';
import type { Signature } from '../../celery/signature.ts';
import type { TaskRequest } from '../task-types.ts';

export type Job = {
  /** Of this run: the same task may be here twice, when its message was delivered again. */
  key: number;
  id: string;
  name: string;
  request: TaskRequest;
};

export type ErrorReport = {
  excType: string;
  excModule: string;
  excMessage: PyValue[];
  /** As Python prints it: `ValueError('no good')`. */
  repr: string;
  traceback: string | null;
};

export type Outcome =
  | { type: 'success'; result: PyValue; runtimeMs: number }
  | {
      type: 'failure';
      error: ErrorReport;
      lost?: boolean;
      timedOut?: boolean;
      /** The task said that it may fail so. */
      isExpected?: boolean;
      /** Names of the errbacks that were called already. */
      errbacksCalled?: string[];
    }
  | {
      type: 'retry';
      cause: ErrorReport | null;
      traceback: string | null;
      etaAt: number;
      args: PyValue[] | null;
      kwargs: { [key: string]: PyValue } | null;
    }
  | { type: 'ignore' }
  | { type: 'replace'; signature: Signature }
  | { type: 'reject'; requeue: boolean; error: ErrorReport }
  | { type: 'terminated'; signal: string }
  /** Cut off by a shutdown that did not wait. */
  | { type: 'cancelled' };

/** How an attempt ended, where it ran: a result is the JSON that it is stored as. */
export type ReportedOutcome =
  | Extract<Outcome, { type: 'failure' | 'retry' | 'ignore' | 'replace' | 'reject' }>
  | { type: 'success'; json: string; runtimeMs: number };
