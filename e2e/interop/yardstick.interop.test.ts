// Celery's own integration tests as a yardstick: a Python client builds their workflows, in its own words, from tasks under their names
// that our worker runs. docs/runtime/yardstick.md says which of theirs each case stands for.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Celery } from '../../server/client/celery.ts';
import { startWorker } from '../../server/worker/worker.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';

const directory = join(import.meta.dirname, '../fixtures/celery/yardstick');
const CASES = readdirSync(directory)
  .filter((name) => name.endsWith('.py') && name !== 'table.py')
  .flatMap((name) => [
    ...readFileSync(join(directory, name), 'utf8').matchAll(/^@case\("(.*?)"(, rpc=True)?\)$/gm),
  ])
  .map(([, title = '', rpc]) => ({ title, isForRpc: rpc !== undefined }));

const closers: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function openVhost(): Promise<string> {
  const vhost = await freshVhost();
  closers.push(() => vhost.remove());
  return vhost.url;
}

const PLACES = {
  'Redis, results there too': async () => {
    const url = await freshRedisUrl();
    return { broker: url, backend: url, pool: 'threads' as const };
  },
  'RabbitMQ, results in Redis': async () => ({
    broker: await openVhost(),
    backend: await freshRedisUrl(),
    pool: 'async' as const,
  }),
  'RabbitMQ, results by rpc': async () => ({
    broker: await openVhost(),
    backend: 'rpc://',
    pool: 'async' as const,
  }),
};

// The client is Celery, and the table is that of 5.7: one before 5.3 has no stamps, and builds other messages from the same words.
describe.skipIf(isOldCelery).each(Object.entries(PLACES))('%s', (_place, open) => {
  let outcomes: Record<string, string>;
  let isRpc: boolean;

  beforeAll(async () => {
    const { broker, backend, pool } = await open();
    isRpc = backend === 'rpc://';
    const notes = await freshRedisUrl();
    process.env['YARDSTICK_REDIS'] = notes;
    const app = new Celery('yardstick', { broker, backend, resultExtended: true });
    closers.push(() => app.close());
    await app.connect();
    const worker = await startWorker({
      app,
      tasks: new URL('./yardstick/tasks.ts', import.meta.url),
      hostname: 'yardstick@umbel-test',
      concurrency: pool === 'threads' ? 4 : 30,
      pool,
    });
    closers.push(() => worker.stop({ graceMs: 0 }));
    const said = await runPython('import runpy; runpy.run_module("yardstick")', {
      app: { broker, backend, resultExtended: true },
      args: isRpc ? [notes, 'rpc'] : [notes],
      timeoutMs: 120_000,
    });
    outcomes = JSON.parse(said) as Record<string, string>;
  }, 240_000);

  const cases = CASES.filter(({ isForRpc }) => isForRpc || !_place.includes('rpc'));

  test.each(cases)('$title', ({ title }) => {
    expect(outcomes[title], outcomes[title]).toBe('ok');
  });
});
