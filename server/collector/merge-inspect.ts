// What workers say they hold, merged into tasks: unseen ones become known, exact arguments replace shortened text, revoked
// ids mark unfinished tasks. Facts are added only where they tell something new.
import type { ScheduledTask, TaskInfo } from '../celery/control.ts';
import { FINAL_STATES, PRESUMED_STATES } from '../../lib/contract/index.ts';
import type { TaskRecord, TimelineFact } from '../store/task-record.ts';
import { MAX_ID_CHARS } from './bounds.ts';
import { fillArguments } from './exact-text.ts';
import type { Fold } from './fold.ts';
import type { NamedTasks } from './inspect-sections.ts';
import type { LiveTask } from './live-tasks.ts';

export function mergeInspect(fold: Fold, hostname: string, named: NamedTasks, now: number): void {
  for (const info of named.running) running(fold, hostname, info, now);
  for (const info of named.reserved) reserved(fold, hostname, info, null, now);
  for (const item of named.scheduled) scheduled(fold, hostname, item, now);
  for (const id of named.revoked) revoked(fold, id, now);
}

function takeTask(fold: Fold, info: TaskInfo, now: number): LiveTask | null {
  if (info.id === '' || info.id.length > MAX_ID_CHARS) return null;
  const live = fold.tasks.take(info.id, now);
  if (isAnnounced(live.record.state)) return null;
  if (describeFrom(fold, live.record, info)) fold.tasks.touch(live);
  return live;
}

function isAnnounced(state: TaskRecord['state']): boolean {
  return FINAL_STATES.has(state) && !PRESUMED_STATES.has(state);
}

function describeFrom(fold: Fold, record: TaskRecord, info: TaskInfo): boolean {
  let changed = fillArguments(fold, record, info.args, info.kwargs, 'inspect');
  if (record.type === null) {
    record.type = info.type ?? info.name;
    changed = true;
  }
  if (record.queue === null && info.routingKey !== null) {
    record.queue = info.routingKey;
    record.routingKey = info.routingKey;
    record.exchange = info.exchange;
    changed = true;
  }
  if (record.priority === null && info.priority !== null) {
    record.priority = info.priority;
    changed = true;
  }
  if (info.workerPid !== null && record.workerPid !== info.workerPid) {
    record.workerPid = info.workerPid;
    changed = true;
  }
  return changed;
}

function fact(type: string, at: number, hostname: string): TimelineFact {
  return { at, type, hostname, clock: null, pid: null, source: 'inspect', fields: null };
}

function running(fold: Fold, hostname: string, info: TaskInfo, now: number): void {
  const live = takeTask(fold, info, now);
  if (live === null) return;
  const { record } = live;
  if (record.state === 'started' && record.worker === hostname) return;
  // An attempt that was retried meanwhile: the list is older than the event.
  const startedAt = info.startedAt ?? now;
  if (record.state === 'retry' && (record.timeline.at(-1)?.at ?? 0) > startedAt) return;
  fold.apply(live, fact('seen-active', Math.min(startedAt, now), hostname), null, now);
}

function reserved(
  fold: Fold,
  hostname: string,
  info: TaskInfo,
  etaAt: number | null,
  now: number,
): void {
  const live = takeTask(fold, info, now);
  if (live === null) return;
  const { record } = live;
  if (etaAt !== null && record.etaAt === null) record.etaAt = etaAt;
  const waits = record.state === 'received' || record.state === 'scheduled';
  if (record.state === 'started') return;
  if (waits && record.worker === hostname) return;
  fold.apply(live, fact('seen-reserved', now, hostname), null, now);
}

function scheduled(fold: Fold, hostname: string, item: ScheduledTask, now: number): void {
  reserved(fold, hostname, item.request, item.etaAt, now);
}

/** Workers keep thousands of ids of tasks that ended long ago: only tasks in memory are looked at. */
function revoked(fold: Fold, id: string, now: number): void {
  const live = fold.tasks.byId.get(id);
  if (live === undefined || live.record.revoking || FINAL_STATES.has(live.record.state)) return;
  live.record.revoking = true;
  live.record.updatedAt = now;
  fold.tasks.touch(live);
}
