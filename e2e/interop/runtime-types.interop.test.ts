// What a running task of ours sends keeps its types on the way out of a thread and of a process, and arrives in Python as what it is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chord } from '../../server/client/canvas.ts';
import { Celery } from '../../server/client/celery.ts';
import { startWorker, type RunningWorker } from '../../server/worker/worker.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { startWorker as startPythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import { IN_PYTHON } from './support/typed-tasks.ts';

const TASKS = new URL('./support/typed-tasks.ts', import.meta.url);
const CALLED = `((${IN_PYTHON}), {'deep': [{'all': [${IN_PYTHON}]}]})`;
const timeoutMs = 60_000;

// Celery before 5.3 has none of these types in its JSON.
describe.skipIf(isOldCelery).each(['threads', 'processes'] as const)('from %s', (pool) => {
  const closers: (() => Promise<unknown>)[] = [];
  let python: CeleryApp;
  let app: Celery;
  let ours: RunningWorker;

  beforeAll(async () => {
    const url = await freshRedisUrl();
    python = { broker: url, backend: url };
    const theirs = await startPythonWorker({
      ...{ app: python, pool: 'threads', args: ['-I', 'canvas_tasks'], quiet: true },
    });
    closers.push(() => theirs.kill());
    app = new Celery('types', python);
    closers.push(() => app.close());
    await app.connect();
    ours = await startWorker({
      ...{ app, tasks: TASKS, hostname: 'ours@umbel-test', queues: ['ours'], pool },
      concurrency: 1,
    });
    closers.push(() => ours.stop({ graceMs: 0 }));
    await theirs.ready;
  }, 120_000);

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  const call = (name: string) => app.sendTask(`typed.${name}`, [], {}, { queue: 'ours' });
  const seenInPython = async (source: string, ...args: string[]) =>
    (await runPython(`import sys\nfrom app import app\n${source}`, { app: python, args })).trim();

  test.each(['apply', 'delay'])('a signature that it sends by %s', async (how) => {
    const id = String(await (await call(how)).get({ timeoutMs }));
    const first = how === 'delay' ? `((${IN_PYTHON.split(', Dec')[0] ?? ''}, ` : '((';
    expect(await app.result(id).get({ timeoutMs })).toBe(first + CALLED.slice(2));
    if (how === 'apply') return;
    const linked = String(await app.result('linked').get({ timeoutMs }));
    expect(linked).toContain(`, ${IN_PYTHON}), {})`);
  });

  test('a signature in its own place', async () => {
    expect(await (await call('replace')).get({ timeoutMs })).toBe(CALLED);
  });

  test('a member that it adds to its chord', async () => {
    const member = app.signature<string>('typed.grow', [], { queue: 'ours' });
    const body = app.signature('canvas.identity', [], { queue: 'celery' });
    const all = (await (await chord([member], body).delay()).get({ timeoutMs })) as string[];
    expect(all.sort()).toEqual([CALLED, 'grown']);
  });

  test('a state that it tells', async () => {
    const sent = await call('state');
    await expect.poll(() => sent.state(), { timeout: timeoutMs }).toBe('PROGRESS');
    const said = await seenInPython('print(app.AsyncResult(sys.argv[1]).info)', sent.id);
    expect(said).toBe(`{'deep': [{'all': [${IN_PYTHON}]}]}`);
  });

  test('an error that it throws', async () => {
    const sent = await call('fail');
    await expect(sent.get({ timeoutMs })).rejects.toMatchObject({ name: 'ValueError' });
    const said = await seenInPython('print(repr(app.AsyncResult(sys.argv[1]).result))', sent.id);
    expect(said).toBe(`ValueError(${IN_PYTHON})`);
  });

  test('a retry that cannot be written fails there', async () => {
    const failing = (await call('unwritable')).get({ timeoutMs });
    await expect(failing).rejects.toMatchObject({ name: 'EncodeError' });
  });

  test('the arguments of a retry', async () => {
    const sent = await call('retry');
    await expect.poll(() => sent.state(), { timeout: timeoutMs }).toBe('RETRY');
    const error = await seenInPython('print(repr(app.AsyncResult(sys.argv[1]).result))', sent.id);
    expect(error).toBe(`ValueError(${IN_PYTHON})`);
    await ours.stop({ graceMs: 0 });
    const said = await seenInPython(`
with app.connection_for_read() as connection:
    args, kwargs, embed = connection.SimpleQueue("ours").get(timeout=30).payload
print((tuple(args), kwargs))`);
    expect(said).toBe(CALLED);
  });
});
