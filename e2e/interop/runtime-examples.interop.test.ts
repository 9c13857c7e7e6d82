// The examples do what their output.txt says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, test } from 'vitest';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';
import { projectRoot, runScriptFile } from '../fixtures/script.ts';
import { startChild } from '../fixtures/servers/child.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

beforeAll(async () => {
  if (process.env['UMBEL_FRESH_BUILD'] !== '1')
    await runScriptFile('build.mjs', '--stale', 'server');
}, 300_000);

type Example = { flags?: string[]; onRabbitmq?: boolean; log?: RegExp };

const EXAMPLES: Record<string, Example> = {
  calling: { onRabbitmq: true },
  tasks: { log: /INFO.*greeting.*Ada[^]*INFO.*raised expected: RangeError(?![^]*Traceback)/ },
  retries: {},
  canvas: {},
  results: {},
  routing: { flags: ['-Q', 'celery,mail,media,high_priority'] },
  limits: { flags: ['--pool=processes'] },
  periodic: { flags: ['-B', '-s', 'DIRECTORY/schedule'] },
  operations: { flags: ['-n', 'operations@example', '-E'] },
};

test.concurrent.for(Object.entries(EXAMPLES))(
  'examples/%s',
  async ([name, { flags = [], onRabbitmq = false, log = /ready/ }], { expect, onTestFinished }) => {
    const cwd = join(projectRoot, 'examples', name);
    const directory = makeTempDir('example');
    onTestFinished(() => {
      removeTempDir(directory);
    });
    const redis = await freshRedisUrl();
    const vhost = onRabbitmq ? await freshVhost() : null;
    onTestFinished(() => vhost?.remove());
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      BROKER: vhost?.url ?? redis,
      BACKEND: redis,
      SQL_BACKEND: `db+sqlite:///${join(directory, 'results.sqlite3')}`,
    };
    const run = (args: string[]) => startChild({ command: process.execPath, args, cwd, env });
    const worker = await run([
      ...[join(projectRoot, 'dist/server/main.js'), '-A', 'celery_app', 'worker'],
      ...['-c', '1', '-l', 'info'],
      ...flags.map((flag) => flag.replace('DIRECTORY', directory)),
    ]);
    onTestFinished(() => worker.stop().then(() => undefined));
    await worker.says(/ready\./, 60_000);
    const main = await run(['--import', 'tsx', 'main.ts']);
    expect(await main.ended, main.output()).toBe(0);
    expect(main.output()).toBe(readFileSync(join(cwd, 'output.txt'), 'utf8'));
    expect(worker.output()).toMatch(log);
  },
);
