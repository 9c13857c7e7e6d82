import type { TimelineEntry } from '@/lib/contract/task.ts';
import { isOwnEvent } from './attempts.ts';

/** A fact of the story, or how many of the same kind between its neighbours are folded away. */
type EventRow =
  | { type: 'fact'; entry: TimelineEntry; afterMs: number | null }
  | { type: 'folded'; key: string; count: number; of: string };

const FOLD_FROM = 4;

const isSame = (a: TimelineEntry, b: TimelineEntry) =>
  isOwnEvent(a) && a.type === b.type && a.hostname === b.hostname;

/** Oldest first. Of a task that keeps saying the same (its progress, say) the first and the last are shown. */
export function toEventRows(entries: readonly TimelineEntry[], isOpen: boolean): EventRow[] {
  const sorted = [...entries].sort((a, b) => a.at - b.at);
  const rows: EventRow[] = [];
  const push = (index: number) => {
    const entry = sorted[index];
    if (entry === undefined) return;
    const before = sorted[index - 1];
    rows.push({ type: 'fact', entry, afterMs: before === undefined ? null : entry.at - before.at });
  };
  for (let from = 0; from < sorted.length;) {
    const first = sorted[from];
    let to = from + 1;
    for (let next = sorted[to]; first !== undefined && next !== undefined; next = sorted[to]) {
      if (!isSame(first, next)) break;
      to += 1;
    }
    const folds = !isOpen && to - from >= FOLD_FROM;
    for (let index = from; index < to; index += 1) {
      if (!folds || index === from || index === to - 1) push(index);
      else if (index === from + 1) {
        const of = first?.type ?? '';
        rows.push({ type: 'folded', key: `${of} ${from}`, count: to - from - 2, of });
      }
    }
    from = to;
  }
  return rows;
}

/** What an event of the task's own carries, in one line: `done=3 total=10`. */
export function ownFields(entry: TimelineEntry): string | null {
  if (!isOwnEvent(entry)) return null;
  const parts = Object.entries(entry.fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return parts.length === 0 ? null : parts.join(' ');
}
