// The examples do what their output.txt says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import { projectRoot, runScriptFile } from '../fixtures/script.ts';
import { startChild } from '../fixtures/servers/child.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const closers: (() => unknown)[] = [];

beforeAll(async () => {
  if (process.env['UMBEL_TEST_BUILT'] !== '1')
    await runScriptFile('build.mjs', '--stale', 'server');
}, 300_000);

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test.each([
  ['calling', []],
  ['canvas', []],
  ['results', []],
  ['routing', ['-Q', 'celery,mail,media,high_priority']],
])('examples/%s', async (name, flags) => {
  const cwd = join(projectRoot, 'examples', name);
  const directory = makeTempDir('example');
  closers.push(() => {
    removeTempDir(directory);
  });
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    BROKER: await freshRedisUrl(),
    SQL_BACKEND: `db+sqlite:///${join(directory, 'results.sqlite3')}`,
  };
  const run = (args: string[]) => startChild({ command: process.execPath, args, cwd, env });
  const umbel = join(projectRoot, 'dist/server/main.js');
  const worker = await run([
    umbel,
    '-A',
    'celery_app',
    'worker',
    '-c',
    '1',
    '-l',
    'info',
    ...flags,
  ]);
  closers.push(() => worker.stop());
  await worker.says(/ready\./, 60_000);
  const main = await run(['--import', 'tsx', 'main.ts']);
  expect(await main.ended, main.output()).toBe(0);
  expect(main.output()).toBe(readFileSync(join(cwd, 'output.txt'), 'utf8'));
});
