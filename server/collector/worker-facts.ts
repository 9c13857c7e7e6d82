// What events alone say about a worker, by hostname. Written on the hot path, read by liveness and the worker rows.
import { count, finite, shortText, integer } from './raw-fields.ts';
import type { RawEvent } from '../celery/event.ts';

export type WorkerFacts = {
  hostname: string;
  firstSeenAt: number;
  /** By our clock. */
  lastSeenAt: number;
  lastHeartbeatAt: number | null;
  lastTaskEventAt: number | null;
  /** Set by worker-offline, cleared by any later sign of life of the main process. */
  offlineAt: number | null;
  heartbeatMs: number | null;
  active: number | null;
  processed: number | null;
  loadAverage: number[] | null;
  pid: number | null;
  software: string | null;
  clockSkewMs: number | null;
  /** Distinct main-process pids of late heartbeats, newest first. */
  recentPids: { pid: number; at: number; count: number }[];
  /** The last heartbeats with counts, oldest first, each with the starts that events told of until then. */
  pulses: { at: number; processed: number; started: number }[];
  lastClock: number | null;
  /** When a heartbeat of the same pid counted less, or had an earlier clock, than one before it. */
  stepsBack: number[];
  taskEventCount: number;
  receivedCount: number;
  startedCount: number;
  endedCount: number;
  failedCount: number;
};

export function createWorkerFacts(hostname: string, now: number): WorkerFacts {
  return {
    hostname,
    firstSeenAt: now,
    lastSeenAt: now,
    lastHeartbeatAt: null,
    lastTaskEventAt: null,
    offlineAt: null,
    heartbeatMs: null,
    active: null,
    processed: null,
    loadAverage: null,
    pid: null,
    software: null,
    clockSkewMs: null,
    recentPids: [],
    pulses: [],
    lastClock: null,
    stepsBack: [],
    taskEventCount: 0,
    receivedCount: 0,
    startedCount: 0,
    endedCount: 0,
    failedCount: 0,
  };
}

const MAX_PULSES = 3;
const MAX_HEARTBEAT_MS = 3_600_000;

/** worker-online, worker-heartbeat, worker-offline; other worker events are only a sign of life. */
export function foldWorkerEvent(facts: WorkerFacts, raw: RawEvent, now: number): void {
  const { type } = raw;
  facts.lastSeenAt = now;
  if (type !== 'worker-online' && type !== 'worker-heartbeat' && type !== 'worker-offline') return;
  const pid = integer(raw['pid']);
  if (type === 'worker-offline') {
    if (pid === null || facts.pid === null || pid === facts.pid) facts.offlineAt = now;
    return;
  }
  facts.offlineAt = null;
  facts.lastHeartbeatAt = now;
  noteOrder(facts, raw, pid, now);
  if (pid !== null) notePid(facts, pid, now);
  const freq = finite(raw['freq']);
  const active = count(raw['active']);
  // The heartbeat sent on request has freq 5 and none of the rest.
  if (active !== null && freq !== null && freq > 0) {
    facts.heartbeatMs = Math.min(MAX_HEARTBEAT_MS, Math.round(freq * 1000));
  }
  if (active !== null) facts.active = active;
  const processed = count(raw['processed']);
  if (processed !== null) {
    facts.processed = processed;
    facts.pulses.push({ at: now, processed, started: facts.startedCount });
    if (facts.pulses.length > MAX_PULSES) facts.pulses.shift();
  }
  facts.loadAverage = loadOf(raw['loadavg']) ?? facts.loadAverage;
  const ident = shortText(raw['sw_ident']);
  const version = shortText(raw['sw_ver']);
  if (ident !== null) facts.software = version === null ? ident : `${ident} ${version}`;
  noteSkew(facts, raw['timestamp'], now);
}

/** One process counts upwards only. A new one says worker-online first. */
function noteOrder(facts: WorkerFacts, raw: RawEvent, pid: number | null, now: number): void {
  const clock = integer(raw['clock']);
  const processed = count(raw['processed']);
  if (raw.type === 'worker-online' || (facts.pid !== null && pid !== facts.pid)) {
    facts.pulses.length = 0;
    facts.lastClock = clock;
    return;
  }
  const clockBack = clock !== null && facts.lastClock !== null && clock < facts.lastClock;
  const countBack = processed !== null && facts.processed !== null && processed < facts.processed;
  facts.lastClock = clock ?? facts.lastClock;
  if (!clockBack && !countBack) return;
  facts.pulses.length = 0;
  facts.stepsBack = [now, ...facts.stepsBack.slice(0, 3)];
}

function loadOf(value: unknown): number[] | null {
  if (!Array.isArray(value) || value.length > 3) return null;
  return value.every((item): item is number => typeof item === 'number' && Number.isFinite(item))
    ? value
    : null;
}

/** The smallest difference is the truest: delays only add to it. Rises slowly, so that a corrected clock is noticed. */
function noteSkew(facts: WorkerFacts, timestamp: unknown, now: number): void {
  const seconds = finite(timestamp);
  if (seconds === null) return;
  const skew = Math.round(seconds * 1000 - now);
  if (Math.abs(skew) > 10 * 365 * 86_400_000) return;
  const known = facts.clockSkewMs;
  facts.clockSkewMs =
    known === null || skew > known ? skew : Math.round(known + (skew - known) / 8);
}

const PID_WINDOW_MS = 60_000;

function notePid(facts: WorkerFacts, pid: number, now: number): void {
  facts.pid = pid;
  const known = facts.recentPids.find((entry) => entry.pid === pid);
  if (known === undefined) facts.recentPids.unshift({ pid, at: now, count: 1 });
  else {
    known.at = now;
    known.count += 1;
  }
  if (facts.recentPids.length > 1) {
    facts.recentPids = facts.recentPids
      .filter((entry) => now - entry.at < PID_WINDOW_MS)
      .slice(0, 4);
  }
}

/** Two processes with one name and one pid (containers): a single one does not keep counting backwards. */
export function keepsSteppingBack(facts: WorkerFacts, now: number): boolean {
  const recent = Math.max(10 * (facts.heartbeatMs ?? 2000), 20_000);
  return facts.stepsBack.filter((at) => now - at < recent).length >= 3;
}

/** Two processes both announced themselves at least twice and both lately: a restart does not look like this. */
export function hasTwoPids(facts: WorkerFacts, now: number): boolean {
  const recent = Math.max(3 * (facts.heartbeatMs ?? 2000), 6000);
  return (
    facts.recentPids.filter((entry) => entry.count >= 2 && now - entry.at < recent).length > 1 &&
    facts.recentPids.length > 1
  );
}
