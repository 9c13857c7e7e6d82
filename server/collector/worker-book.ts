// Everything known about each worker: facts from events, sections from inspect, and what follows from both. Its rows are
// what pages show.
import type { Section, WorkerDetail } from '../../lib/contract/index.ts';
import { isPyDict } from '../../lib/python/values.ts';
import { decodeStats, type ActiveQueue, type WorkerStats } from '../celery/control.ts';
import type { WorkerRow } from '../store/store.ts';
import { BlindSpans } from './blind-spans.ts';
import { watchEvents, type EventsWatch, type WentSilent } from './events-switch.ts';
import type { Fold } from './fold.ts';
import { livenessOf, type LivenessOptions } from './liveness.ts';
import { poolName } from './pool-name.ts';
import { Rate } from './rate.ts';
import { supportsOf } from './supports.ts';
import { hasTwoPids, keepsSteppingBack, type WorkerFacts } from './worker-facts.ts';

export type WorkerSections = Pick<
  WorkerDetail,
  | 'running'
  | 'reserved'
  | 'scheduled'
  | 'revoked'
  | 'registered'
  | 'activeQueues'
  | 'stats'
  | 'conf'
>;

export type WorkerEntry = {
  facts: WorkerFacts;
  sections: WorkerSections;
  stats: WorkerStats | null;
  queues: ActiveQueue[] | null;
  poolRestarts: boolean | null;
  /** When it last answered anything. */
  answeredAt: number | null;
  /** How often in a row it was asked in vain. */
  silentRounds: number;
  /** Set by two replies of one name to one request. */
  twoRepliesAt: number | null;
  eventsEnabled: boolean | null;
  eventsWatch: EventsWatch | null;
  /** When it was last asked for anything. */
  askedAt: number | null;
  ended: Rate;
  failed: Rate;
  endedPerSecond: number | null;
  failedPerSecond: number | null;
  offlineSince: number | null;
};

const NEVER: Section<never> = { value: null, readAt: null, reason: 'Not asked yet' };

export class WorkerBook {
  readonly #fold: Fold;
  readonly #options: LivenessOptions;
  readonly #entries = new Map<string, WorkerEntry>();
  readonly blind = new BlindSpans();

  constructor(fold: Fold, options: LivenessOptions) {
    this.#fold = fold;
    this.#options = options;
  }

  /** Null when there are too many workers already. */
  entry(hostname: string, now: number): WorkerEntry | null {
    const known = this.#entries.get(hostname);
    if (known !== undefined) return known;
    const facts = this.#fold.worker(hostname, now);
    if (facts === null) return null;
    const entry = this.#entries.get(facts.hostname) ?? createEntry(facts);
    this.#entries.set(facts.hostname, entry);
    return entry;
  }

  known(hostname: string): WorkerEntry | null {
    return this.#entries.get(hostname) ?? null;
  }

