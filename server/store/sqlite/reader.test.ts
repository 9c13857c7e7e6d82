import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import type { StoreReader } from '../store.ts';
import { openStoreReader } from './reader.ts';
import { openStoreWriter } from './writer.ts';

async function withReader(work: (reader: StoreReader, threads: Worker[]) => Promise<void>) {
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
    await work(reader, threads);
  } finally {
    process.off('worker', note);
    await reader.close();
    writer.close();
    rmSync(dir, { recursive: true });
  }
}

it('whose thread dies fails that question only: the next one gets another thread', () =>
  withReader(async (reader, threads) => {
    const thread = threads.at(-1);
    const asked = reader.countsByState();
    const [, outcome] = await Promise.allSettled([thread?.terminate(), asked]);
    if (outcome.status === 'rejected')
      expect(outcome.reason).toMatchObject({ code: 'store_failed' });
    expect(await reader.fact('nothing')).toBeNull();
    expect(threads.at(-1)).not.toBe(thread);
  }));

it('whose thread dies between two questions gets another one', () =>
  withReader(async (reader, threads) => {
    const thread = threads.at(-1);
    await thread?.terminate();
    expect(await reader.fact('nothing')).toBeNull();
    expect(threads.at(-1)).not.toBe(thread);
  }));

it('that is closed while an answer is on its way says so', () =>
  withReader(async (reader) => {
    const asked = reader.countsByState();
    // The answer is there, and nobody has taken it yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    const [outcome] = await Promise.allSettled([asked, reader.close()]);
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'closed' });
  }));
