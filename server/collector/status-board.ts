// The cluster's status as pages and metrics show it: connections, ingestion, sizes.
import type { ClusterStatus } from '../../lib/contract/index.ts';
import type { EventSubscription } from '../broker/transport.ts';
import { redactUrl } from '../core/redact.ts';
import type { CollectorParts } from './collector.ts';
import type { CollectorConfig } from './config.ts';
import type { Fold } from './fold.ts';
import type { Gaps } from './gaps.ts';
import type { Ingest } from './ingest.ts';
import { Rate } from './rate.ts';
import type { WorkerBook } from './worker-book.ts';

const MAX_VERSIONS = 10;
/** A subscription that was cut off is mostly back before anybody could read so. */
const LOST_SHOWN_MS = 2000;
/** The age of an event says something of the present for so long. */
const LAG_KEPT_MS = 10_000;

export class StatusBoard {
  subscription: EventSubscription | null = null;
  storeProblem: ClusterStatus['storeProblem'] = null;
  /** What of the broker is not read, and what to do about it. */
  brokerNotice: string | null = null;
  readonly #config: CollectorConfig;
  readonly #parts: CollectorParts;
  readonly #fold: Fold;
  readonly #ingest: Ingest;
  readonly #book: WorkerBook;
  readonly #gaps: Gaps;
  readonly #rate = new Rate(5000);
  #lagMs: number | null = null;
  #lagAt = 0;

  constructor(
    config: CollectorConfig,
    parts: CollectorParts,
    fold: Fold,
    ingest: Ingest,
    book: WorkerBook,
    gaps: Gaps,
  ) {
    this.#config = config;
    this.#parts = parts;
    this.#fold = fold;
    this.#ingest = ingest;
    this.#book = book;
    this.#gaps = gaps;
  }

  read(version: number, now: number): ClusterStatus {
    const { transport, backend, writer } = this.#parts;
    const { tasksStored, storeBytes } = writer.stats();
    const backendUrl = this.#config.backend.url;
    return {
      name: this.#config.cluster,
      brokerKind: transport.kind,
      brokerUrl: transport.displayUrl,
      backendUrl: backend?.displayUrl ?? (backendUrl === null ? null : redactUrl(backendUrl)),
      demo: this.#config.demo,
      broker: this.#broker(now),
      backend: backend?.status() ?? null,
      ingest: {
        eventsPerSecond: this.#rate.observe(this.#ingest.eventsTotal, now) ?? 0,
        eventsTotal: this.#ingest.eventsTotal,
        lagMs: this.#lag(now),
        bufferedBytes: this.subscription?.bufferedBytes() ?? 0,
        droppedCount: this.#ingest.droppedCount,
        gapCounts: { ...this.#gaps.counts },
        malformedCount: this.#ingest.malformedCount,
        lastMalformed: this.#ingest.lastMalformed,
        lastMalformedAt: this.#ingest.lastMalformedAt,
      },
      tasksStored,
      storeBytes,
      storeProblem: this.storeProblem,
      brokerNotice: this.brokerNotice,
      celeryVersions: this.#versions(now),
      firstEventAt: this.#ingest.firstEventAt,
      version,
      at: now,
    };
  }

  /** Connected means that events arrive: a connection that is not subscribed yet would miss them. */
  #broker(now: number): ClusterStatus['broker'] {
    const status = this.#parts.transport.status();
    if (status.state !== 'connected') return status;
    if (this.subscription === null) {
      return { ...status, state: 'connecting', reason: 'Subscribing to events.' };
    }
    const lost = this.subscription.lost();
    if (lost === null || now - lost.at < LOST_SHOWN_MS) return status;
    const reason = `No events arrive: ${lost.reason}`;
    return { ...status, state: 'connecting', since: lost.at, reason };
  }

  /** Of the newest event since the last look; null when there was none lately. Its sender's clock is corrected where its skew is known. */
  #lag(now: number): number | null {
    const { newestEventAt, newestEventHost } = this.#fold;
    if (newestEventAt !== null) {
      // A clock that runs ahead must not hide what other senders say later.
      this.#fold.newestEventAt = null;
      this.#lagAt = now;
      this.#lagMs = Math.max(
        0,
        Math.round(now - newestEventAt + (newestEventHost?.clockSkewMs ?? 0)),
      );
    }
    if (now - this.#lagAt > LAG_KEPT_MS) this.#lagMs = null;
    return this.#lagMs;
  }

  #versions(now: number): string[] {
    const versions = new Set<string>();
    for (const { facts } of this.#book.entries(now)) {
      if (facts.software !== null) versions.add(facts.software);
      if (versions.size >= MAX_VERSIONS) break;
    }
    return [...versions].sort();
  }
}
