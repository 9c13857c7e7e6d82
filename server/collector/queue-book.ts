// Everything known about each queue: where it was found, what was measured, how fast it moves. Its rows are what pages show.
import type { QueueListing, QueueMeasure } from '../broker/transport.ts';
import type { QueueRow, QueueSampleRow } from '../store/store.ts';
import { Rate } from './rate.ts';

type Source = QueueRow['discoveredFrom'][number];

export type QueueEntry = {
  name: string;
  sources: Set<Source>;
  listing: QueueListing | null;
  measure: QueueMeasure | null;
  measuredAt: number | null;
  /** When a source last named it, or it had messages. */
  lastSeenAt: number;
  sent: Rate;
  grown: Rate;
  inPerSecond: number | null;
  outPerSecond: number | null;
  oldestAt: number | null;
  /** What the last peek was made for. */
  peekedReady: number | null;
  peekedAt: number;
  /** The ids of all waiting messages, when the last look read them all. */
  whole: { at: number; ids: Set<string> } | null;
};

const RATE_WINDOW_MS = 30_000;
const MAX_QUEUES = 5000;

export class QueueBook {
  readonly entries = new Map<string, QueueEntry>();

  note(said: string, source: Source, now: number, listing: QueueListing | null = null): void {
    if (said === '' || said.length > 512) return;
    const name = said.toWellFormed();
    let entry = this.entries.get(name);
    if (entry === undefined) {
      if (this.entries.size >= MAX_QUEUES) return;
      entry = createQueueEntry(name, now);
      this.entries.set(name, entry);
    }
    entry.sources.add(source);
    entry.lastSeenAt = now;
    if (listing !== null) entry.listing = listing;
  }

  /** `sentTotal` publications were announced since the start; 0 when nobody announces. */
  measured(measure: QueueMeasure, sentTotal: number, now: number): void {
    const entry = this.entries.get(measure.name);
    if (entry === undefined) return;
    entry.measure = measure;
    entry.measuredAt = now;
    if ((measure.ready ?? 0) > 0 || (measure.inFlight ?? 0) > 0) entry.lastSeenAt = now;
    const sent = entry.sent.observe(sentTotal, now);
    if (measure.ready === null) {
      entry.inPerSecond = null;
      entry.outPerSecond = null;
      return;
    }
    const published = sentTotal > 0 ? sent : null;
    const growth = entry.grown.observe(measure.ready, now);
    entry.inPerSecond = published ?? (growth !== null && growth > 0 ? growth : null);
    entry.outPerSecond = outOf(published, growth);
  }

  row(entry: QueueEntry, consumerNames: string[], now: number): QueueRow {
    const { measure, listing } = entry;
    return {
      name: entry.name,
      ready: measure?.ready ?? null,
      readyByPriority: measure?.readyByPriority ?? null,
      inFlight: measure?.inFlight ?? null,
      consumers: measure?.consumers ?? null,
      consumerNames,
      oldestAgeMs: entry.oldestAt === null ? null : Math.max(0, now - entry.oldestAt),
      inPerSecond: entry.inPerSecond,
      outPerSecond: entry.outPerSecond,
      emptyInMs: emptyIn(measure?.ready ?? null, entry.inPerSecond, entry.outPerSecond),
      sampledAt: entry.measuredAt,
      reason: measure === null ? 'Not measured yet' : measure.reason,
      kind:
        listing?.task === true || entry.sources.has('worker') || entry.sources.has('event')
          ? 'task'
          : 'unknown',
      durable: listing?.durable ?? null,
      queueType: listing?.queueType ?? null,
      discoveredFrom: [...entry.sources],
      bindings: listing?.bindings ?? [],
      arguments: listing?.arguments ?? {},
    };
  }
}

export function sampleOf(row: QueueRow, now: number): QueueSampleRow {
  const { name: queue, ready, inFlight, consumers } = row;
  return { queue, at: now, ready, inFlight, consumers };
}

function createQueueEntry(name: string, now: number): QueueEntry {
  return {
    name,
    sources: new Set(),
    listing: null,
    measure: null,
    measuredAt: null,
    lastSeenAt: now,
    sent: new Rate(RATE_WINDOW_MS),
    grown: new Rate(RATE_WINDOW_MS, true),
    inPerSecond: null,
    outPerSecond: null,
    oldestAt: null,
    peekedReady: null,
    peekedAt: 0,
    whole: null,
  };
}

function outOf(published: number | null, growth: number | null): number | null {
  if (growth === null) return null;
  if (published !== null) return Math.max(0, published - growth);
  return growth < 0 ? -growth : null;
}

function emptyIn(
  ready: number | null,
  inPerSecond: number | null,
  outPerSecond: number | null,
): number | null {
  if (ready === null || outPerSecond === null) return null;
  if (ready === 0) return 0;
  const net = outPerSecond - (inPerSecond ?? 0);
  return net > 0 ? Math.round((ready * 1000) / net) : null;
}
