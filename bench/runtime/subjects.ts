// Who is measured, and how each is started and given work: ours, Python's Celery, BullMQ.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensurePython } from '../../e2e/fixtures/celery/python.ts';
import { send, withClient } from './client.ts';
import { startChild, type Child } from '../../e2e/fixtures/servers/child.ts';

const root = resolve(import.meta.dirname, '../..');
const runFile = promisify(execFile);

export type Places = { broker: string; backend: string; redisPort: number };
export type Load = { concurrency: number; hasEvents: boolean };
export type Filling = { name: string; args: unknown[]; count: number };
export type Subject = {
  name: string;
  isCelery: boolean;
  /** Starts a worker on the queue `celery`. */
  work: (places: Places, load: Load) => Promise<Child>;
  fill: (places: Places, queue: string, filling: Filling) => Promise<void>;
  /** Lets the worker at what was put into the queue. */
  begin: (places: Places, queue: string) => Promise<void>;
};

/** Both runtimes answer to Celery's remote control. */
const ofCelery = {
  isCelery: true,
  fill: (places: Places, queue: string, filling: Filling) =>
    withClient(places, (app) => send(app, { queue, ...filling })),
  begin: (places: Places, queue: string) =>
    withClient(places, ({ transport }) =>
      transport.broadcast({ method: 'add_consumer', arguments: { queue }, destination: null }),
    ),
};

const settingsOf = ({ broker, backend }: Places): string =>
  JSON.stringify({ broker_url: broker, result_backend: backend });

const environment = (places: Places) => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  LANG: 'C.UTF-8',
  NODE_ENV: 'production',
  C_FORCE_ROOT: '1',
  PYTHONPATH: import.meta.dirname,
  BENCH_APP: settingsOf(places),
});

export function ours(pool: 'threads' | 'async' | 'solo'): Subject {
  return {
    ...ofCelery,
    name: `Umbel, ${pool}`,
    work: async (places, { concurrency, hasEvents }) => {
      const child = await startChild({
        command: process.execPath,
        args: [
          ...[join(root, 'dist/server/main.js'), '-A', join(import.meta.dirname, 'app.ts')],
          ...[
            'worker',
            '-l',
            'warning',
            '-c',
            String(concurrency),
            '-P',
            pool,
            ...(hasEvents ? ['-E'] : []),
          ],
        ],
        cwd: root,
        env: environment(places),
      });
      await child.says(/\[queues\]/, 60_000);
      return child;
    },
  };
}

export function celery(pool: 'prefork' | 'threads'): Subject {
  return {
    ...ofCelery,
    name: `Celery, ${pool}`,
    work: async (places, { concurrency, hasEvents }) => {
      const child = await startChild({
        command: await ensurePython(),
        args: [
          ...['-m', 'celery', '-A', 'bench_app', 'worker', '-c', String(concurrency)],
          ...['-P', pool, '-l', 'WARNING', '--without-mingle', ...(hasEvents ? ['-E'] : [])],
        ],
        cwd: import.meta.dirname,
        env: environment(places),
      });
      await child.says(/\[queues\]/, 60_000);
      return child;
    },
  };
}

export function bullmq(module: string): Subject {
  return {
    name: 'BullMQ',
    isCelery: false,
    fill: async (places, queue, { count }) => {
      if (queue !== 'celery') await runBullmq(module, places, ['pause']);
      await addJobs(module, places, 'fill', count);
    },
    begin: async (places) => {
      await runBullmq(module, places, ['resume']);
    },
    work: async (places, { concurrency }) => {
      const child = await startChild({
        command: process.execPath,
        args: [join(import.meta.dirname, 'bullmq.mjs'), 'work', String(concurrency)],
        env: { ...environment(places), BULLMQ: module, REDIS: String(places.redisPort) },
      });
      await child.says(/ready\./, 60_000);
      return child;
    },
  };
}

/** Jobs a second; `sequence` waits for each, the others send a hundred at a time. */
export async function addJobs(
  module: string,
  places: Places,
  mode: 'sequence' | 'batches' | 'fill',
  count: number,
): Promise<number> {
  return Number(await runBullmq(module, places, [mode, String(count)]));
}

async function runBullmq(module: string, places: Places, args: string[]): Promise<string> {
  const script = join(import.meta.dirname, 'bullmq.mjs');
  const env = { ...process.env, BULLMQ: module, REDIS: String(places.redisPort) };
  const { stdout } = await runFile(process.execPath, [script, ...args], { env });
  return stdout;
}

export async function delayHere(
  places: Places,
  mode: 'sequence' | 'batches',
  count: number,
): Promise<number> {
  const script = join(import.meta.dirname, 'calls.mjs');
  const env = environment(places) as NodeJS.ProcessEnv;
  const { stdout } = await runFile(process.execPath, [script, mode, String(count)], { env });
  return Number(stdout);
}

export async function delayInPython(
  places: Places,
  count: number,
  threads: number,
): Promise<number> {
  const script = join(import.meta.dirname, 'delay.py');
  const { stdout } = await runFile(await ensurePython(), [script, String(count), String(threads)], {
    env: environment(places) as NodeJS.ProcessEnv,
  });
  return Number(stdout);
}

/** BullMQ in a place of its own; null where it cannot be installed. */
export async function installBullmq(): Promise<string | null> {
  const directory = join(root, 'node_modules/.cache/umbel/bullmq');
  const module = join(directory, 'node_modules/bullmq/dist/cjs/index.js');
  if (existsSync(module)) return module;
  mkdirSync(directory, { recursive: true });
  const args = ['install', '--prefix', directory, '--no-audit', '--no-fund', 'bullmq'];
  await runFile('npm', args, { timeout: 300_000 }).catch(() => null);
  return existsSync(module) ? module : null;
}
