import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { openStoreReader } from './reader.ts';
import { openStoreWriter } from './writer.ts';

it('whose thread dies fails that question only: the next one gets another thread', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'umbel-reader-'));
  const path = join(dir, 'cluster.db');
  const retention = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
  const writer = openStoreWriter({ path, retention, logger: silentLogger, clock: systemClock });
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on('worker', note);
  const reader = openStoreReader({ path, threads: 1 });
  try {
    expect(await reader.fact('nothing')).toBeNull();
    const thread = threads.at(-1);
    const asked = reader.countsByState();
    const [, outcome] = await Promise.allSettled([thread?.terminate(), asked]);
    if (outcome.status === 'rejected')
      expect(outcome.reason).toMatchObject({ code: 'store_failed' });
    expect(await reader.fact('nothing')).toBeNull();
    expect(threads.at(-1)).not.toBe(thread);
  } finally {
    process.off('worker', note);
    await reader.close();
    writer.close();
    rmSync(dir, { recursive: true });
  }
});
