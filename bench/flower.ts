// Flower on the same machine in the same run, where a package index offers it: what it keeps of the same stream.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startRedis } from '../e2e/fixtures/servers/redis.ts';
import { freePort } from '../e2e/fixtures/servers/free-port.ts';
import { installFlower } from './flower-install.ts';
import {
  cpuSeconds,
  pause,
  printTable,
  progress,
  round,
  rssMegabytes,
  type Row,
} from './measure.ts';
import { publish, until } from './subject.ts';

type Load = { title: string; args: string[] };

const LOADS: readonly Load[] = [
  { title: '2,000/s for 20 s', args: ['--rate', '2000', '--seconds', '20'] },
  { title: '10,000/s for 20 s', args: ['--rate', '10000', '--seconds', '20'] },
  { title: 'burst of 300,000', args: ['--events', '300000'] },
];

export async function measureFlower(): Promise<void> {
  progress('Flower, installing');
  const python = await installFlower();
  if (python === null) {
    console.log('\n## Flower\n\nnot measured: it could not be installed from the package index');
    return;
  }
  const rows: Row[] = [];
  for (const load of LOADS) {
    progress(`Flower, ${load.title}`);
    rows.push(await flowerRun(python, load));
  }
  printTable('Flower, the same publisher', rows);
}

async function flowerRun(python: string, load: Load): Promise<Row> {
  const redis = await startRedis();
  const port = await freePort();
  const directory = mkdtempSync(path.join(os.tmpdir(), 'umbel-bench-flower-'));
  const args = [
    '-m',
    'celery',
    '--broker',
    redis.url,
    'flower',
    '--address=127.0.0.1',
    `--port=${String(port)}`,
    '--max_tasks=1000000',
  ];
  const child = spawn(python, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: directory,
    env: { ...process.env, FLOWER_UNAUTHENTICATED_API: 'true' },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const pid = child.pid ?? 0;
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${String(port)}${path}`, { signal: AbortSignal.timeout(20_000) });
  try {
    if (!(await until(async () => (await ask('/healthcheck')).ok, 30_000)))
      throw new Error('Flower does not come up');
    await pause(3000);
    const cpuBefore = cpuSeconds(pid);
    const sent = await publish(redis.port, load.args);
    let seen = 0;
    let quietTurns = 0;
    while (quietTurns < 6) {
      await pause(1000);
      const total = eventsIn(await (await ask('/metrics')).text());
      quietTurns = total === seen ? quietTurns + 1 : 0;
      seen = total;
    }
    const cpu = cpuSeconds(pid) - cpuBefore;
    const taskEvents = sent.tasks * 4;
    return {
      load: load.title,
      'task events': taskEvents,
      kept: seen,
      'lost %': round((1 - seen / taskEvents) * 100),
      'CPU s per 1M published': round((cpu / taskEvents) * 1e6, 0),
      'RSS MB': round(rssMegabytes(pid), 0),
    };
  } finally {
    child.kill('SIGKILL');
    await ended;
    await redis.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The sum of flower_events_total, which counts task events only. */
function eventsIn(text: string): number {
  let total = 0;
  for (const match of text.matchAll(/^flower_events_total\{[^}]*\} ([\d.e+]+)$/gm))
    total += Number(match[1]);
  return total;
}
