import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensurePython, runPython, type CeleryApp } from '../../e2e/fixtures/celery/python.ts';
import { isOldCelery } from '../../e2e/fixtures/celery/version.ts';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { startPostgres } from '../../e2e/fixtures/servers/postgres.ts';
import { startRedis } from '../../e2e/fixtures/servers/redis.ts';
import { makeTempDir, removeTempDir } from '../../e2e/fixtures/servers/temp-dir.ts';
import { createBackend } from './create-backend.ts';
import type { ResultBackend } from './result-backend.ts';

const STORE = `
import datetime, decimal, sys
from app import app, Custom
from celery.app.task import Context
backend = app.backend
request = Context(id="ok", task="tasks.echo", args=[1, "ü"], kwargs={"k": None}, hostname="w@h",
                  retries=2, delivery_info={"routing_key": "mail"})
backend.store_result("ok", {"n": 1, "text": "zażółć", "list": [1.5, None, True]}, "SUCCESS", request=request)
try:
    raise Custom("went wrong", 42)
except Custom as error:
    backend.mark_as_failure("bad", error, traceback="Traceback: here", request=request)
backend.store_result("begun", {"pid": 7, "hostname": "w@h"}, "STARTED", request=request)
if sys.argv[1:] == ["objects"]:
    backend.store_result("object", {"when": datetime.datetime(2040, 1, 2), "cost": decimal.Decimal("1.10")},
                         "SUCCESS", request=request)
`;

// Before 5.3 they are pickled objects, which are named and not opened.
const objects = isOldCelery ? /datetime object.*Decimal object/ : /2040-01-02.*1\.10/;

const undo: (() => unknown)[] = [];
let directory: string;

beforeAll(async () => {
  directory = makeTempDir('results');
  await ensurePython();
}, 300_000);

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(() => removeTempDir(directory));

async function open(url: string, options: Parameters<typeof createBackend>[1] = {}) {
  const backend = createBackend(url, options);
  undo.push(() => backend.close());
  await backend.connect();
  return backend;
}

async function store(app: Omit<CeleryApp, 'broker'>, ...args: string[]) {
  await runPython(STORE, {
    app: { broker: 'memory://', resultExtended: true, ...app },
    args,
  });
}

async function readsWhatPythonWrote(backend: ResultBackend) {
  const [ok, bad, begun, missing] = await backend.getMany(['ok', 'bad', 'begun', 'nobody']);
  expect(ok).toMatchObject({
    status: 'SUCCESS',
    result: { n: 1, text: 'zażółć', list: [1.5, null, true] },
    extended: {
      name: 'tasks.echo',
      args: [1, 'ü'],
      kwargs: { k: null },
      retries: 2,
      queue: 'mail',
    },
  });
  expect(Math.abs(ok!.doneAt! - Date.now())).toBeLessThan(3_600_000);
  expect(bad).toMatchObject({
    status: 'FAILURE',
    exception: { excType: 'Custom', excMessage: ['went wrong', 42], excModule: 'app' },
    traceback: 'Traceback: here',
  });
  expect(begun).toMatchObject({ status: 'STARTED', doneAt: null, result: { pid: 7 } });
  expect(missing).toBeNull();
  await expect(backend.wait('ok', 1000)).resolves.toMatchObject({ status: 'SUCCESS' });
  await expect(backend.wait('begun', 100)).resolves.toBeNull();
}

describe('results that Python stored', () => {
  it('are read from SQLite, dates and decimals too', async () => {
    const url = `db+sqlite:///${join(directory, 'results.db')}`;
    await store({ backend: url }, 'objects');
    const backend = await open(url);
    await readsWhatPythonWrote(backend);
    const object = await backend.get('object');
    expect(JSON.stringify(object?.result)).toMatch(objects);
    await expect(backend.store(object!)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('are read from PostgreSQL, by a connection that cannot write', async () => {
    const server = await startPostgres();
    undo.push(() => server.stop());
    const url = `db+${server.url}`;
    await store({ backend: url }, 'objects');
    const backend = await open(url);
    await readsWhatPythonWrote(backend);
    expect(JSON.stringify((await backend.get('object'))?.result)).toMatch(objects);
    await expect(backend.forget('ok')).rejects.toMatchObject({ code: 'unsupported' });

    await server.down();
    await expect(backend.get('ok')).rejects.toMatchObject({ code: 'backend_unreachable' });
    expect(backend.status().state).not.toBe('connected');
    await server.up();
    await expect.poll(() => backend.get('ok').catch(() => null)).not.toBeNull();
    expect(backend.status().state).toBe('connected');
  });

  it.skipIf(isOldCelery)('are read from Redis under a key prefix', async () => {
    const url = await freshRedisUrl();
    await store({ backend: url, keyPrefix: 'team' });
    await readsWhatPythonWrote(await open(url, { keyPrefix: 'team' }));
    const other = await open(url);
    await expect(other.get('ok')).resolves.toBeNull();
  });

  it('are read from a Redis with TLS and a password', async () => {
    const server = await startRedis({ tls: true, password: 'se/cret' });
    undo.push(() => server.stop());
    const { caFile } = server.certificate!;
    const url = `${server.url}?ssl_cert_reqs=required&ssl_ca_certs=${caFile}`;
    await store({ backend: url });
    const backend = await open(url);
    await readsWhatPythonWrote(backend);
    expect(backend.displayUrl).not.toContain('cret');
  });
});
