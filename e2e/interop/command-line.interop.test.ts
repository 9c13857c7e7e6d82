/*
 * The program as it is started by hand: what it refuses it refuses in one clear line, with the right exit code, and leaves nothing
 * behind.
 */
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../fixtures/script.ts';
import { startChild } from '../fixtures/servers/child.ts';
import { freePort } from '../fixtures/servers/free-port.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import { startUmbel } from '../fixtures/umbel.ts';

const NOBODY = ['--broker', 'redis://127.0.0.1:1'];
const room = makeTempDir('command-line');
afterAll(() => removeTempDir(room));

/** Ends by itself; answers what it wrote and its exit code. */
const run = (...args: string[]) => runFile('dist/server/main.js', ...args);

async function runFile(
  file: string,
  ...args: string[]
): Promise<{ code: number | null; lines: string[] }> {
  const child = await startChild({
    command: process.execPath,
    args: [join(projectRoot, file), ...args],
    env: { PATH: process.env['PATH'], HOME: room, NODE_ENV: 'production' },
    cwd: room,
  });
  const code = await child.ended;
  await child.stop();
  // Next tells how long it took to read its configuration, when that was long.
  const lines = child.output().trim().split('\n');
  return { code, lines: lines.filter((line) => !line.startsWith('✓ ')) };
}

beforeAll(async () => {
  // Builds what is stale.
  const umbel = await startUmbel({ args: NOBODY, freshPages: false });
  await umbel.stop();
});

test('npm start says no more than the program once all is built, and ends as it does', async () => {
  const version = { code: 0, lines: [expect.stringMatching(/^\d+\.\d+\.\d+$/)] };
  expect(await runFile('scripts/start.mjs', '--version')).toEqual(version);
  const refused = { code: 2, lines: [expect.stringContaining("unknown option '--nope'")] };
  expect(await runFile('scripts/start.mjs', '--nope')).toEqual(refused);
});

test('tells its flags', async () => {
  const help = await run('--help');
  expect(help.code).toBe(0);
  expect(help.lines.join('\n')).toMatch(/--broker <url>[^]*--data-dir <[^]*--read-only/);
});

test.each([
  [['--nope'], /unknown option '--nope'/],
  [['--port', 'http'], /--port: expected a port number/],
  [['--lost-after', '0'], /--lost-after: expected a time such as 30s/],
  [['--broker', 'gopher://host'], /gopher/],
  [['--address', '0.0.0.0'], /--basic-auth/],
  [['--config', 'absent.yaml'], /absent\.yaml/],
  [['nonsense'], /nonsense/],
])('%j is refused in one line', async (args, says) => {
  const dataDir = join(room, 'never');
  const refused = await run('--data-dir', dataDir, ...args);
  expect(refused.code).toBe(2);
  expect(refused.lines).toHaveLength(1);
  expect(refused.lines[0]).toMatch(says);
  expect(existsSync(dataDir)).toBe(false);
});

test.each(['/proc/umbel/data', '/etc/hosts', '/etc/hosts/data'])(
  'a data directory that cannot be made is refused in one line: %s',
  async (dataDir) => {
    const refused = await run(...NOBODY, '--port', String(await freePort()), '--data-dir', dataDir);
    expect(refused).toEqual({
      code: 2,
      lines: [expect.stringContaining(`--data-dir ${dataDir}: cannot be made:`)],
    });
  },
);

test('a busy port is named, and nothing is started', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  try {
    const refused = await run(
      ...[...NOBODY, '--port', String(port), '--data-dir', join(room, 'busy')],
    );
    expect(refused).toEqual({
      code: 2,
      lines: [expect.stringMatching(new RegExp(`port ${port} .*in use.*--port`))],
    });
  } finally {
    server.close();
  }
});

test('a data directory in use, or written by a newer Umbel, is refused', async () => {
  const dataDir = join(room, 'taken');
  const port = String(await freePort());
  const again = ['--port', port, '--data-dir', dataDir, ...NOBODY];
  const umbel = await startUmbel({ args: NOBODY, dataDir, freshPages: false });
  // Every address of this machine that is not its own would answer here as well.
  await expect(fetch(`http://127.0.0.2:${umbel.port}/livez`)).rejects.toThrow();
  const locked = await run(...again);
  expect(locked).toEqual({
    code: 2,
    lines: [expect.stringMatching(new RegExp(`${dataDir} is in use by process ${umbel.pid}`))],
  });
  await umbel.stop();

  const file = new Database(join(dataDir, 'default.sqlite'));
  file.pragma('user_version = 9999');
  file.close();
  const newer = await run(...again);
  expect(newer).toEqual({ code: 2, lines: [expect.stringMatching(/newer/)] });
});
