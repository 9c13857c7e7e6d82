// More tasks than are sorted in memory: every sort that says it goes on to the end does, in order, without a gap.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/logger.ts';
import type { StoreReader } from '../../store.ts';
import { createTaskRecord, type TaskRecord } from '../../task-record.ts';
import { openStoreReader } from '../reader.ts';
import { STATE_NUMBER } from '../task-row.ts';
import { openStoreWriter } from '../writer.ts';

const NOW = 1_700_000_000_000;
const COUNT = 6000;
const FIELDS = {
  received: (task: TaskRecord) => task.receivedAt,
  started: (task: TaskRecord) => task.startedAt,
  finished: (task: TaskRecord) => task.finishedAt,
  type: (task: TaskRecord) => task.type,
  worker: (task: TaskRecord) => task.worker,
  state: (task: TaskRecord) => STATE_NUMBER[task.state],
  retries: (task: TaskRecord) => task.retries,
};
const SHARED = new Set(['type', 'worker', 'state', 'retries']);

function task(n: number): TaskRecord {
  const updatedAt = NOW - COUNT + n;
  const near = updatedAt - (n % 7) * 30;
  const far = updatedAt - 5000 - ((n * 7919) % 3000);
  return {
    ...createTaskRecord(randomUUID(), updatedAt),
    updatedAt,
    state: n % 3 === 0 ? 'failure' : 'success',
    type: `tasks.t${n % 4}`,
    worker: n % 11 === 0 ? null : `celery@w${n % 5}`,
    receivedAt: n % 5 === 0 ? far : near,
    startedAt: n % 13 === 0 ? null : n % 2 === 0 ? near + 40 : far,
    finishedAt: n % 100 === 0 ? updatedAt + 20_000 : near,
    retries: n % 50 === 0 ? 1 + (n % 3) : 0,
  };
}

describe('pages of more tasks than are sorted in memory', () => {
  const records = Array.from({ length: COUNT }, (_, n) => task(n));
  const dir = mkdtempSync(join(tmpdir(), 'umbel-store-'));
  const path = join(dir, 'cluster.db');
  let reader: StoreReader;

  beforeAll(() => {
    const retention = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
    const writer = openStoreWriter({ path, retention, logger: silentLogger, clock: systemClock });
    writer.commit({ tasks: records, now: NOW });
    writer.close();
    reader = openStoreReader({ path, threads: 1 });
  });
  afterAll(async () => {
    await reader.close();
    rmSync(dir, { recursive: true });
  });

  async function pages(sort: string, q: string): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | undefined; ;) {
      const query = { q, range: 'all', sort, limit: 500, now: NOW } as const;
      const page = await reader.listTasks({ ...query, ...(cursor !== undefined && { cursor }) });
      ids.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) return ids;
      cursor = page.nextCursor;
    }
  }

  function expected(name: keyof typeof FIELDS, down: boolean, wanted: TaskRecord[]): string[] {
    const key = FIELDS[name];
    const flip = down ? -1 : 1;
    const sorted = [...wanted].sort((a, b) => {
      const [left, right] = [key(a), key(b)];
      if (left !== right) {
        if (left === null) return 1;
        if (right === null) return -1;
        return left < right ? -flip : flip;
      }
      if (SHARED.has(name) && a.updatedAt !== b.updatedAt)
        return flip * (a.updatedAt - b.updatedAt);
      return flip * (a.rowId - b.rowId);
    });
    return sorted.map(({ id }) => id);
  }

  it.each(Object.keys(FIELDS) as (keyof typeof FIELDS)[])('by %s', async (name) => {
    expect(await pages(`-${name}`, '')).toEqual(expected(name, true, records));
    expect(await pages(name, '')).toEqual(expected(name, false, records));
    const successes = records.filter(
      ({ state, type }) => state === 'success' || type !== 'tasks.t1',
    );
    expect(await pages(`-${name}`, 'state:success OR -name:tasks.t1')).toEqual(
      expected(name, true, successes),
    );
  });
});
