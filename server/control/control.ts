// The one door for everything that changes a cluster. Every verb knows who asked, validates, acts, records, answers.
import type {
  CommandOutcome,
  QueuePeek,
  RetryForm,
  RetryOutcome,
  RetryRequest,
  RevokeRequest,
  ScheduleList,
  WorkerCommandRequest,
} from '../../lib/contract/index.ts';

export type Actor = { name: string; address: string | null };

export type SentTask = { id: string; notes: string[] };

export interface Control {
  revoke(actor: Actor, request: RevokeRequest): Promise<CommandOutcome>;
  retryForm(id: string): Promise<RetryForm>;
  retry(actor: Actor, id: string, request: RetryRequest): Promise<RetryOutcome>;
  /** `body`: JSON with args, kwargs and options as `apply_async` takes them. */
  sendTask(actor: Actor, type: string, body: string): Promise<SentTask>;
  /** Stores ABORTED in the result backend. */
  abort(actor: Actor, id: string): Promise<void>;
  command(actor: Actor, request: WorkerCommandRequest): Promise<CommandOutcome>;
  peekQueue(queue: string, options: { from: 'next' | 'newest'; limit: number }): Promise<QueuePeek>;
  /** What beat sends, from the app and from workers' configurations; knows Celery's schedules, changes nothing. */
  schedule(): Promise<ScheduleList>;
  /** Reads the result backend for a task page; tells the collector what it learnt. */
  readResult(id: string): Promise<ResultReading>;
  forgetWorker(actor: Actor, hostname: string): Promise<void>;
}

export type ResultReading =
  | {
      type: 'found';
      status: string;
      extended: boolean;
      resultText: string | null;
      traceback: string | null;
      argsText: string | null;
      kwargsText: string | null;
      value: unknown;
      readAt: number;
    }
  | { type: 'absent'; readAt: number }
  | { type: 'unavailable'; reason: string; readAt: number };
