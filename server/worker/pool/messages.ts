// What the consumer and a carrier of tasks tell each other. Plain data, safe for structured cloning; values whose classes matter travel as
// JSON (packed-outcome.ts, packed-call.ts).
import type { PackedJob } from './packed-job.ts';
import type { PackedOutcome } from './packed-outcome.ts';
import type { PyValue } from '../../../lib/python/values.ts';
import type { Signature } from '../../celery/signature.ts';
import type { TaskOptions, TaskRequest } from '../../client/task-types.ts';

export type Job = {
  /** Of this run: the same task may be here twice, when its message was delivered again. */
  key: number;
  id: string;
  name: string;
  request: TaskRequest;
};

export type JobLimits = { softTimeLimitMs: number | null; timeLimitMs: number | null };

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

export type RegisteredTask = { name: string; options: TaskOptions };

/** What a task asks of the worker while it runs. */
export type Wish =
  | { type: 'send'; call: string }
  | { type: 'add-to-chord'; signature: string }
  | { type: 'is-aborted' }
  | { type: 'failure-of'; id: string };

/** What is known of a task that failed; nulls when nothing was stored. */
export type KnownFailure = {
  name: string | null;
  /** `excArgs` as JSON. */
  exception: { excType: string; excModule: string; excArgs: string } | null;
  traceback: string | null;
};

/** What a task tells while it runs. */
export type Note =
  | { type: 'state'; state: string; meta: string }
  | { type: 'event'; event: string; fields: string }
  | { type: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; fields: object; message: string };

export type ToCarrier =
  | { type: 'run'; jobs: readonly PackedJob[] }
  /** How many may run at once; one until told otherwise. */
  | { type: 'resize'; limit: number }
  | { type: 'soft-limit'; key: number; seconds: number }
  | { type: 'abort'; key: number }
  | { type: 'granted'; call: number; value: unknown; error: string | null }
  /** No task will come any more; it ends by itself. */
  | { type: 'leave' };

/** How an attempt ended, where it ran: a result is the JSON that it is stored as. */
export type ReportedOutcome =
  | Extract<Outcome, { type: 'failure' | 'retry' | 'ignore' | 'replace' | 'reject' }>
  | { type: 'success'; json: string; runtimeMs: number };

/** How long it kept its carrier, and what the carrier holds after it, when somebody asked for that. */
export type Cost = { ms: number; memoryBytes: number | null };

export type FromCarrier =
  /** `saysFarewell`: it has something to do before it ends in peace. */
  | { type: 'ready'; tasks: RegisteredTask[]; saysFarewell: boolean }
  | { type: 'outcome'; key: number; outcome: PackedOutcome; cost: Cost }
  | { type: 'note'; key: number; note: Note }
  | { type: 'wish'; key: number; call: number; wish: Wish };
