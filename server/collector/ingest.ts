// The sink of the event stream: decodes payloads, hands events to the fold, counts what could not be used. Nothing that
// arrives stops the stream.
import type { EventGap, EventPayload, EventSink } from '../broker/transport.ts';
import { decodeEvents, type RawEvent } from '../celery/event.ts';
import { decompress } from '../celery/codec/compressor.ts';
import type { Clock } from '../core/clock.ts';
import { MAX_SAMPLE_CHARS, cutText } from './bounds.ts';
import type { Fold } from './fold.ts';

/** Larger payloads are refused unread: a worker's largest batch is far below. */
const MAX_PAYLOAD_BYTES = 128 * 1024 * 1024;
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

export class Ingest implements EventSink {
  droppedCount = 0;
  malformedCount = 0;
  lastMalformed: string | null = null;
  lastMalformedAt: number | null = null;
  firstEventAt: number | null = null;
  /** Of earlier runs. */
  eventsBefore = 0;
  readonly #fold: Fold;
  readonly #clock: Clock;
  readonly #onGap: (gap: EventGap) => void;

  constructor(fold: Fold, clock: Clock, onGap: (gap: EventGap) => void) {
    this.#fold = fold;
    this.#clock = clock;
    this.#onGap = onGap;
  }

  get eventsTotal(): number {
    return this.eventsBefore + this.#fold.counts.events;
  }

  onEvents(payload: EventPayload): void {
    const now = this.#clock.now();
    const body = readable(payload);
    if (typeof body === 'string') return this.onMalformed(body, sampleOf(payload.body));
    const result = decodeEvents(body, payload.contentType);
    if (!result.ok) return this.onMalformed(result.message, sampleOf(body));
    const { events, rejected } = result.value;
    if (rejected > 0) this.#count(rejected, 'not an event', sampleOf(body));
    for (const event of events) this.#take(event, now);
    if (events.length > 0) this.firstEventAt ??= now;
  }

  #take(event: RawEvent, now: number): void {
    try {
      if (this.#fold.event(event, now)) return;
      this.#count(1, this.#fold.lastRejected ?? 'unusable event', '');
    } catch (error) {
      this.#count(1, `failed on an event: ${String(error)}`, '');
    }
  }

  onMalformed(reason: string, sample: string): void {
    this.#count(1, reason, sample);
  }

  #count(added: number, reason: string, sample: string): void {
    this.malformedCount += added;
    this.lastMalformedAt = this.#clock.now();
    const text = sample === '' ? reason : `${reason}: ${sample}`;
    this.lastMalformed = cutText(this.#fold.redact(text), MAX_SAMPLE_CHARS);
  }

  onGap(gap: EventGap): void {
    if (gap.lostCount !== null) this.droppedCount += gap.lostCount;
    this.#onGap(gap);
  }
}

/** The inflated body, or why there is none. */
function readable(payload: EventPayload): Buffer | string {
  if (payload.body.byteLength > MAX_PAYLOAD_BYTES) {
    return `an event message of ${payload.body.byteLength} bytes`;
  }
  if (payload.compression === null || payload.compression === '') return payload.body;
  const inflated = decompress(payload.body, payload.compression, MAX_INFLATED_BYTES);
  return inflated.ok ? inflated.value : inflated.message;
}

function sampleOf(body: Buffer): string {
  return body.subarray(0, MAX_SAMPLE_CHARS).toString('utf8').replaceAll('\ufffd', '?');
}
