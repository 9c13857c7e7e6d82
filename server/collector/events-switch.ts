// Whether a worker sends task events: yes once some arrived; no when it goes on taking tasks while none arrive; else not
// known. Another process under the name is another worker. Pure bookkeeping, once a second.
import type { WorkerEntry } from './worker-book.ts';

export type EventsWatch = {
  pid: number | null;
  taskEvents: number;
  /** Of the first heartbeat after the last event, so that what it counts was announced already. */
  processed: number | null;
  since: number;
};

/** A worker that stopped sending events although it goes on taking tasks. */
export type WentSilent = { hostname: string; since: number; missed: number | null };

const SILENT_FOR_MS = 5000;
/** Heartbeats and events travel apart: a heartbeat so long after an event counts nothing unannounced. */
const SETTLED_MS = 1500;

export function watchEvents(entry: WorkerEntry, now: number, inGap: boolean): WentSilent | null {
  const { facts } = entry;
  const watch = entry.eventsWatch;
  const isOther = watch !== null && watch.pid !== null && facts.pid !== watch.pid;
  const hasNews = watch !== null && facts.taskEventCount > watch.taskEvents;
  if (isOther) entry.eventsEnabled = null;
  if (hasNews || (facts.taskEventCount > 0 && watch === null)) entry.eventsEnabled = true;
  if (watch === null || inGap || isOther || hasNews) {
    entry.eventsWatch = {
      pid: facts.pid,
      taskEvents: facts.taskEventCount,
      processed: null,
      since: now,
    };
    return null;
  }
  watch.pid ??= facts.pid;
  const { processed, lastHeartbeatAt } = facts;
  const settled = lastHeartbeatAt !== null && lastHeartbeatAt >= watch.since + SETTLED_MS;
  if (watch.processed === null && settled) watch.processed = processed;
  const missed =
    processed !== null && watch.processed !== null && processed > watch.processed
      ? processed - watch.processed
      : null;
  const holds =
    facts.taskEventCount === 0 &&
    (entry.sections.running.value ?? []).some(
      (task) => task.startedAt !== null && task.startedAt > watch.since,
    );
  if ((missed === null && !holds) || now - watch.since < SILENT_FOR_MS) return null;
  const wentSilent = entry.eventsEnabled === true;
  entry.eventsEnabled = false;
  return wentSilent ? { hostname: facts.hostname, since: watch.since, missed } : null;
}
