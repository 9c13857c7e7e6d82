import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { describeStore } from '../store.contract.ts';
import type { RetentionOptions } from '../store.ts';
import { createTaskRecord } from '../task-record.ts';
import { openDashboardStore } from './dashboard-store.ts';
import {
  addValue,
  createHistogram,
  decodeHistogram,
  encodeHistogram,
  mergeInto,
  quantile,
} from './histogram.ts';
import { lockDataDir } from './lock-data-dir.ts';
import { openStoreReader } from './reader.ts';
import { openStoreWriter, type OpenedStoreWriter } from './writer.ts';

const NO_LIMITS: RetentionOptions = {
  maxAgeMs: null,
  failureMaxAgeMs: null,
  maxBytes: null,
  maxTasks: null,
};

function openWriter(path: string, retention: Partial<RetentionOptions> = {}): OpenedStoreWriter {
  return openStoreWriter({
    path,
    retention: { ...NO_LIMITS, ...retention },
    logger: silentLogger,
    clock: systemClock,
  });
}

describeStore('the SQLite store', () => {
  const dir = mkdtempSync(join(tmpdir(), 'umbel-store-'));
  const path = join(dir, 'cluster.db');
  let writer = openWriter(path);
  const reader = openStoreReader({ path, threads: 1 });
  return {
    writer,
    reader,
    reopen: (retention) => {
      writer.close();
      writer = openWriter(path, retention);
      return writer;
    },
    close: async () => {
      await reader.close();
      writer.close();
      rmSync(dir, { recursive: true });
    },
  };
});

describe('the files of a store', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'umbel-store-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('moves a damaged file aside and begins anew', () => {
    const path = join(dir, 'cluster.db');
    writeFileSync(path, 'this is no database, not at all, whatever its name says'.repeat(100));
    const writer = openWriter(path);
    expect(writer.notice).toContain('damaged');
    expect(writer.stats().tasksStored).toBe(0);
    writer.close();
    expect(readdirSync(dir).some((name) => name.startsWith('cluster.db.damaged-'))).toBe(true);
    const again = openWriter(path);
    expect(again.notice).toBeNull();
    again.close();
  });

  it('moves a file aside that was damaged in its middle', () => {
    const path = join(dir, 'cluster.db');
    const sound = openWriter(path);
    const tasks = Array.from({ length: 500 }, (_, n) => createTaskRecord(`task-${n}`, n));
    sound.commit({ tasks, now: 1000 });
    sound.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, bytes.length / 2);
    writeFileSync(path, bytes);
    const writer = openWriter(path);
    expect(writer.notice).toContain('damaged');
    writer.commit({ tasks: [createTaskRecord('after', 2000)], now: 2000 });
    expect(writer.stats().tasksStored).toBe(1);
    writer.close();
  });

  it('refuses a file of a newer version', () => {
    const path = join(dir, 'cluster.db');
    openWriter(path).close();
    const db = new BetterSqlite(path);
    db.pragma('user_version = 999');
    db.close();
    expect(() => openWriter(path)).toThrow(expect.objectContaining({ code: 'store_newer' }));
  });

  it('refuses a file with other tables in one line', () => {
    const path = join(dir, 'cluster.db');
    openWriter(path).close();
    const db = new BetterSqlite(path);
    db.exec('ALTER TABLE task DROP COLUMN eta_at');
    db.pragma('application_id = 77');
    db.close();
    expect(() => openWriter(path)).toThrow(/^The store .* unreleased build .* directory\.$/);
  });

  it('locks its directory against a second live process only', () => {
    const lock = lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(expect.objectContaining({ code: 'store_locked' }));
    lock.release();
    writeFileSync(join(dir, 'umbel.lock'), JSON.stringify({ pid: 4_194_305, startedAt: 1 }));
    lockDataDir(dir).release();
  });

  it('keeps the audit of the dashboard', () => {
    const path = join(dir, 'dashboard.db');
    const store = openDashboardStore({ path });
    const entry = {
      at: 1,
      actor: 'a',
      action: 'revoke',
      target: 't',
      parameters: {},
      outcome: 'ok',
      detail: '',
    } as const;
    store.appendAudit({ ...entry, cluster: 'one' });
    store.appendAudit({ ...entry, cluster: 'two', at: 2 });
    expect(store.listAudit({ limit: 10 }).map(({ at }) => at)).toEqual([2, 1]);
    expect(store.listAudit({ limit: 10, cluster: 'one' })).toHaveLength(1);
    store.close();
  });

  it('survives kill -9 while it writes', async () => {
    const path = join(dir, 'cluster.db');
    const script = fileURLToPath(new URL('./writing-process.contract.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let committed = 0;
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      committed = Number(text.trimEnd().split('\n').at(-1));
      if (committed >= 20_000) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('close', resolve));
    const writer = openWriter(path);
    expect(writer.notice).toBeNull();
    expect(writer.stats().tasksStored).toBeGreaterThanOrEqual(committed - 1000);
    const stored = writer.stats().tasksStored;
    writer.close();
    const db = new BetterSqlite(path);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT count(*) FROM task').pluck().get()).toBe(stored);
    db.close();
  }, 60_000);
});

describe('histograms', () => {
  const values = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), {
    minLength: 1,
    maxLength: 200,
  });

  it('answer quantiles within 1 %, also after encoding and merging', () => {
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (some, others, q) => {
        const [left, right] = [createHistogram(), createHistogram()];
        for (const value of some) addValue(left, value);
        for (const value of others) addValue(right, value);
        const merged = decodeHistogram(encodeHistogram(left));
        mergeInto(merged, decodeHistogram(encodeHistogram(right)));
        const sorted = [...some, ...others].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
        expect(merged.count).toBe(sorted.length);
        expect(Math.abs((quantile(merged, q) ?? 0) - exact) / exact).toBeLessThan(0.0101);
      }),
    );
  });

  it('say nothing about nothing', () => {
    expect(quantile(createHistogram(), 0.5)).toBeNull();
    expect(encodeHistogram(createHistogram())).toBeNull();
  });
});
