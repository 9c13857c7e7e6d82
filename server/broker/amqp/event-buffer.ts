// Events between the broker and their reader: what came is taken off the connection at once, so that the broker does not
// let it expire, and handed over in small portions. Bounded by count and by bytes; what does not fit is counted and
// reported as a gap. Keeps the order.
import type { EventPayload, EventSink } from '../transport.ts';

export type EventBufferLimits = { maxCount: number; maxBytes: number };

export const EVENT_BUFFER_LIMITS: EventBufferLimits = {
  maxCount: 500_000,
  maxBytes: 160 * 1024 * 1024,
};

const PORTION_MS = 10;
const ROOM = 0.75;
/** What one waiting event costs beside its body. */
const OVERHEAD_BYTES = 400;

type Overrun = { startedAt: number; lostCount: number };

export class EventBuffer {
  readonly #sink: EventSink;
  readonly #limits: EventBufferLimits;
  #waiting: EventPayload[] = [];
  #next = 0;
  #bytes = 0;
  #overrun: Overrun | null = null;
  #scheduled: NodeJS.Immediate | null = null;
  #isClosed = false;

  constructor(sink: EventSink, limits: EventBufferLimits = EVENT_BUFFER_LIMITS) {
    this.#sink = sink;
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(payload: EventPayload): void {
    if (this.#isClosed) return;
    const size = sizeOf(payload);
    if (!this.#hasRoom(size)) {
      this.#overrun ??= { startedAt: Date.now(), lostCount: 0 };
      this.#overrun.lostCount += 1;
      return;
    }
    this.#waiting.push(payload);
    this.#bytes += size;
    this.#scheduled ??= setImmediate(() => this.#handOver());
  }

  close(): void {
    this.#isClosed = true;
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    this.#waiting = [];
    this.#next = 0;
    this.#bytes = 0;
  }

  /** While events are being dropped, some room has to come back first. */
  #hasRoom(size: number): boolean {
    const share = this.#overrun === null ? 1 : ROOM;
    const count = this.#waiting.length - this.#next;
    if (count + 1 > this.#limits.maxCount * share) return false;
    return this.#bytes + size <= this.#limits.maxBytes * share;
  }

  #handOver(): void {
    this.#scheduled = null;
    const until = performance.now() + PORTION_MS;
    while (this.#next < this.#waiting.length) {
      const payload = this.#waiting[this.#next];
      this.#next += 1;
      if (payload === undefined) continue;
      this.#bytes -= sizeOf(payload);
      this.#sink.onEvents(payload);
      if (this.#isClosed) return;
      if (performance.now() >= until) break;
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else if (this.#next > 1000 && this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    if (this.#overrun !== null && this.#hasRoom(0)) this.#reportOverrun(this.#overrun);
    if (this.#waiting.length > 0) this.#scheduled ??= setImmediate(() => this.#handOver());
  }

  #reportOverrun({ startedAt, lostCount }: Overrun): void {
    this.#overrun = null;
    const detail = `${lostCount} event messages came faster than they could be read, and were dropped`;
    const endedAt = Date.now();
    this.#sink.onGap({ cause: 'buffer-overrun', startedAt, endedAt, detail, lostCount });
  }
}

function sizeOf({ body }: EventPayload): number {
  return body.length + OVERHEAD_BYTES;
}