  /** Every known worker; those that the fold met meanwhile included. */
  entries(now: number): IterableIterator<WorkerEntry> {
    if (this.#entries.size < this.#fold.workers.size) {
      for (const hostname of this.#fold.workers.keys()) this.entry(hostname, now);
    }
    return this.#entries.values();
  }

  /** From an earlier run. */
  restore(row: WorkerRow): void {
    const { detail } = row;
    const entry = this.entry(row.hostname, detail.firstSeenAt);
    if (entry === null) return;
    const { facts } = entry;
    facts.firstSeenAt = detail.firstSeenAt;
    facts.lastSeenAt = detail.lastSeenAt ?? detail.firstSeenAt;
    facts.heartbeatMs = detail.heartbeatMs;
    facts.lastHeartbeatAt = detail.heartbeatMs === null ? null : detail.lastSeenAt;
    facts.processed = detail.processed;
    facts.software = detail.software;
    facts.offlineAt = detail.state === 'offline' ? facts.lastSeenAt : null;
    const { running, reserved, scheduled, revoked, registered, activeQueues, stats, conf } = detail;
    entry.sections = {
      running,
      reserved,
      scheduled,
      revoked,
      registered,
      activeQueues,
      stats,
      conf,
    };
    restoreSettings(entry);
  }

  forget(hostname: string): void {
    this.#entries.delete(hostname);
    this.#fold.forgetWorker(hostname);
  }

  /** They said so themselves. */
  eventsEnabled(hostnames: readonly string[], enabled: boolean, now: number): void {
    for (const hostname of hostnames) {
      const entry = this.entry(hostname, now);
      if (entry === null) continue;
      const { pid, taskEventCount: taskEvents } = entry.facts;
      entry.eventsEnabled = enabled;
      entry.eventsWatch = { pid, taskEvents, processed: null, since: now };
    }
  }

  liveness(entry: WorkerEntry, now: number) {
    return livenessOf(entry.facts, entry.answeredAt, this.#options, now, this.blind);
  }

  /** Call about once a second; answers with the workers that stopped sending events just now. */
  tick(now: number, inGap: boolean): WentSilent[] {
    const silent: WentSilent[] = [];
    for (const entry of this.entries(now)) {
      const went = watchEvents(entry, now, inGap);
      if (went !== null) silent.push(went);
      entry.endedPerSecond = entry.ended.observe(entry.facts.endedCount, now);
      entry.failedPerSecond = entry.failed.observe(entry.facts.failedCount, now);
      const { state, since } = this.liveness(entry, now);
      entry.offlineSince = state === 'offline' ? since : null;
    }
    return silent;
  }

  /** Tasks that it runs now, as it last said; null: it never did. */
  active(entry: WorkerEntry, now: number): number | null {
    return activeOf(entry, now);
  }

  row(entry: WorkerEntry, now: number): WorkerRow {
    return {
      hostname: entry.facts.hostname,
      detail: detailOf(entry, this.liveness(entry, now), now),
    };
  }
}

function createEntry(facts: WorkerFacts): WorkerEntry {
  return {
    facts,
    sections: {
      running: NEVER,
      reserved: NEVER,
      scheduled: NEVER,
      revoked: NEVER,
      registered: NEVER,
      activeQueues: NEVER,
      stats: NEVER,
      conf: NEVER,
    },
    stats: null,
    queues: null,
    poolRestarts: null,
    answeredAt: null,
    silentRounds: 0,
    twoRepliesAt: null,
    eventsEnabled: null,
    eventsWatch: null,
    askedAt: null,
    ended: new Rate(60_000),
    failed: new Rate(60_000),
    endedPerSecond: null,
    failedPerSecond: null,
    offlineSince: null,
  };
}

/** Prefork keeps saying its first `max-concurrency` after it grew or shrank; its list of processes is what is true. */
function slotsOf(stats: WorkerEntry['stats']): number | null {
  const processCount = stats?.pool.processes?.length ?? 0;
  return processCount > 0 ? processCount : (stats?.pool.maxConcurrency ?? null);
}

/** What follows from saved answers: pool, concurrency, supported commands. */
function restoreSettings(entry: WorkerEntry): void {
  const { stats, conf } = entry.sections;
  if (isPyDict(stats.value)) {
    const decoded = decodeStats(stats.value);
    if (decoded.ok) entry.stats = decoded.value;
  }
  const restarts = isPyDict(conf.value) ? conf.value['worker_pool_restarts'] : undefined;
  if (conf.value !== null) entry.poolRestarts = restarts === true;
}

const FRESH_MS = 15_000;
const TWO_REPLIES_MS = 60_000;

function detailOf(
  entry: WorkerEntry,
  liveness: ReturnType<typeof livenessOf>,
  now: number,
): WorkerDetail {
  const { facts, sections, stats } = entry;
  const twoReplies = entry.twoRepliesAt !== null && now - entry.twoRepliesAt < TWO_REPLIES_MS;
  return {
    hostname: facts.hostname,
    state: liveness.state,
    stateReason: liveness.reason,
    lastSeenAt: Math.max(facts.lastSeenAt, entry.answeredAt ?? 0),
    firstSeenAt: facts.firstSeenAt,
    heartbeatMs: facts.heartbeatMs,
    active: activeOf(entry, now),
    concurrency: slotsOf(stats),
    processed: facts.processed,
    prefetched: sections.reserved.value?.length ?? null,
    pool: poolName(stats),
    queues: sections.activeQueues.value?.map((queue) => queue.name) ?? null,
    loadAverage: facts.loadAverage,
    memoryBytes: stats?.rusage?.maxResidentBytes ?? null,
    uptimeMs: uptimeOf(entry, now),
    pid: stats?.pid ?? facts.pid,
    software: facts.software,
    eventsEnabled: entry.eventsEnabled,
    duplicateHostname: twoReplies || hasTwoPids(facts, now) || keepsSteppingBack(facts, now),
    clockSkewMs: facts.clockSkewMs,
    executedPerSecond: entry.endedPerSecond,
    failedPerSecond: entry.failedPerSecond,
    ...sections,
    supports: supportsOf(entry),
  };
}

function activeOf({ facts, sections: { running } }: WorkerEntry, now: number): number | null {
  const isFresh = running.readAt !== null && now - running.readAt < FRESH_MS;
  return (isFresh ? running.value?.length : undefined) ?? facts.active;
}

function uptimeOf(entry: WorkerEntry, now: number): number | null {
  const uptime = entry.stats?.uptimeMs ?? null;
  const readAt = entry.sections.stats.readAt;
  return uptime === null || readAt === null ? null : uptime + (now - readAt);
}
