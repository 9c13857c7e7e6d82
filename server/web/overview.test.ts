import { describe, expect, it } from 'vitest';
import { overview } from '../../lib/contract/index.ts';
import type { AttentionFacts } from './attention/facts.ts';
import { findAttention } from './attention/find-attention.ts';
import { loadOverview } from './overview.ts';
import { metricWindow } from './ranges.ts';
import {
  addTask,
  createMemoryCluster,
  createQueue,
  createStatus,
  createTask,
  createWorker,
  T0,
} from './testing/memory-cluster.ts';

const quiet: AttentionFacts = {
  status: createStatus('demo'),
  workers: [createWorker('w1@h')],
  queues: [createQueue('celery')],
  gaps: [],
  recentTypes: [{ key: 'tasks.add', success: 1000, failure: 4 }],
  usualTypes: [],
  heldByOffline: new Map(),
  lostCount: 0,
  now: T0,
};
const keys = (changes: Partial<AttentionFacts>) =>
  findAttention({ ...quiet, ...changes }).map(({ key }) => key);

describe('attention', () => {
  it('is not asked for when nothing is wrong', () => {
    expect(keys({})).toEqual([]);
  });

  it.each<[string, Partial<AttentionFacts>]>([
    [
      'store',
      {
        status: {
          ...quiet.status,
          storeProblem: { reason: 'database or disk is full', since: T0, lostCount: 0 },
        },
      },
    ],
    [
      'broker',
      { status: { ...quiet.status, broker: { ...quiet.status.broker, state: 'reconnecting' } } },
    ],
    ['no-consumer:q', { queues: [createQueue('q', { consumers: 0 })] }],
    ['growing:q', { queues: [createQueue('q', { ready: 900, inPerSecond: 9, outPerSecond: 5 })] }],
    ['growing:q', { queues: [createQueue('q', { ready: 90, inPerSecond: 1, outPerSecond: 0 })] }],
    [
      'worker:w@h',
      {
        workers: [createWorker('w@h', { state: 'offline' })],
        heldByOffline: new Map([['w@h', 2]]),
      },
    ],
    ['worker:w@h', { workers: [createWorker('w@h', { state: 'late', active: 0 })] }],
    ['duplicate:w@h', { workers: [createWorker('w@h', { duplicateHostname: true })] }],
    ['events-disabled', { workers: [createWorker('w@h', { eventsEnabled: false })] }],
    ['skew:w@h', { workers: [createWorker('w@h', { clockSkewMs: -90_000 })] }],
    ['failures:a', { recentTypes: [{ key: 'a', success: 10, failure: 10 }] }],
    ['lost', { lostCount: 3 }],
    ['unread-priorities', { status: { ...quiet.status, brokerNotice: 'Steps' } }],
    [
      'dropped',
      {
        gaps: [
          {
            startedAt: T0 - 5000,
            endedAt: T0 - 1000,
            cause: 'dropped',
            detail: 'Full.',
            lostCount: 5,
          },
        ],
      },
    ],
    [
      'malformed',
      {
        status: {
          ...quiet.status,
          ingest: { ...quiet.status.ingest, malformedCount: 1, lastMalformedAt: T0 },
        },
      },
    ],
  ])('%s', (key, changes) => {
    expect(keys(changes)).toEqual([key]);
  });

  it.each<[string, Partial<AttentionFacts>]>([
    [
      'an empty queue without consumers',
      { queues: [createQueue('q', { ready: 0, consumers: 0 })] },
    ],
    [
      'a queue that cannot be read',
      { queues: [createQueue('q', { ready: null, consumers: null })] },
    ],
    ['a queue whose rates are unknown', { queues: [createQueue('q', { inPerSecond: null })] }],
    [
      'an idle worker that left',
      { workers: [createWorker('w@h', { state: 'offline', active: 2, prefetched: 3 })] },
    ],
    [
      'a worker of whose events nothing is known',
      { workers: [createWorker('w@h', { eventsEnabled: null })] },
    ],
    [
      'a type that always fails as much',
      {
        recentTypes: [{ key: 'a', success: 10, failure: 10 }],
        usualTypes: [{ key: 'a', success: 1000, failure: 900 }],
      },
    ],
    [
      'what could not be read a while ago',
      {
        status: {
          ...quiet.status,
          ingest: { ...quiet.status.ingest, malformedCount: 1, lastMalformedAt: T0 - 1_000_000 },
        },
      },
    ],
    ['one failure', { recentTypes: [{ key: 'a', success: 0, failure: 1 }] }],
  ])('is not asked for by %s', (_name, changes) => {
    expect(keys(changes)).toEqual([]);
  });

  it('GA6 says how many events were missed at least, from when to when, in one line', () => {
    const gap = { cause: 'disconnected', detail: 'Cut', lostCount: null } as const;
    const [unknown] = findAttention({
      ...quiet,
      gaps: [{ ...gap, startedAt: T0 - 9000, endedAt: T0 - 8000 }],
    });
    expect(unknown).toMatchObject({
      title: 'Events may have been missed, it is not known how many',
      since: T0 - 9000,
      until: T0 - 8000,
    });
    const lines = findAttention({
      ...quiet,
      gaps: [
        { ...gap, startedAt: T0 - 9000, endedAt: T0 - 8000 },
        { ...gap, startedAt: T0 - 5000, endedAt: T0 - 4000, lostCount: 12 },
        { ...gap, startedAt: T0 - 60_000, endedAt: T0 - 50_000, cause: 'stopped' },
      ],
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.title).toBe('At least 12 events were missed, in 2 stretches');
    expect(lines[0]).toMatchObject({ since: T0 - 9000, until: T0 - 4000 });
  });

  it('SU6 says what had to be given up while nothing can be stored', () => {
    const storeProblem = { reason: 'Full', since: T0, lostCount: 1234 };
    const [line] = findAttention({ ...quiet, status: { ...quiet.status, storeProblem } });
    expect(line?.detail).toContain('1,234 events had to be given up');
  });

  it('offers to enable events of exactly those workers, and the worst comes first', () => {
    const lines = findAttention({
      ...quiet,
      workers: [createWorker('a@h', { eventsEnabled: false }), createWorker('b@h')],
      queues: [createQueue('q/1', { consumers: 0 })],
    });
    expect(lines.map(({ severity }) => severity)).toEqual(['critical', 'unknown']);
    expect(lines[0]?.link.path).toBe('queues/q%2F1');
    expect(lines[1]?.action).toMatchObject({ command: 'enable_events', workers: ['a@h'] });
  });
});

describe('overview', () => {
  it('counts what a worker that left holds as lists do, not what it said last', async () => {
    const cluster = createMemoryCluster();
    cluster.state.workers.set('a@h', createWorker('a@h', { state: 'offline', active: 7 }));
    const lines = async () => (await loadOverview(cluster, '1h', T0)).attention;
    expect(await lines()).toEqual([]);
    const held = { worker: 'a@h', state: 'started' } as const;
    addTask(cluster, createTask('t1', held));
    addTask(cluster, createTask('t2', { ...held, state: 'received' }));
    addTask(cluster, createTask('t3', { ...held, state: 'success' }));
    addTask(cluster, createTask('t4', { ...held, worker: 'b@h' }));
    const [line] = await lines();
    expect(line?.title).toBe('a@h is offline and holds 2 tasks');
    const path = decodeURIComponent(line?.link.path ?? '');
    expect(path).toContain('state:started,received,scheduled worker:a@h');
  });

  it('is unknown where a part is unknown, and counts every worker', async () => {
    const cluster = createMemoryCluster();
    const { workers, queues } = cluster.state;
    workers.set('a@h', createWorker('a@h', { active: 2, concurrency: null }));
    workers.set('b@h', createWorker('b@h', { state: 'offline', active: null }));
    queues.set('x', createQueue('x', { ready: 2 }));
    queues.set('y', createQueue('y', { ready: 9 }));
    const picture = overview.parse(await loadOverview(cluster, '1h', T0));
    expect(picture).toMatchObject({ backlog: 11, busySlots: 2, totalSlots: null });
    expect(picture.workerCounts).toEqual({ online: 1, late: 0, offline: 1 });
    expect(picture.queues.map(({ name }) => name)).toEqual(['y', 'x']);
    queues.set('z', createQueue('z', { ready: null }));
    expect((await loadOverview(cluster, '1h', T0)).backlog).toBeNull();
  });

  it('says how much was executed over the time that was seen, not over the whole range', async () => {
    const cluster = createMemoryCluster();
    const { reader } = createMemoryCluster();
    cluster.reader.metrics = async (query) => {
      const series = await reader.metrics(query);
      return { ...series, totals: { ...series.totals, executed: 600 } };
    };
    const rate = async () =>
      (await loadOverview(cluster, '1h', T0)).series.totals.executedPerSecond;
    cluster.state.status.firstEventAt = T0 - 60_000;
    expect(await rate()).toBe(10);
    cluster.state.status.firstEventAt = T0 - 86_400_000;
    expect(await rate()).toBeCloseTo(600 / 3600, 2);
    cluster.state.status.firstEventAt = null;
    expect(await rate()).toBeNull();
  });

  it('counts the time before it listened where events of that time came in', async () => {
    const cluster = createMemoryCluster();
    const { reader } = createMemoryCluster();
    cluster.reader.metrics = async (query) => {
      const series = await reader.metrics(query);
      const buckets = [20, 10, 1].map((minutes) => ({
        ...{
          at: T0 - minutes * 60_000,
          success: 200,
          failure: 0,
          retry: 0,
          revoked: 0,
          rejected: 0,
        },
        ...{ waitP50Ms: null, waitP95Ms: null, waitP99Ms: null, observed: true, unfinished: false },
        ...{ runtimeP50Ms: null, runtimeP95Ms: null, runtimeP99Ms: null },
      }));
      const totals = { ...series.totals, executed: 600 };
      return { ...series, to: T0, bucketMs: 60_000, buckets, totals };
    };
    cluster.state.status.firstEventAt = T0 - 60_000;
    const { totals } = (await loadOverview(cluster, '1h', T0)).series;
    expect(totals.executedPerSecond).toBe(0.5);
  });

  it('says the reason as a sentence of its own', () => {
    const { broker } = quiet.status;
    const status = {
      ...quiet.status,
      broker: { ...broker, state: 'reconnecting' as const, reason: 'connect ECONNREFUSED' },
    };
    expect(findAttention({ ...quiet, status })[0]?.detail).toBe(
      'connect ECONNREFUSED. What is shown is what was known before.',
    );
  });

  it('has windows of whole buckets, never too many', () => {
    for (const range of ['15m', '1h', '6h', '24h', '7d', 'all'] as const) {
      for (const firstEventAt of [null, T0 - 1000, T0 - 86_400_000, T0 - 3 * 31_536_000_000]) {
        const { from, to, bucketMs } = metricWindow(range, T0 + 12_345, firstEventAt);
        expect(from % bucketMs).toBe(0);
        expect((to - from) / bucketMs).toBeLessThan(130);
      }
    }
  });
});
