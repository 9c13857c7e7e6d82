import { io } from 'socket.io-client';
import http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pages } from '../pages.ts';
import { createWorker } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../testing/start.ts';

let server: TestServer;
const start = async (options: TestServerOptions = {}) => (server = await startTestServer(options));
afterEach(() => server.close());

const PASSWORD = 'correct-horse-battery';
const basicAuth = new Map([['ada', PASSWORD]]);
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const REVOKE = '/api/v1/clusters/demo/tasks/revoke';

type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string };

/** fetch may set neither Host nor Origin. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = '') {
  return new Promise<Answer>((resolve, reject) => {
    const request = http.request(
      server.url + path,
      { method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function connectSocket(extraHeaders: Record<string, string>, transports: string[]) {
  return new Promise<'connected' | 'refused'>((resolve) => {
    const client = io(server.url, {
      transports,
      extraHeaders,
      reconnection: false,
      forceNew: true,
    });
    client.once('connect', () => {
      client.disconnect();
      resolve('connected');
    });
    client.once('connect_error', () => {
      client.disconnect();
      resolve('refused');
    });
  });
}

describe('the Host header', () => {
  it.each(['localhost', 'localhost:5555', '127.0.0.1', '[::1]:80', '192.168.1.7', 'a.localhost'])(
    'may be %s',
    async (host) => {
      await start();
      expect((await ask('/api/v1/session', { host })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'a b', '<script>'])(
    'may not be %s (DNS rebinding)',
    async (host) => {
      await start();
      for (const path of ['/api/v1/session', '/metrics', '/', '/api/workers']) {
        expect((await ask(path, { host })).status).toBe(403);
      }
    },
  );

  it('may be what was allowed, and anything for health', async () => {
    await start({ allowedHosts: ['umbel.example', '.corp.example'] });
    expect((await ask('/api/v1/session', { host: 'UMBEL.example:80' })).status).toBe(200);
    expect((await ask('/api/v1/session', { host: 'a.corp.example' })).status).toBe(200);
    expect((await ask('/api/v1/session', { host: 'acorp.example' })).status).toBe(403);
    expect((await ask('/healthcheck', { host: 'probe' })).status).toBe(200);
  });

  it('is also checked before the socket', async () => {
    await start();
    expect(await connectSocket({ host: 'evil.example' }, ['websocket'])).toBe('refused');
    const polling = '/socket.io/?EIO=4&transport=polling';
    expect((await ask(polling, { host: 'evil.example' })).status).toBe(403);
    expect((await ask(polling)).status).toBe(200);
  });
});

describe('requests that another page makes', () => {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ ids: ['x'] });

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1:1' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('change nothing: %j', async (headers) => {
    await start();
    server.cluster.state.workers.set('w1@h', createWorker('w1@h'));
    const native = await ask(REVOKE, { ...json, ...headers }, 'POST', body);
    expect(native.status).toBe(403);
    expect(JSON.parse(native.body)).toMatchObject({ code: 'wrong_origin' });
    expect((await ask('/api/worker/shutdown/w1@h', headers, 'POST')).status).toBe(403);
    expect(server.cluster.state.calls).toEqual([]);
  });

  it('our own may, and one that was allowed', async () => {
    await start({ allowedOrigins: ['https://ops.example'] });
    const { host } = new URL(server.url);
    for (const origin of [`http://${host}`, `https://${host}`, 'https://ops.example']) {
      expect((await ask(REVOKE, { ...json, origin }, 'POST', body)).status).toBe(200);
    }
    expect((await ask(REVOKE, json, 'POST', body)).status).toBe(200);
  });

  it('cannot be forms', async () => {
    await start();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await ask(REVOKE, { 'content-type': type }, 'POST', body)).status).toBe(415);
    }
  });

  it('open no socket', async () => {
    await start();
    const origin = 'https://evil.example';
    expect(await connectSocket({ origin }, ['websocket'])).toBe('refused');
    expect(await connectSocket({ origin }, ['polling'])).toBe('refused');
  });

  it('read nothing: no CORS', async () => {
    await start();
    const { headers } = await ask('/api/v1/session', { origin: 'https://evil.example' });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('credentials', () => {
  const paths = ['/', '/api/v1/session', '/metrics', '/api/workers', '/tasks', '/nothing', REVOKE];

  it('are asked for everywhere but at the health paths', async () => {
    await start({ basicAuth });
    for (const path of paths) {
      const { status, headers } = await ask(path);
      expect([path, status]).toEqual([path, 401]);
      expect(headers['www-authenticate']).toContain('Basic');
    }
    for (const path of ['/healthcheck', '/livez', '/readyz']) {
      expect([path, (await ask(path)).status]).toEqual([path, 200]);
    }
  });

  it('become a session cookie, which opens the socket too', async () => {
    await start({ basicAuth, basePath: '/umbel' });
    const first = await ask('/umbel/api/v1/session', basic('ada', PASSWORD));
    expect(JSON.parse(first.body)).toMatchObject({ user: 'ada' });
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^umbel_session=[\w-]{43};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).toContain('Path=/umbel');
    expect(cookie).not.toContain('Secure');
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask('/api/v1/session', headers)).status).toBe(200);
    expect(await connectSocket(headers, ['websocket'])).toBe('connected');
    expect(await connectSocket(basic('ada', PASSWORD), ['websocket'])).toBe('connected');
    expect(await connectSocket({}, ['websocket'])).toBe('refused');
    expect(await connectSocket({}, ['polling'])).toBe('refused');
    expect(await connectSocket({ cookie: 'umbel_session=x' }, ['polling'])).toBe('refused');
  });

  it('make a secure cookie behind a trusted TLS proxy only', async () => {
    await start({ basicAuth, trustProxy: true });
    const headers = { ...basic('ada', PASSWORD), 'x-forwarded-proto': 'https' };
    expect((await ask('/api/v1/session', headers)).headers['set-cookie']?.[0]).toContain('Secure');
    await server.close();
    await start({ basicAuth });
    expect((await ask('/api/v1/session', headers)).headers['set-cookie']?.[0]).not.toContain(
      'Secure',
    );
  });

  it.each([
    ['ada', 'wrong'],
    ['ada', ''],
    ['', ''],
    ['ada:', PASSWORD],
    ['ADA', PASSWORD],
  ])('are refused when wrong (%s:%s)', async (user, password) => {
    await start({ basicAuth });
    expect((await ask('/api/v1/session', basic(user, password))).status).toBe(401);
  });

  it.each(['Basic', 'Basic !!!', 'Bearer x', 'Basic OnB3', 'Basic YQ=='])(
    'are refused when malformed (%s)',
    async (authorization) => {
      await start({ basicAuth });
      expect((await ask('/api/v1/session', { authorization })).status).toBe(401);
    },
  );

  it('cannot be guessed quickly', async () => {
    let now = 1_000_000;
    await start({ basicAuth, clock: { now: () => now } });
    for (let n = 0; n < 10; n++) await ask('/api/v1/session', basic('ada', `guess ${n}`));
    const locked = await ask('/api/v1/session', basic('ada', PASSWORD));
    expect(locked.status).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
    now += 61_000;
    expect((await ask('/api/v1/session', basic('ada', PASSWORD))).status).toBe(200);
  });

  it('appear in no answer', async () => {
    await start({ basicAuth });
    for (const path of [
      '/api/v1/session',
      '/api/v1/clusters',
      '/metrics',
      '/api/v1/openapi.json',
    ]) {
      const { body, headers } = await ask(path, basic('ada', PASSWORD));
      expect(body + JSON.stringify(headers)).not.toContain(PASSWORD);
    }
  });
});

describe('--read-only', () => {
  it('refuses every mutation and nothing else', async () => {
    await start({ readOnly: true });
    server.cluster.state.workers.set('w1@h', createWorker('w1@h'));
    const json = { 'content-type': 'application/json' };
    for (const path of [
      REVOKE,
      '/api/v1/clusters/demo/tasks/x/retry',
      '/api/v1/clusters/demo/workers/command',
      '/api/v1/clusters/demo/workers/w1@h/inspect',
      '/api/v1/clusters/demo/workers/w1@h/forget',
    ]) {
      const { status, body } = await ask(path, json, 'POST', '{}');
      expect([path, status]).toEqual([path, 403]);
      expect(JSON.parse(body)).toMatchObject({ code: 'read_only' });
    }
    for (const path of [
      ...['shutdown', 'pool/restart', 'pool/grow', 'pool/shrink', 'pool/autoscale'].map(
        (verb) => `worker/${verb}/w1@h?n=1&min=1&max=2`,
      ),
      ...['add', 'cancel'].map((verb) => `worker/queue/${verb}-consumer/w1@h?queue=q`),
      'task/revoke/x',
      'task/timeout/tasks.add?workername=w1@h&soft=1',
      'task/rate-limit/tasks.add?workername=w1@h&ratelimit=1/s',
      ...['apply', 'async-apply', 'send-task'].map((verb) => `task/${verb}/tasks.add`),
      'task/abort/x',
    ]) {
      const { status, body } = await ask(`/api/${path}`, {}, 'POST');
      expect([path, status]).toEqual([path, 403]);
      expect(body).toContain('Read only mode is enabled');
    }
    expect(server.cluster.state.calls).toEqual([]);
    expect((await ask('/api/v1/session')).body).toContain('"readOnly":true');
    expect(await connectSocket({}, ['websocket'])).toBe('connected');
  });
});

describe('pages', () => {
  const seen: { url: string; headers: http.IncomingHttpHeaders }[] = [];
  const pages: Pages = {
    handle: async (request, response) => {
      seen.push({ url: request.url ?? '', headers: { ...request.headers } });
      response.end('<html></html>');
    },
    upgrade: (_request, socket) => void socket.destroy(),
    close: async () => undefined,
  };

  it('run scripts by nonce only, another one each time, and not one the client chose', async () => {
    seen.length = 0;
    await start({ pages, basePath: '/umbel' });
    const first = await ask('/umbel/demo/tasks?q=x', { 'x-nonce': 'chosen' });
    await ask('/demo/tasks/');
    await ask('/umbel');
    const policy = String(first.headers['content-security-policy']);
    const nonce = String(seen[0]?.headers['x-nonce']);
    expect(policy).toContain(`script-src 'self' 'nonce-${nonce}' 'strict-dynamic';`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.split('script-src')[1]?.split(';')[0]).not.toContain('unsafe');
    expect(seen[0]?.headers['content-security-policy']).toBe(policy);
    expect(first.headers['x-content-type-options']).toBe('nosniff');
    expect(nonce).not.toBe('chosen');
    expect(seen[1]?.headers['x-nonce']).not.toBe(nonce);
    expect(seen.map(({ url }) => url)).toEqual([
      '/umbel/demo/tasks?q=x',
      '/umbel/demo/tasks',
      '/umbel',
    ]);
  });

  it('never answer for the API, nor take anything but reading', async () => {
    seen.length = 0;
    await start({ pages });
    expect((await ask('/api/v2/x')).status).toBe(404);
    expect((await ask('/demo', {}, 'POST')).status).toBe(405);
    expect(seen).toEqual([]);
  });
});
