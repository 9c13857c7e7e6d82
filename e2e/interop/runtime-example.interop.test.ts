// The two commands of examples/word-count, and its task called from Python.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runPython } from '../fixtures/celery/python.ts';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import { projectRoot, runScriptFile } from '../fixtures/script.ts';
import { startChild } from '../fixtures/servers/child.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const example = join(projectRoot, 'examples/word-count');
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test.each(['Redis', 'the embedded broker'])('examples/word-count on %s', async (where) => {
  if (process.env['UMBEL_FRESH_BUILD'] !== '1')
    await runScriptFile('build.mjs', '--stale', 'server');
  const directory = makeTempDir('words');
  closers.push(() => Promise.resolve(removeTempDir(directory)));
  const isEmbedded = where !== 'Redis';
  const url = isEmbedded ? `memory://${join(directory, 'broker')}` : await freshRedisUrl();
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], BROKER: url };
  const run = (args: string[]) =>
    startChild({ command: process.execPath, args, cwd: example, env });
  const worker = await run([
    join(projectRoot, 'dist/server/main.js'),
    ...['-A', 'celery_app', 'worker', '--loglevel=info'],
  ]);
  closers.push(() => worker.stop());
  await worker.says(/ready\./, 60_000);
  const count = await run(['--import', 'tsx', 'count.ts']);
  expect(await count.ended, count.output()).toBe(0);
  expect(count.output().trim()).toBe('example.txt: 22 words');
  if (isEmbedded) return;
  const code = `
from app import *
print(app.send_task("process_file", ["example.txt"]).get(timeout=30)["words"])`;
  const counted = await runPython(code, { app: { broker: url, backend: url } });
  expect(counted.trim()).toBe('22');
});
