import { describe, expect, it } from 'vitest';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';
import { applyReply } from './inspect-sections.ts';
import { WorkerBook } from './worker-book.ts';

const DAY = 86_400_000;
const OPTIONS = { offlineAfterMs: 30_000 };
const plain = (text: string) => text;

describe('what is kept of workers', () => {
  it('WK8 a silent worker is offline since its last word, from which its day counts, and can be forgotten', () => {
    const { fold } = createFold();
    const book = new WorkerBook(fold, OPTIONS);
    fold.event(rawEvent('worker-heartbeat', START, { freq: 2, active: 0, processed: 1 }), START);
    book.tick(START + 1000, false);
    expect(book.known('w1@test')?.offlineSince).toBeNull();
    book.tick(START + DAY, false);
    expect(book.known('w1@test')?.offlineSince).toBe(START);
    book.forget('w1@test');
    expect(book.known('w1@test')).toBeNull();
    expect([...book.entries(START + DAY)]).toEqual([]);
  });

  it('WK9 what saved answers say is known at once after a restart, with its age', () => {
    const before = new WorkerBook(createFold().fold, OPTIONS);
    const entry = before.entry('w1@test', START)!;
    const stats = {
      ...{ pid: 7, total: {}, rusage: {}, clock: '1', uptime: 5, prefetch_count: 8 },
      pool: {
        ...{ implementation: 'celery.concurrency.prefork:TaskPool', 'max-concurrency': 2 },
        ...{ processes: [8, 9, 10], timeouts: [0, 0] },
      },
    };
    applyReply(entry, 'stats', stats, START, plain);
    applyReply(entry, 'conf', { worker_pool_restarts: true }, START, plain);
    const saved = before.row(entry, START);
    expect(saved.detail).toMatchObject({ pool: 'prefork', concurrency: 3 });

    const after = new WorkerBook(createFold().fold, OPTIONS);
    after.restore(JSON.parse(JSON.stringify(saved)) as typeof saved);
    const { detail } = after.row(after.known('w1@test')!, START + 60_000);
    expect(detail).toMatchObject({ pool: 'prefork', concurrency: 3 });
    expect(detail.supports).toEqual(saved.detail.supports);
    expect(detail.supports['pool_restart']).toEqual({ ok: true, reason: null });
    expect(detail.stats.readAt).toBe(START);
  });

  it('the slots of a resized prefork pool are those of its list of processes', () => {
    const book = new WorkerBook(createFold().fold, OPTIONS);
    const entry = book.entry('w1@test', START)!;
    const stats = (processes: number[]) => ({
      ...{ pid: 7, total: {}, rusage: {}, clock: '1' },
      pool: { 'max-concurrency': 2, processes },
    });
    applyReply(entry, 'stats', stats([1, 2]), START, plain);
    expect(book.row(entry, START).detail.concurrency).toBe(2);
    applyReply(entry, 'stats', stats([1, 2, 3, 4]), START + 6000, plain);
    expect(book.row(entry, START + 6000).detail.concurrency).toBe(4);
  });
});
