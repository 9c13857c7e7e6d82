// From `node dist/server/main.js` to the first page served, on a broker that answers and on the demo.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startRedis } from '../e2e/fixtures/servers/redis.ts';
import { freePort } from '../e2e/fixtures/servers/free-port.ts';
import type { Scores } from './goals.ts';
import { median, printTable, progress, round, type Row } from './measure.ts';

export async function measureStartup(runs: number, scores: Scores): Promise<void> {
  const redis = await startRedis();
  try {
    const rows: Row[] = [];
    for (const [title, args] of [
      ['Redis', ['--broker', redis.url]],
      ['demo', []],
    ] as const) {
      progress(`start on ${title}`);
      const times: number[] = [];
      for (let run = 0; run < runs; run += 1) times.push(await startOnce([...args]));
      scores.report('startup', median(times));
      rows.push({
        cluster: title,
        'median ms': round(median(times), 0),
        'max ms': round(Math.max(...times), 0),
        runs,
      });
    }
    printTable('Start of the process to the first page', rows);
  } finally {
    await redis.stop();
  }
}

async function startOnce(args: string[]): Promise<number> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'umbel-bench-'));
  const port = await freePort();
  const main = new URL('../dist/server/main.js', import.meta.url).pathname;
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [main, '--port', String(port), '--data-dir', dataDir, '--log-level', 'error', ...args],
    { stdio: 'ignore' },
  );
  try {
    for (;;) {
      const page = await fetch(`http://127.0.0.1:${String(port)}/`).catch(() => null);
      if (page?.ok === true && (await page.text()).includes('</html>'))
        return performance.now() - startedAt;
      if (performance.now() - startedAt > 30_000) throw new Error('no page within 30 s');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}
