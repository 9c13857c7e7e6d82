// Once a second: who is there, who sends events, and whose events did not all arrive. What was missed becomes gaps.
import type { Gaps } from './gaps.ts';
import { LostCounts, type LostEvents } from './lost-counts.ts';
import type { WorkerBook } from './worker-book.ts';

export class WorkerWatch {
  readonly #book: WorkerBook;
  readonly #gaps: Gaps;
  readonly #counts = new LostCounts();
  #breaks = 0;

  constructor(book: WorkerBook, gaps: Gaps) {
    this.#book = book;
    this.#gaps = gaps;
  }

  /** How many events were found missing. */
  tick(now: number): number {
    const wentSilent = this.#book.tick(now, this.#gaps.isOpen());
    this.#gaps.silent(wentSilent, now);
    const losses: LostEvents[] = [];
    const isBroken = this.#gaps.isOpen() || this.#gaps.breakCount !== this.#breaks;
    this.#breaks = this.#gaps.breakCount;
    for (const entry of this.#book.entries(now)) {
      if (isBroken || entry.eventsEnabled !== true) this.#counts.interrupt(entry.facts);
      else {
        const loss = this.#counts.check(entry.facts);
        if (loss !== null) losses.push(loss);
      }
    }
    this.#gaps.dropped(losses);
    return losses.reduce((sum, loss) => sum + loss.count, 0);
  }

  forget(hostname: string): void {
    this.#counts.forget(hostname);
  }
}
