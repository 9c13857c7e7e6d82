/** How far a task says it is. `total` null: it told a share only. */
type Progress = { done: number | null; total: number | null; share: number };

const DONE = ['current', 'done', 'completed', 'processed', 'step'] as const;
const TOTAL = ['total', 'steps'] as const;
const PERCENT = ['percent', 'percentage'] as const;

/** Reads what applications put into the meta of a custom state: `{current, total}`, as Celery's guide does, or a percentage. */
export function toProgress(meta: unknown): Progress | null {
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) return null;
  const find = (names: readonly string[]): number | null => {
    for (const name of names) {
      const value: unknown = Object.hasOwn(meta, name) ? Reflect.get(meta, name) : undefined;
      if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    }
    return null;
  };
  const done = find(DONE);
  const total = find(TOTAL);
  if (done !== null && total !== null && total > 0) {
    return { done, total, share: Math.min(1, done / total) };
  }
  const percent = find(PERCENT);
  return percent === null ? null : { done: null, total: null, share: Math.min(1, percent / 100) };
}
