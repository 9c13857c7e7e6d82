// One task as the fold keeps it in memory and the store keeps it on disk. Mutable and flat on purpose: it is the hot object.
import type { FactSource, TaskState } from '../../lib/contract/index.ts';

export type TimelineFact = {
  at: number;
  type: string;
  hostname: string | null;
  clock: number | null;
  pid: number | null;
  source: FactSource;
  /** What the event carried and no column holds, bounded; null when nothing. */
  fields: Record<string, unknown> | null;
};

/** What the stored row of a task counts as, for the store alone. */
export type StoredKeys = {
  type_id: number;
  worker_id: number;
  queue_id: number;
  state: number;
  flags: number;
  block: number | null;
};

export type TaskRecord = {
  id: string;
  /** The store's row; 0 until first written. */
  rowId: number;
  /** Kept by the store's writer with the records of unfinished tasks; null: to be read when it is needed. */
  stored: StoredKeys | null;
  type: string | null;
  state: TaskState;
  customState: string | null;
  revoking: boolean;
  worker: string | null;
  workerPid: number | null;
  queue: string | null;
  exchange: string | null;
  routingKey: string | null;
  priority: number | null;
  sentBy: string | null;
  sentAt: number | null;
  /** First and latest reception, start and end, epoch ms. */
  receivedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  etaAt: number | null;
  expiresAt: number | null;
  updatedAt: number;
  /** When any fact about it was first seen by us (never changes; the order of arrival). */
  firstSeenAt: number;
  waitMs: number | null;
  runtimeMs: number | null;
  retries: number;
  /** Python text from events or messages, bounded to `MAX_TEXT_CHARS`. */
  args: string | null;
  kwargs: string | null;
  argsSource: FactSource;
  /** Exact: from a message body or an extended result. */
  argsExact: boolean;
  result: string | null;
  exception: string | null;
  traceback: string | null;
  rootId: string | null;
  parentId: string | null;
  groupId: string | null;
  /** JSON of `MessageParts`, at most 64 KB, when its message was seen in the broker; null otherwise. */
  messageParts: string | null;
  retryOfId: string | null;
  retriedAsIds: string[];
  /** The clock of the event that set the state, for ordering. */
  stateClock: number | null;
  timeline: TimelineFact[];
  timelineDropped: number;
};

export const MAX_TIMELINE = 200;

export function createTaskRecord(id: string, seenAt: number): TaskRecord {
  return {
    id,
    rowId: 0,
    stored: null,
    type: null,
    state: 'queued',
    customState: null,
    revoking: false,
    worker: null,
    workerPid: null,
    queue: null,
    exchange: null,
    routingKey: null,
    priority: null,
    sentBy: null,
    sentAt: null,
    receivedAt: null,
    startedAt: null,
    finishedAt: null,
    etaAt: null,
    expiresAt: null,
    updatedAt: seenAt,
    firstSeenAt: seenAt,
    waitMs: null,
    runtimeMs: null,
    retries: 0,
    args: null,
    kwargs: null,
    argsSource: 'none',
    argsExact: false,
    result: null,
    exception: null,
    traceback: null,
    rootId: null,
    parentId: null,
    groupId: null,
    messageParts: null,
    retryOfId: null,
    retriedAsIds: [],
    stateClock: null,
    timeline: [],
    timelineDropped: 0,
  };
}

/** What a message seen in the broker told beside the arguments; kept as JSON so that a retry can offer it. */
export type MessageParts = {
  customHeaders: string | null;
  callbacks: string | null;
  errbacks: string | null;
  chain: string | null;
  timeLimit: [number | null, number | null] | null;
  serializer: string;
  chordMember: boolean;
};
