// The only writer as the other rooms see it (control, web and main may import the store, not the collector): it says what changed, and takes
// the few requests that must go through it.
import type { ClusterStatus } from '../../lib/contract/index.ts';

/** Celery's inspect commands: the parts of what a worker says about itself. */
export type InspectMethod =
  | 'active'
  | 'reserved'
  | 'scheduled'
  | 'revoked'
  | 'registered'
  | 'active_queues'
  | 'stats'
  | 'conf';

export type CommitNotice = {
  version: number;
  at: number;
  newTotal: number;
  changedTotal: number;
  /** Ids of at most 500 tasks that changed, so that open task pages can be pushed; null when there were more. */
  changedIds: string[] | null;
  workersChanged: boolean;
  queuesChanged: boolean;
  status: ClusterStatus;
};

/** Facts that the dashboard itself causes, folded in by the only writer. */
export type Annotation =
  | {
      type: 'revoke-sent';
      ids: string[];
      terminate: boolean;
      signal: string;
      actor: string;
      at: number;
    }
  | {
      type: 'retried';
      originalId: string;
      newId: string;
      taskType: string;
      queue: string;
      actor: string;
      at: number;
    }
  /** These workers said that they send task events from now on. */
  | { type: 'events-enabled'; hostnames: string[]; enabled: boolean; at: number }
  | {
      type: 'result-read';
      id: string;
      status: string;
      resultText: string | null;
      exception: string | null;
      traceback: string | null;
      argsText: string | null;
      kwargsText: string | null;
      finishedAt: number | null;
      worker: string | null;
      retries: number | null;
      at: number;
    };

export interface CollectorHandle {
  status(): ClusterStatus;
  onCommit(listener: (notice: CommitNotice) => void): () => void;
  /** Resolves when the annotation is in the store. */
  annotate(annotation: Annotation): Promise<void>;
  /** Asks these workers (null: all) now, about everything or these parts; resolves when the answers, or their absence, are in the store. */
  inspectNow(
    hostnames: readonly string[] | null,
    methods?: readonly InspectMethod[],
  ): Promise<void>;
  forgetWorker(hostname: string): Promise<void>;
  /** Stops reading, writes what is in memory, closes. */
  stop(): Promise<void>;
  /** Resolves when the thread ended by itself, with the reason. */
  failed(): Promise<Error>;
}
