import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { problem } from '../../lib/contract/index.ts';
import { addTask, createTask } from './testing/memory-cluster.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './testing/start.ts';

let server: TestServer | undefined;
const start = async (options: TestServerOptions = {}) => (server = await startTestServer(options));
afterEach(() => server?.close());

describe('addresses', () => {
  it.each(['/umbel', ''])('serves under the base path and without it (%s)', async (prefix) => {
    const { url } = await start({ basePath: '/umbel' });
    const root = url + prefix;
    expect((await fetch(`${root}/healthcheck`)).status).toBe(200);
    expect((await fetch(`${root}/healthcheck/`)).status).toBe(200);
    expect((await fetch(`${root}/api/v1/session`)).status).toBe(200);
  });

  it('does not take a longer name for the base path', async () => {
    const { url } = await start({ basePath: '/umbel' });
    const response = await fetch(`${url}/umbellifer/api/v1/session`);
    expect(response.status).toBe(404);
  });

  it.each(['a/b', '100%', 'ünïcødé ☃', 'a?b#c', '%2F', 'x\'"<>'])(
    'finds the task with the id %s',
    async (id) => {
      const { url, cluster } = await start();
      addTask(cluster, createTask(id));
      const path = `/api/v1/clusters/demo/tasks/${encodeURIComponent(id)}`;
      const response = await fetch(url + path);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ id });
    },
  );
});

describe('errors', () => {
  it.each([
    ['/api/v1/nothing', 404],
    ['/api/v1/clusters/other/workers', 404],
    ['/api/v1/clusters/demo/tasks/none', 404],
    ['/api/v1/clusters/demo/tasks?limit=many', 400],
    ['/api/v1/clusters/demo/tasks/%E0%A4%A', 400],
    ['/api/v1/%', 400],
    ['/%c0%ae', 400],
  ])('%s answers %i as a problem', async (path, status) => {
    const { url } = await start();
    const response = await fetch(url + path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.parse(await response.json()).status).toBe(status);
  });

  it('names the clusters there are', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/api/v1/clusters/other`);
    expect(problem.parse(await response.json()).detail).toContain('demo');
  });

  it('tells an unexpected error by id, and logs it under that id', async () => {
    const lines: object[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (f: object) => lines.push(f) };
    const { url, cluster } = await start({ logger: { ...logger, child: () => logger as never } });
    cluster.state.fail = new Error('secret words');
    const response = await fetch(`${url}/api/v1/clusters/demo/queues`);
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(body).not.toContain('secret words');
    expect(lines).toHaveLength(1);
    expect(body).toContain((lines[0] as { id: string }).id);
  });

  it('says which methods a path has', async () => {
    const { url } = await start();
    const wrong = await fetch(`${url}/api/v1/session`, { method: 'DELETE' });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const options = await fetch(`${url}/api/v1/clusters/demo/tasks/revoke`, { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('access-control-allow-origin')).toBeNull();
    const head = await fetch(`${url}/api/v1/session`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });
});

describe('listening', () => {
  it('says clearly that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startTestServer({ port })).rejects.toMatchObject({
      code: 'bad_configuration',
      message: expect.stringContaining(`127.0.0.1:${port}: the port is in use`),
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
