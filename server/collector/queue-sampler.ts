// Finds the queues, measures them every two seconds, and looks at a bounded slice of what waits in those that changed.
// What could not be read stays null with a reason.
import type { Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import { errorText } from '../core/errors.ts';
import type { QueueRow, QueueSampleRow } from '../store/store.ts';
import type { Fold } from './fold.ts';
import { mergeQueued } from './merge-queued.ts';
import type { Discovery } from './store-facts.ts';
import { QueueBook, sampleOf, type QueueEntry } from './queue-book.ts';
import type { WorkerBook } from './worker-book.ts';

const LIST_EVERY_MS = 10_000;
const PEEK_EVERY_MS = 10_000;
const PEEK_LIMIT = 100;
const MAX_PEEKS_A_ROUND = 20;
/** A queue that nothing names any more is dropped after so long. */
const VANISHED_AFTER_MS = 600_000;

export type SampledQueues = { rows: QueueRow[]; samples: QueueSampleRow[]; gone: string[] };

export class QueueSampler {
  readonly book = new QueueBook();
  readonly #transport: Transport;
  readonly #fold: Fold;
  readonly #workers: WorkerBook;
  readonly #clock: Clock;
  readonly #configured: readonly string[];
  readonly #knowsWorkers: () => boolean;
  #listedAt = 0;
  /** Publications announced per queue when it was last noted for them. */
  readonly #announced = new Map<string, number>();
  /** What the broker said of its list of queues; null until asked. */
  discovery: Discovery | null = null;

  constructor(
    transport: Transport,
    fold: Fold,
    workers: WorkerBook,
    clock: Clock,
    configured: readonly string[],
    knowsWorkers: () => boolean,
  ) {
    this.#transport = transport;
    this.#fold = fold;
    this.#workers = workers;
    this.#clock = clock;
    this.#configured = configured;
    this.#knowsWorkers = knowsWorkers;
  }

  /** From an earlier run, so that queues without messages are remembered for a while. */
  restore(rows: readonly QueueRow[]): void {
    for (const row of rows) {
      for (const source of row.discoveredFrom) this.book.note(row.name, source, row.sampledAt ?? 0);
    }
  }

  async sample(): Promise<SampledQueues> {
    if (this.#transport.status().state !== 'connected') return { rows: [], samples: [], gone: [] };
    const now = this.#clock.now();
    await this.#discover(now);
    const names = [...this.book.entries.keys()];
    const measures = names.length === 0 ? [] : await this.#transport.measureQueues(names);
    const measuredAt = this.#clock.now();
    for (const measure of measures) {
      this.book.measured(measure, this.#fold.sentByQueue.get(measure.name) ?? 0, measuredAt);
    }
    await this.#peekChanged(measuredAt);
    return this.#result(measuredAt);
  }

  async #discover(now: number): Promise<void> {
    for (const name of this.#configured) this.book.note(name, 'config', now);
    for (const [name, count] of this.#fold.sentByQueue) {
      if (this.#announced.get(name) === count) continue;
      this.#announced.set(name, count);
      this.book.note(name, 'event', now);
    }
    for (const entry of this.#workers.entries(now)) {
      if (this.#workers.liveness(entry, now).state === 'offline') continue;
      for (const queue of entry.sections.activeQueues.value ?? []) {
        this.book.note(queue.name, 'worker', now);
      }
    }
    if (now - this.#listedAt < LIST_EVERY_MS) return;
    const listings = await this.#transport.listQueues().catch((error: unknown) => {
      this.discovery = { complete: false, reason: errorText(error) };
      return null;
    });
    // Those that are known are measured all the same.
    if (listings === null) return;
    this.#listedAt = now;
    this.discovery = { complete: listings.complete, reason: listings.reason };
    for (const listing of listings.queues) {
      if (!listing.task && !this.book.entries.has(listing.name)) continue;
      const source = listing.source === 'binding' ? 'binding' : 'broker';
      this.book.note(listing.name, source, now, listing);
    }
  }

  async #peekChanged(now: number): Promise<void> {
    if (!this.#transport.capabilities.peek.ok) return;
    const due: QueueEntry[] = [];
    for (const entry of this.book.entries.values()) {
      const ready = entry.measure?.ready ?? null;
      if (ready === null || ready === 0) {
        entry.oldestAt = null;
        entry.peekedReady = ready;
        continue;
      }
      if (ready !== entry.peekedReady || now - entry.peekedAt >= PEEK_EVERY_MS) due.push(entry);
    }
    due.sort((a, b) => a.peekedAt - b.peekedAt);
    for (const entry of due.slice(0, MAX_PEEKS_A_ROUND)) {
      try {
        await this.#peek(entry);
      } catch {
        // What was measured counts all the same; the next sample begins with the others.
        entry.whole = null;
        return;
      }
    }
  }

  async #peek(entry: QueueEntry): Promise<void> {
    entry.peekedAt = this.#clock.now();
    entry.peekedReady = entry.measure?.ready ?? null;
    const next = await this.#transport.peek(entry.name, { from: 'next', limit: PEEK_LIMIT });
    if (!next.supported) return;
    const now = this.#clock.now();
    const ids = next.messages.map((message) => mergeQueued(this.#fold, message, now));
    const [firstId] = ids;
    entry.whole = wholeOf(ids, next.truncated, now);
    entry.oldestAt = firstId === null || firstId === undefined ? null : this.#sentAt(firstId);
    if (!next.truncated) return;
    const newest = await this.#transport.peek(entry.name, { from: 'newest', limit: PEEK_LIMIT });
    for (const message of newest.messages) mergeQueued(this.#fold, message, this.#clock.now());
  }

  /** Messages carry no time: their age is known from the announcement, or since they were first seen here. */
  #sentAt(id: string): number | null {
    const record = this.#fold.tasks.find(id)?.record;
    return record === undefined ? null : (record.sentAt ?? record.firstSeenAt);
  }

  #result(now: number): SampledQueues {
    const consumers = this.#consumersByQueue(now);
    const rows: QueueRow[] = [];
    const gone: string[] = [];
    for (const entry of this.book.entries.values()) {
      if (now - entry.lastSeenAt > VANISHED_AFTER_MS) {
        gone.push(entry.name);
        continue;
      }
      const names = consumers.byQueue.get(entry.name) ?? [];
      const row = this.book.row(entry, names, now);
      if (row.consumers === null && consumers.complete) row.consumers = names.length;
      rows.push(row);
    }
    for (const name of gone) this.book.entries.delete(name);
    return { rows, samples: rows.map((row) => sampleOf(row, now)), gone };
  }

  /** Complete: every worker that is there said which queues it consumes. */
  #consumersByQueue(now: number): { byQueue: Map<string, string[]>; complete: boolean } {
    const byQueue = new Map<string, string[]>();
    let complete = this.#knowsWorkers();
    for (const entry of this.#workers.entries(now)) {
      if (this.#workers.liveness(entry, now).state === 'offline') continue;
      const queues = entry.sections.activeQueues.value;
      if (queues === null) complete = false;
      for (const { name } of queues ?? []) {
        const names = byQueue.get(name);
        if (names === undefined) byQueue.set(name, [entry.facts.hostname]);
        else names.push(entry.facts.hostname);
      }
    }
    return { byQueue, complete };
  }
}

/** Null when messages were left unread, or one of them does not say which task it is for. */
function wholeOf(ids: readonly (string | null)[], truncated: boolean, at: number) {
  if (truncated || ids.includes(null)) return null;
  return { at, ids: new Set(ids.filter((id) => id !== null)) };
}
