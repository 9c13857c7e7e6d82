import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as contract from '../../../lib/contract/index.ts';
import { addTask, createQueue, createTask, createWorker } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer } from '../testing/start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ basePath: '/umbel' });
  addTask(server.cluster, createTask('t1'));
  server.cluster.state.workers.set('w1@h', createWorker('w1@h', { executedPerSecond: null }));
  server.cluster.state.queues.set('celery', createQueue('celery'));
  server.audit.push({
    at: 1,
    actor: 'ada',
    cluster: 'demo',
    action: 'revoke',
    target: 't1',
    parameters: {},
    outcome: 'ok',
    detail: '',
  });
});
afterAll(() => server.close());

const C = '/clusters/demo';
const ROUTES: [string, string, z.ZodType, unknown?][] = [
  ['GET', '/session', contract.session],
  ['GET', '/clusters', contract.clusterList],
  ['GET', C, contract.clusterStatus],
  ['GET', `${C}/overview?range=all`, contract.overview],
  ['GET', `${C}/metrics?range=7d&by=type&key=tasks.add`, contract.metricSeries],
  ['GET', `${C}/tasks?q=state:failure&sort=-runtime&limit=5`, contract.taskPage],
  ['GET', `${C}/tasks/facets`, contract.taskFacets],
  ['GET', `${C}/tasks/news?since=1000`, contract.taskNews],
  ['GET', `${C}/tasks/suggest?field=name&prefix=a`, contract.suggestions],
  ['GET', `${C}/tasks/t1`, contract.taskDetail],
  ['GET', `${C}/tasks/t1?result=1`, contract.taskDetail],
  ['GET', `${C}/tasks/t1/retry`, contract.retryForm],
  [
    'POST',
    `${C}/tasks/t1/retry`,
    contract.retryOutcome,
    { type: 'a', args: '()', kwargs: '{}', queue: 'q' },
  ],
  ['POST', `${C}/tasks/revoke`, contract.commandOutcome, { ids: ['t1'] }],
  ['GET', `${C}/workers`, contract.workerList],
  ['GET', `${C}/workers/w1@h`, contract.workerDetail],
  [
    'POST',
    `${C}/workers/command`,
    contract.commandOutcome,
    { workers: ['w1@h'], command: { command: 'pool_grow', n: 1 } },
  ],
  ['POST', `${C}/workers/w1@h/inspect`, contract.workerDetail, {}],
  ['GET', `${C}/queues`, contract.queueList],
  ['GET', `${C}/queues/celery?range=6h`, contract.queueDetail],
  ['GET', `${C}/queues/celery/messages?from=newest&limit=3`, contract.queuePeek],
  ['GET', '/audit?limit=10', contract.auditPage],
];

describe('native API', () => {
  it.each(ROUTES)('%s %s answers what its schema says', async (method, path, schema, body) => {
    const response = await fetch(`${server.url}/umbel/api/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: unknown = await response.json();
    expect([response.status, answer]).toEqual([200, expect.anything()]);
    expect(schema.parse(answer)).toEqual(answer);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('merges what the result backend says, when asked', async () => {
    server.cluster.state.reading = {
      type: 'found',
      status: 'SUCCESS',
      extended: true,
      resultText: "'whole'",
      traceback: null,
      argsText: '(1, 2, 3)',
      kwargsText: null,
      value: 'whole',
      readAt: 5,
    };
    const url = `${server.url}/api/v1${C}/tasks/t1`;
    expect(await (await fetch(url)).json()).toMatchObject({ argsText: { fidelity: 'shortened' } });
    expect(await (await fetch(`${url}?result=1`)).json()).toMatchObject({
      argsText: { text: '(1, 2, 3)', fidelity: 'exact', source: 'result' },
      resultText: { text: "'whole'", fidelity: 'exact' },
      resultMeta: { status: 'SUCCESS', extended: true },
    });
  });

  it('says who asked', async () => {
    const [call] = server.cluster.state.calls;
    expect(call?.arguments[0]).toEqual({ name: 'anonymous', address: '127.0.0.1' });
  });

  it('describes itself as OpenAPI', async () => {
    const response = await fetch(`${server.url}/umbel/api/v1/openapi.json`);
    const document = await response.json();
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/umbel' }] });
    const paths = Object.keys(document.paths);
    expect(paths).toContain('/api/v1/clusters/{cluster}/tasks/{id}');
    expect(paths.every((path) => path.startsWith('/api/v1/'))).toBe(true);
    const operations = Object.values<Record<string, { tags?: string[]; responses: object }>>(
      document.paths,
    ).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThanOrEqual(ROUTES.length - 1);
    for (const operation of operations) {
      expect(operation.tags?.length).toBe(1);
      expect(Object.keys(operation.responses)).toContain('200');
    }
  });
});
