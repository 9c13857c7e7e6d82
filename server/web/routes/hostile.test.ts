import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTask, createQueue, createTask, createWorker } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer } from '../testing/start.ts';

const NASTY = [
  '',
  '%',
  '%E0%A4%A',
  '%00',
  '..%2F..%2Fetc%2Fpasswd',
  '%F0%9F%8C%BB',
  '__proto__',
  'constructor',
  'toString',
  encodeURIComponent('<img src=x onerror=alert(1)>'),
  encodeURIComponent("'; DROP TABLE tasks; --"),
  '-1',
  '1e309',
  'NaN',
  '9'.repeat(400),
  'x'.repeat(3000),
  encodeURIComponent('\u202e\r\nset-cookie: a=b'),
];

const READS = [
  '/api/v1/session?x=@',
  '/api/v1/clusters?x=@',
  '/api/v1/clusters/@',
  '/api/v1/clusters/demo/overview?range=@',
  '/api/v1/clusters/demo/metrics?by=@&key=@',
  '/api/v1/clusters/demo/metrics?by=type&key=@',
  '/api/v1/clusters/demo/tasks?q=@',
  '/api/v1/clusters/demo/tasks?limit=@',
  '/api/v1/clusters/demo/tasks?sort=@',
  '/api/v1/clusters/demo/tasks?cursor=@&cursor=@',
  '/api/v1/clusters/demo/tasks/facets?q=@&range=@',
  '/api/v1/clusters/demo/tasks/news?since=@',
  '/api/v1/clusters/demo/tasks/suggest?field=@&prefix=@',
  '/api/v1/clusters/demo/tasks/@',
  '/api/v1/clusters/demo/tasks/@/retry',
  '/api/v1/clusters/demo/workers/@',
  '/api/v1/clusters/demo/queues/@?range=@',
  '/api/v1/clusters/demo/queues/@/messages?from=@&limit=@',
  '/api/v1/audit?limit=@&cluster=@',
  '/api/workers?refresh=@&workername=@&status=@',
  '/api/queues/length?x=@',
  '/api/tasks?limit=@',
  '/api/tasks?offset=@',
  '/api/tasks?sort_by=@',
  '/api/tasks?received_start=@&received_end=@',
  '/api/tasks?search=@',
  '/api/tasks?workername=@&taskname=@&state=@',
  '/api/task/types?x=@',
  '/api/task/info/@',
  '/api/task/result/@?timeout=0',
  '/api/task/result/x?timeout=@',
  '/tasks/datatable?draw=@&start=@&length=@&order[0][column]=@&order[0][dir]=@',
  '/tasks/datatable?draw=1&start=0&length=5&order[0][column]=0&order[0][dir]=@&columns[0][data]=@',
  '/workers?json=@',
  '/task/@',
  '/worker/@',
  '/metrics?x=@',
  '/readyz?x=@',
  '/@',
];

const WRITES = [
  '/api/v1/clusters/@/tasks/revoke',
  '/api/v1/clusters/demo/tasks/revoke',
  '/api/v1/clusters/demo/tasks/@/retry',
  '/api/v1/clusters/demo/workers/command',
  '/api/v1/clusters/demo/workers/@/inspect',
  '/api/v1/clusters/demo/workers/@/forget',
  '/api/worker/shutdown/@',
  '/api/worker/pool/restart/@',
  '/api/worker/pool/grow/w1@h?n=@',
  '/api/worker/pool/shrink/w1@h?n=@',
  '/api/worker/pool/autoscale/w1@h?min=@&max=@',
  '/api/worker/queue/add-consumer/@?queue=@',
  '/api/worker/queue/cancel-consumer/@?queue=@',
  '/api/task/revoke/@?terminate=@&signal=@',
  '/api/task/timeout/tasks.add?workername=w1@h&soft=@&hard=@',
  '/api/task/rate-limit/tasks.add?workername=w1@h&ratelimit=@',
];

