// What the consumer and a carrier of tasks tell each other. Plain data, safe for structured cloning; values whose classes matter travel as
// JSON (packed-outcome.ts, packed-call.ts).
import type { PackedJob } from './packed-job.ts';
import type { PackedOutcome } from '../../client/attempt/packed-outcome.ts';
import type { TaskOptions } from '../../client/task-types.ts';

export type JobLimits = { softTimeLimitMs: number | null; timeLimitMs: number | null };

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

/** How long it kept its carrier, and what the carrier holds after it, when somebody asked for that. */
export type Cost = { ms: number; memoryBytes: number | null };

export type FromCarrier =
  /** `saysFarewell`: it has something to do before it ends in peace. */
  | { type: 'ready'; tasks: RegisteredTask[]; saysFarewell: boolean }
  | { type: 'outcome'; key: number; outcome: PackedOutcome; cost: Cost }
  | { type: 'note'; key: number; note: Note }
  | { type: 'wish'; key: number; call: number; wish: Wish };
