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
    const isBroken = this.#gaps.isOpen() || this.#gaps.breakCount !== this.#breaks;
    this.#breaks = this.#gaps.breakCount;
    this.#gaps.silent(this.#book.tick(now, isBroken), now);
    const losses: LostEvents[] = [];
    for (const entry of this.#book.entries(now)) {
      if (entry.eventsEnabled !== true) this.#counts.interrupt(entry.facts);
      else if (isBroken) this.#counts.bridge(entry.facts);
      else {
        const loss = this.#counts.check(entry.facts);
        if (loss !== null) losses.push(loss);
      }
    }
    this.#gaps.missed(losses.filter((loss) => loss.inBreak));
    this.#gaps.dropped(losses.filter((loss) => !loss.inBreak));
    return losses.reduce((sum, loss) => sum + loss.count, 0);
  }

  forget(hostname: string): void {
    this.#counts.forget(hostname);
  }
}
