import type { ClusterStatus, Overview } from './overview.ts';
import type { QueueDetail, QueueSummary } from './queue.ts';
import type { TaskDetail } from './task.ts';
import type { WorkerDetail, WorkerSummary } from './worker.ts';

// The live gateway (socket.io at <base>/socket.io). The browser subscribes to topics of one cluster; the server pushes complete
// small pictures (first at once, then at most four a second per topic) and only announces changes of lists.

export type LiveTopic =
  | 'status'
  | 'overview'
  | 'workers'
  | 'queues'
  | 'tasks'
  | `worker:${string}`
  | `queue:${string}`
  | `task:${string}`;

export type LivePicture =
  | { topic: 'status'; data: ClusterStatus }
  | { topic: 'overview'; data: Overview }
  | { topic: 'workers'; data: WorkerSummary[] }
  | { topic: 'queues'; data: QueueSummary[] }
  | { topic: `worker:${string}`; data: WorkerDetail | null }
  | { topic: `queue:${string}`; data: QueueDetail | null }
  | { topic: `task:${string}`; data: TaskDetail | null };

/** `total`s since the process started, so that a client that missed announcements can still tell what it missed. */
export type LiveAnnouncement = {
  topic: 'tasks' | 'workers';
  version: number;
  newTotal: number;
  changedTotal: number;
};

export type LivePictureMessage = {
  cluster: string;
  /** Names the run of the server: only versions of one run compare. */
  run: string;
  /** Of what is shown: never falls within a run, cluster and topic. */
  version: number;
  at: number;
  /** The range that was subscribed to. */
  range: string;
  picture: LivePicture;
};

export interface ServerToClient {
  picture(message: LivePictureMessage): void;
  announce(message: { cluster: string; at: number; announcement: LiveAnnouncement }): void;
  trouble(message: { cluster: string; topic: LiveTopic; code: string; detail: string }): void;
}

export interface ClientToServer {
  /** `range` applies to the overview. The answer says whether the topic exists. */
  subscribe(
    request: { cluster: string; topic: LiveTopic; range?: string },
    answer: (result: { ok: boolean; reason?: string }) => void,
  ): void;
  unsubscribe(request: { cluster: string; topic: LiveTopic }): void;
}