const BODIES: [string, string][] = [
  ['application/json', ''],
  ['application/json', '{'],
  ['application/json', 'null'],
  ['application/json', '[]'],
  ['application/json', '{"__proto__":{"ids":["x"]}}'],
  ['application/json', '{"constructor":{"prototype":{"x":1}},"ids":[1]}'],
  ['application/json', '{"ids":[],"terminate":"yes","signal":"SIGSEGV"}'],
  ['application/json', '{"workers":["w1@h"],"command":{"command":"add_consumer","queue":[]}}'],
  ['application/json', '{"workers":["w1@h"],"command":{"command":"pool_grow","n":1e99}}'],
  ['application/json', '['.repeat(100_000)],
  ['application/json', '\ufeff{"ids":["\ud800"]}'],
  ['application/x-www-form-urlencoded', 'queue=&n=&a[b]=c&%=%'],
  ['application/octet-stream', '\x80\x04\x95'],
  ['no/such type;;', 'x'],
];

let server: TestServer;
let agent: http.Agent;

beforeAll(async () => {
  server = await startTestServer();
  agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  addTask(server.cluster, createTask('t1', { args: '<script>alert(1)</script>' }));
  server.cluster.state.workers.set('w1@h', createWorker('w1@h'));
  server.cluster.state.queues.set('celery', createQueue('celery'));
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

/** The raw path, unchanged by any URL parser. */
function ask(path: string, method = 'GET', type = '', body = '') {
  return new Promise<{ status: number; type: string; body: string; path: string }>(
    (resolve, reject) => {
      const { port } = new URL(server.url);
      const headers = type === '' ? {} : { 'content-type': type };
      const request = http.request(
        { host: '127.0.0.1', port, path, method, headers, agent },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'] ?? '',
              body: text,
              path,
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    },
  );
}

describe('whatever is asked', () => {
  it.each(READS)('%s is answered below 500', async (template) => {
    for (const nasty of NASTY) {
      const answer = await ask(template.replaceAll('@', nasty));
      expect(answer).toSatisfy(({ status }: { status: number }) => status >= 200 && status < 500);
      expect(answer.type).not.toContain('html');
    }
  });

  it.each(WRITES)('%s is answered below 500, whatever is sent', async (template) => {
    for (const nasty of NASTY) {
      const answer = await ask(template.replaceAll('@', nasty), 'POST');
      expect(answer).toSatisfy(({ status }: { status: number }) => status >= 200 && status < 500);
    }
    for (const [type, body] of BODIES) {
      const answer = await ask(template.replaceAll('@', 'x'), 'POST', type, body);
      expect(answer).toSatisfy(({ status }: { status: number }) => status >= 200 && status < 500);
    }
  });

  it('nothing that was wrong reached a worker', () => {
    const commands = server.cluster.state.calls.filter(({ method }) => method === 'command');
    const queues = commands.flatMap(({ arguments: [, request] }) => {
      const { command } = request as { command: { queue?: unknown } };
      return 'queue' in command ? [command.queue] : [];
    });
    expect(queues.filter((queue) => typeof queue !== 'string' || queue === '')).toEqual([]);
  });

  it('a body that is too large is refused', async () => {
    const body = JSON.stringify({ ids: ['x'.repeat(2_000_000)] });
    const path = '/api/v1/clusters/demo/tasks/revoke';
    const answer = await ask(path, 'POST', 'application/json', body);
    expect(answer.status).toBe(413);
    expect(answer.type).toContain('problem+json');
  });

  it('what is no HTTP, or too long to be read, is answered as a problem too', async () => {
    const long = await ask(`/api/v1/clusters/${'x'.repeat(20_000)}`);
    expect([long.status, long.type]).toEqual([431, 'application/problem+json; charset=utf-8']);
    expect(JSON.parse(long.body)).toMatchObject({ status: 431, code: 'too_large' });

    const { port } = new URL(server.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.end('\x16\x03\x01 hello\r\n\r\n');
    const said = await text(socket);
    expect(said).toMatch(/^HTTP\/1.1 400 [^]*"code":"bad_request"/);
  });
});
