import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryCluster, createQueue, createWorker } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer } from '../testing/start.ts';
import type { TypeTotals } from './cluster-facts.ts';

let server: TestServer;
afterEach(() => server.close());

/** 8 + 7 bounds with 5 in common, and the one that holds everything. */
const BOUNDS = 11;

function createTotals(key: string, changes: Partial<TypeTotals> = {}): TypeTotals {
  const counts = Array.from({ length: BOUNDS }, (_, index) => 100_000 + index);
  return {
    ...{ key, success: 123_456, failure: 1234, retry: 123, revoked: 12, rejected: 1 },
    ...{ runtimeCounts: counts, runtimeSumSeconds: 12345.678 },
    ...{ waitCounts: counts, waitSumSeconds: 2345.678 },
    ...changes,
  };
}

async function scrape(cluster = createMemoryCluster(), options = {}): Promise<string> {
  server = await startTestServer({ cluster, ...options });
  const response = await fetch(`${server.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return response.text();
}

type Parsed = { name: string; labels: Record<string, string>; value: number };

/** The exposition format, strictly: throws at the first line that is none. */
function parse(text: string): Parsed[] {
  expect(text.endsWith('\n')).toBe(true);
  const types = new Set<string>();
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line);
    if (type?.[1] !== undefined) {
      if (types.has(type[1])) throw new Error(`twice: ${type[1]}`);
      types.add(type[1]);
      return [];
    }
    if (line.startsWith('# HELP ')) return [];
    const sample = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (sample === null) throw new Error(`no sample: ${line}`);
    const labels: Record<string, string> = {};
    const rest = (sample[2] ?? '').replace(
      /(\w+)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/g,
      (_all, name, value) => {
        labels[name] = value.replace(/\\(.)/g, (_: string, char: string) =>
          char === 'n' ? '\n' : char,
        );
        return '';
      },
    );
    if (rest !== '') throw new Error(`no labels: ${line}`);
    const value = Number((sample[3] ?? '').replace('Inf', 'Infinity'));
    if (Number.isNaN(value) && sample[3] !== 'Nan') throw new Error(`no number: ${line}`);
    return [{ name: sample[1] ?? '', labels, value }];
  });
}

describe('/metrics', () => {
  it('has Flower’s names and better ones, with labels as they are', async () => {
    const cluster = createMemoryCluster();
    const odd = 'we"ird\\na\nme';
    cluster.state.histogram = [createTotals(odd)];
    cluster.state.workerTotals = [createTotals('w1@h', { failure: 7 }), createTotals('gone@h')];
    cluster.state.workers.set('w1@h', createWorker('w1@h'));
    cluster.state.workers.set('w2@h', createWorker('w2@h', { state: 'offline', active: null }));
    cluster.state.queues.set('celery', createQueue('celery', { inFlight: null }));
    const samples = parse(await scrape(cluster));
    const find = (name: string, labels: Record<string, string> = {}) =>
      samples.find(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )?.value;
    expect(find('flower_events_total', { type: 'task-succeeded', task: odd })).toBe(123_456);
    expect(find('flower_worker_online', { worker: 'w1@h' })).toBe(1);
    expect(find('flower_worker_online', { worker: 'w2@h' })).toBe(0);
    expect(find('flower_worker_number_of_currently_executing_tasks', { worker: 'w1@h' })).toBe(1);
    expect(find('flower_worker_prefetched_tasks', { worker: 'w1@h' })).toBe(2);
    expect(find('flower_task_runtime_seconds_bucket', { task: odd, le: '+Inf' })).toBe(100_010);
    expect(find('flower_task_runtime_seconds_count', { task: odd })).toBe(100_010);
    expect(find('umbel_queue_messages', { queue: 'celery', state: 'ready' })).toBe(3);
    expect(find('umbel_queue_oldest_age_seconds', { queue: 'celery' })).toBe(1.5);
    expect(find('umbel_tasks_total', { state: 'failure', type: odd })).toBe(1234);
    expect(find('umbel_worker_tasks_total', { state: 'failure', worker: 'w1@h' })).toBe(7);
    expect(find('umbel_worker_tasks_total', { worker: 'gone@h' })).toBeUndefined();
    expect(find('umbel_task_wait_seconds_sum', { type: odd })).toBe(2345.678);
    expect(find('umbel_broker_connected', { cluster: 'demo' })).toBe(1);
    expect(find('umbel_ingest_lag_seconds')).toBe(0.04);
    expect(find('process_resident_memory_bytes')).toBeGreaterThan(0);
    // What is not known is left out.
    expect(find('umbel_queue_messages', { state: 'in_flight' })).toBeUndefined();
    expect(find('umbel_worker_active', { worker: 'w2@h' })).toBeUndefined();
  });

  it('can do without Flower’s names', async () => {
    const text = await scrape(undefined, { flowerMetricNames: false });
    expect(text).not.toContain('flower_');
    expect(text).toContain('umbel_store_bytes');
  });

  it.each([
    ['plain names', (n: number) => `shop.orders.tasks.process_order_${n}`, 200],
    ['very long names', (n: number) => `${'x'.repeat(250)}${n}`, 200],
    ['far too many', (n: number) => `app.generated.task_${n}`, 5000],
  ])('stays under 1 MB with %s', async (_name, nameOf, count) => {
    const cluster = createMemoryCluster();
    for (let n = 0; n < 50; n++) {
      const hostname = `celery-worker-deployment-7d9f8b6c5-${n}@node-${n}.internal`;
      cluster.state.workers.set(hostname, createWorker(hostname));
      cluster.state.workerTotals.push(createTotals(hostname));
      cluster.state.queues.set(`queue-${n}`, createQueue(`queue-${n}`));
    }
    cluster.state.histogram = Array.from({ length: count }, (_, n) => createTotals(nameOf(n)));
    const text = await scrape(cluster);
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
    const types = new Set(
      parse(text).flatMap(({ name, labels }) =>
        name === 'umbel_tasks_total' ? [labels['type']] : [],
      ),
    );
    expect(types.size).toBeGreaterThan(40);
    if (_name === 'plain names') expect(types.size).toBe(200);
    const again = await (await fetch(`${server.url}/metrics`)).text();
    expect(parse(again).filter(({ name }) => name === 'umbel_tasks_total').length).toBe(
      parse(text).filter(({ name }) => name === 'umbel_tasks_total').length,
    );
  });
});

describe('health', () => {
  it('tells alive from ready', async () => {
    const cluster = createMemoryCluster();
    server = await startTestServer({ cluster });
    const ask = async (path: string) => {
      const response = await fetch(server.url + path);
      return [response.status, await response.text()];
    };
    expect(await ask('/healthcheck')).toEqual([200, 'OK']);
    expect((await ask('/readyz'))[0]).toBe(200);
    const { broker, ingest } = cluster.state.status;
    cluster.state.status = {
      ...cluster.state.status,
      broker: { ...broker, state: 'reconnecting' },
      ingest: { ...ingest, lagMs: 120_000 },
      storeProblem: { reason: 'no room in /srv/umbel/demo.sqlite', since: 1, lostCount: 0 },
    };
    expect(String((await ask('/metrics'))[1])).toContain('umbel_store_writable{cluster="demo"} 0');
    cluster.state.fail = new Error('disk');
    const [status, body] = await ask('/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(String(body)).problems).toEqual([
      'demo: the broker is reconnecting',
      'demo: events are stored 120 s late',
      'demo: nothing can be stored',
      'demo: the store does not answer',
    ]);
    expect((await ask('/livez'))[0]).toBe(200);
    cluster.end(new Error('thread gone'));
    await expect.poll(async () => (await ask('/livez'))[0]).toBe(503);
    expect((await ask('/healthcheck'))[0]).toBe(200);
  });
});
