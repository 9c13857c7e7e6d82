// Which workers are worth writing again. News about a worker (its state, its answers, whether it sends events) are written at
// once; what every heartbeat changes is written in turns where workers are many, so that thousands of them cost no more than
// hundreds. Liveness is judged in memory, so that nobody is called late for waiting for its turn.
import type { WorkerState } from '../../lib/contract/index.ts';
import type { WorkerRow } from '../store/store.ts';
import type { WorkerBook, WorkerEntry, WorkerSections } from './worker-book.ts';

const ROWS_A_TURN = 400;

type Written = {
  print: string;
  sections: WorkerSections;
  eventsEnabled: boolean | null;
  state: WorkerState;
  hasRate: boolean;
};

export class WorkerRows {
  readonly #book: WorkerBook;
  readonly #written = new Map<string, Written>();
  #taken: [string, Written][] = [];
  #turn = 0;

  constructor(book: WorkerBook) {
    this.#book = book;
  }

  /** Call about once a second, and `written` when the rows are. */
  take(now: number): WorkerRow[] {
    const entries = [...this.#book.entries(now)];
    const turns = Math.max(1, Math.ceil(entries.length / ROWS_A_TURN));
    this.#turn = (this.#turn + 1) % turns;
    const rows: WorkerRow[] = [];
    this.#taken = [];
    for (const [index, entry] of entries.entries()) {
      const last = this.#written.get(entry.facts.hostname);
      const hasTurn = index % turns === this.#turn;
      if (last !== undefined && !hasTurn && !this.#hasNews(entry, last, now)) continue;
      const row = this.#book.row(entry, now);
      const { sections, eventsEnabled } = entry;
      const print = fingerprint(row);
      const isSummary = last?.sections === sections;
      if (isSummary && last.print === print) continue;
      rows.push(isSummary ? { ...row, isSummary } : row);
      const { state, executedPerSecond } = row.detail;
      const hasRate = executedPerSecond !== null;
      this.#taken.push([row.hostname, { print, sections, eventsEnabled, state, hasRate }]);
    }
    return rows;
  }

  written(): void {
    for (const [hostname, written] of this.#taken) this.#written.set(hostname, written);
    this.#taken = [];
  }

  forget(hostname: string): void {
    this.#written.delete(hostname);
  }

  #hasNews(entry: WorkerEntry, last: Written, now: number): boolean {
    return (
      last.sections !== entry.sections ||
      last.eventsEnabled !== entry.eventsEnabled ||
      last.hasRate !== (entry.endedPerSecond !== null) ||
      last.state !== this.#book.liveness(entry, now).state
    );
  }
}

/** What makes a row worth writing again: everything that lists show but ages. */
function fingerprint({ detail }: WorkerRow): string {
  return JSON.stringify([
    detail.state,
    detail.stateReason,
    detail.lastSeenAt === null ? 0 : Math.floor(detail.lastSeenAt / 1000),
    detail.active,
    detail.processed,
    detail.executedPerSecond,
    detail.failedPerSecond,
    detail.duplicateHostname,
    detail.eventsEnabled,
    detail.loadAverage,
  ]);
}
