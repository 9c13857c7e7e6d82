import type { TaskDetail } from '@/lib/contract/task.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import type { Segment } from './attempts.ts';

type Told = Pick<
  TaskDetail,
  | 'state'
  | 'customState'
  | 'queue'
  | 'etaAt'
  | 'startedAt'
  | 'sentAt'
  | 'receivedAt'
  | 'finishedAt'
  | 'retries'
  | 'revoking'
>;

const attemptsIn = (segments: readonly Segment[]) =>
  segments.filter((one) => one.kind === 'attempt').length;

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

function since(at: number | null, now: number): string {
  return at === null ? '' : ` for ${formatDuration(Math.max(0, now - at))}`;
}

/** The state of a task in words: `failed after 3 attempts`. */
export function toHeadline(task: Told, segments: readonly Segment[], now: number): string {
  // A worker counts its retries even when nobody saw the earlier attempts.
  const attempts = Math.max(attemptsIn(segments), task.startedAt === null ? 0 : task.retries + 1);
  switch (task.state) {
    case 'success':
      return attempts > 1 ? `succeeded at attempt ${attempts}` : 'succeeded';
    case 'failure':
      if (attempts > 1) return `failed after ${plural(attempts, 'attempt')}`;
      return segments.some((one) => one.isUntimed === true)
        ? 'failed; nobody told that it started'
        : 'failed at its first attempt';
    case 'retry':
      return `waiting to be tried again after ${plural(Math.max(attempts, 1), 'attempt')}`;
    case 'started': {
      const word = task.customState === null ? 'running' : `running, says ${task.customState}`;
      const which = attempts > 1 ? `, attempt ${attempts}` : '';
      return `${word}${which}${since(task.startedAt, now)}`;
    }
    case 'queued':
      return `waiting in ${task.queue ?? 'its queue'}${since(task.sentAt, now)}; no worker has it yet`;
    case 'scheduled':
      return task.etaAt === null
        ? 'scheduled for later'
        : `scheduled, starts in ${formatDuration(Math.max(0, task.etaAt - now))}`;
    case 'received':
      return attemptsIn(segments) > 0
        ? `received again for attempt ${attemptsIn(segments) + 1}, not started${since(task.receivedAt, now)}`
        : `received by a worker, not started${since(task.receivedAt, now)}`;
    case 'revoked':
      return task.startedAt === null ? 'revoked before it started' : 'revoked while it ran';
    case 'rejected':
      return 'rejected by its worker';
    case 'lost':
      return 'lost: nobody holds it any more';
    case 'unseen':
      return 'ended unseen; how it ended is not known';
  }
}

export type Span = {
  fromAt: number | null;
  toAt: number | null;
  wholeMs: number | null;
  runningMs: number | null;
};

/** From the first moment known to the last, and how much of that was running. */
export function toSpan(task: Told, segments: readonly Segment[], now: number): Span {
  const first = segments[0]?.startAt ?? task.sentAt ?? task.receivedAt ?? task.startedAt;
  const attempts = segments.filter((one) => one.kind === 'attempt');
  const last = segments.at(-1);
  const toAt = task.finishedAt ?? last?.endAt ?? null;
  return {
    fromAt: first,
    toAt,
    wholeMs: first === null ? null : Math.max(0, (toAt ?? now) - first),
    runningMs:
      attempts.length === 0 || attempts.some((one) => one.isUntimed === true)
        ? null
        : attempts.reduce((sum, one) => sum + Math.max(0, (one.endAt ?? now) - one.startAt), 0),
  };
}
