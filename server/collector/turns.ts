// Whose turn it is, where more is due than one round looks at: first those that were told to go first, then those looked at
// longest ago. Without it the same few would be looked at again and again, and what lies behind them never.
import type { LiveTask } from './live-tasks.ts';

export class Turns {
  #lookedAt = new Map<string, number>();

  /** At most `most` of what is due. */
  take(
    due: readonly LiveTask[],
    most: number,
    now: number,
    goesFirst: (id: string) => boolean = () => false,
  ): LiveTask[] {
    const before = this.#lookedAt;
    const turnOf = ({ record: { id } }: LiveTask) => (goesFirst(id) ? -1 : (before.get(id) ?? 0));
    const chosen =
      due.length <= most ? [...due] : [...due].sort((a, b) => turnOf(a) - turnOf(b)).slice(0, most);
    this.#lookedAt = new Map();
    for (const { record } of due) {
      const at = before.get(record.id);
      if (at !== undefined) this.#lookedAt.set(record.id, at);
    }
    for (const { record } of chosen) this.#lookedAt.set(record.id, now);
    return chosen;
  }
}
