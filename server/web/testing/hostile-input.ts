// What a server that is open to everybody may be asked, and a client that sends it as it is: for a cluster called `demo` with a worker w1@h.
import http from 'node:http';

export const NASTY = [
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

/** `@` stands for what is nasty. */
export const READS = [
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

export const WRITES = [
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

export const BODIES: [string, string][] = [
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

export type RawAnswer = { status: number; type: string; body: string; path: string };

export type RawClient = {
  /** The raw path, unchanged by any URL parser. */
  ask(path: string, method?: string, type?: string, body?: string): Promise<RawAnswer>;
  close(): void;
};

export function createRawClient(url: string): RawClient {
  const { hostname, port } = new URL(url);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  return {
    ask: (path, method = 'GET', type = '', body = '') =>
      new Promise((resolve, reject) => {
        const headers = type === '' ? {} : { 'content-type': type };
        const options = { host: hostname, port, path, method, headers, agent };
        const request = http.request(options, (response) => {
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
        });
        request.on('error', reject);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
