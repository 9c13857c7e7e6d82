import {
  FINAL_STATES,
  type TaskDetail,
  type TaskState,
  type TimelineEntry,
} from '@/lib/contract/task.ts';

/** A stretch in the life of a task. `endAt` null: it lasts. */
export type Segment = {
  kind: 'queued' | 'held' | 'attempt' | 'waiting';
  label: string;
  worker: string | null;
  startAt: number;
  endAt: number | null;
  state: TaskState;
  /** Nobody told when it began: drawn at its end, and its length is not known. */
  isUntimed?: boolean;
};

type Story = Pick<
  TaskDetail,
  'timeline' | 'queue' | 'etaAt' | 'startedAt' | 'finishedAt' | 'state' | 'worker'
>;

const ENDINGS: Readonly<Record<string, TaskState>> = {
  'task-succeeded': 'success',
  'task-failed': 'failure',
  'task-retried': 'retry',
  'task-revoked': 'revoked',
  'task-rejected': 'rejected',
  lost: 'lost',
  'ended-unseen': 'unseen',
};

function runtimeMs(entry: TimelineEntry): number | null {
  const { runtimeMs: ms, runtime } = entry.fields;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  return typeof runtime === 'number' && Number.isFinite(runtime) ? runtime * 1000 : null;
}

const HELD_BY_WORKER = 'held by a worker';
const IN_QUEUE: ReadonlySet<string> = new Set(['task-sent', 'seen-queued']);
const HELD: ReadonlySet<string> = new Set(['task-received', 'seen-reserved', 'seen-in-flight']);

/** A task that says something of its own (`task-progress`, say) runs, also when nobody told that it started. */
export function isOwnEvent({ type, source }: Pick<TimelineEntry, 'type' | 'source'>): boolean {
  return (
    source === 'event' &&
    type.startsWith('task-') &&
    !IN_QUEUE.has(type) &&
    !HELD.has(type) &&
    !Object.hasOwn(ENDINGS, type) &&
    type !== 'task-started' &&
    type !== 'task-cancelled'
  );
}

/**
 * The stretches between the events of a task, oldest first: in the queue, held by a worker, each attempt,
 * each wait for the next one. An attempt whose start nobody told begins its runtime before its end.
 */
export function toSegments(task: Story): Segment[] {
  const done: Segment[] = [];
  let open: Segment | null = null;
  let attempts = 0;

  const close = (at: number, state?: TaskState) => {
    if (open === null) return;
    done.push({ ...open, endAt: Math.max(at, open.startAt), state: state ?? open.state });
    open = null;
  };
  const begin = (kind: Segment['kind'], label: string, entry: TimelineEntry, state: TaskState) => {
    open = { kind, label, worker: entry.hostname, startAt: entry.at, endAt: null, state };
  };
  const start = (entry: TimelineEntry) => {
    close(entry.at);
    attempts += 1;
    begin('attempt', `attempt ${attempts}`, entry, 'started');
  };
  const name = (worker: string | null) => {
    if (open !== null && open.worker === null) open = { ...open, worker };
  };
  const untime = () => {
    if (open !== null) open = { ...open, isUntimed: true };
  };
  const present = (): Segment | null => open;

  for (const entry of [...task.timeline].sort((a, b) => a.at - b.at)) {
    const kind = present()?.kind ?? null;
    const ending = ENDINGS[entry.type];
    if (IN_QUEUE.has(entry.type)) {
      if (kind === null && attempts === 0) {
        begin(
          'queued',
          task.queue === null ? 'queued' : `queued in ${task.queue}`,
          entry,
          'queued',
        );
      }
    } else if (HELD.has(entry.type)) {
      if (kind === 'held') name(entry.hostname);
      if (kind === 'waiting' || kind === 'attempt' || kind === 'held') continue;
      close(entry.at);
      // The eta that is known belongs to the last attempt: earlier ones had none, or another.
      const retriedLater = task.timeline.some(
        (other) => other.type === 'task-retried' && other.at >= entry.at,
      );
      const early = task.etaAt !== null && task.etaAt > entry.at && !retriedLater;
      begin(
        'held',
        early ? 'held until its time' : HELD_BY_WORKER,
        entry,
        early ? 'scheduled' : 'received',
      );
    } else if (entry.type === 'task-started' || entry.type === 'seen-active') {
      if (kind === 'attempt') continue;
      start(entry);
    } else if (isOwnEvent(entry)) {
      if (kind === 'attempt' || kind === 'waiting' || attempts > 0) continue;
      start(entry);
    } else if (ending !== undefined) {
      if (
        kind !== 'attempt' &&
        (ending === 'success' || ending === 'failure' || ending === 'retry')
      ) {
        const took = runtimeMs(entry);
        const startAt = took === null ? entry.at : entry.at - took;
        close(Math.min(startAt, entry.at));
        attempts += 1;
        begin('attempt', `attempt ${attempts}`, { ...entry, at: startAt }, 'started');
        if (took === null) untime();
      }
      close(entry.at, ending);
      if (ending === 'retry') begin('waiting', 'waiting to retry', entry, 'retry');
    }
  }
  // Its result told how it ended, or nobody did: no event of the worker closes what is open then.
  if (task.finishedAt !== null && FINAL_STATES.has(task.state)) close(task.finishedAt, task.state);
  const last = present();
  if (last !== null) done.push(last);
  return done.length > 0 ? done : fromSummary(task);
}

function fromSummary(task: Story): Segment[] {
  if (task.startedAt === null) return [];
  return [
    {
      kind: 'attempt',
      label: 'attempt',
      worker: task.worker,
      startAt: task.startedAt,
      endAt: task.finishedAt,
      state: task.state,
    },
  ];
}

/** What a stretch is called: who holds the task or runs it, where that is known. */
export function segmentLabel({ kind, label, worker }: Segment): string {
  if (label === HELD_BY_WORKER && worker !== null) return `held by ${worker}`;
  return kind === 'attempt' && worker !== null ? `${label} · ${worker}` : label;
}

export type PlacedSegment = Segment & { left: number; width: number; durationMs: number };

/** Where each stretch lies between the first moment and the last, as shares of one. */
export function placeSegments(segments: readonly Segment[], now: number): PlacedSegment[] {
  if (segments.length === 0) return [];
  const from = Math.min(...segments.map((one) => one.startAt));
  const to = Math.max(...segments.map((one) => one.endAt ?? Math.max(now, one.startAt)));
  const whole = Math.max(to - from, 1);
  return segments.map((one) => {
    const endAt = one.endAt ?? Math.max(now, one.startAt);
    return {
      ...one,
      left: (one.startAt - from) / whole,
      width: (endAt - one.startAt) / whole,
      durationMs: endAt - one.startAt,
    };
  });
}
