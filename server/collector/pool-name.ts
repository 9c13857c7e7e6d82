// The pool's short name from a stats reply. Workers before 5.3 do not name it; their keys give it away.
import type { WorkerStats } from '../celery/control.ts';

/** `celery.concurrency.prefork:TaskPool` → prefork; before 5.3 what the keys give away. */
export function poolName(stats: WorkerStats | null): string | null {
  if (stats === null) return null;
  const { implementation, threadCount, processes } = stats.pool;
  if (implementation !== null) {
    const name =
      /(?:celery\.concurrency|umbel\.pool)\.(\w+)/.exec(implementation)?.[1] ?? implementation;
    return name === 'thread' ? 'threads' : name.slice(0, 64);
  }
  if (threadCount !== null) return 'threads';
  if (processes?.length === 1 && processes[0] === stats.pid) return 'solo';
  return processes === null ? null : 'prefork';
}

/** Umbel's own worker: its pool threads can be stopped one by one, which Python's cannot. */
export function isUmbelPool(stats: WorkerStats | null): boolean {
  return stats?.pool.implementation?.startsWith('umbel.pool.') ?? false;
}
