// The stretches in which nobody watched or something was lost, as rows of the store. An open gap is written when it
// begins and again, with the same start, when it ends.
import type { ConnectionStatus, Gap, GapCause } from '../../lib/contract/index.ts';
import type { EventGap } from '../broker/transport.ts';
import type { WentSilent } from './events-switch.ts';
import type { LostEvents } from './lost-counts.ts';

/** Shorter stops are not worth a mark. */
const MIN_STOP_MS = 2000;
/** Two connections notice one loss at slightly different times. */
const JOIN_MS = 2000;
/** A subscription that was cut off is mostly back before anybody could read so; then its own account tells. */
const LOST_SHOWN_MS = 2000;
const MAX_NAMES = 5;

export class Gaps {
  #pending: Gap[] = [];
  #open: Gap | null = null;
  /** The open one is of the subscription alone: the connection stands. */
  #isSubscriptions = false;
  /** The last one that the connection closed: the subscription reports the same stretch a little later. */
  #closed: Gap | null = null;
  /** The last break that ended: what workers counted meanwhile is noted there. */
  #lastBreak: Gap | null = null;
  #unstored: Gap | null = null;
  /** After a start, since when nobody watched; null once events arrive. */
  #unwatchedSince: number | null = null;
  /** Breaks in the observation since the start, so that others can tell whether there was one meanwhile. */
  breakCount = 0;
  /** Those of earlier runs included. */
  readonly counts: Record<GapCause, number> = {
    stopped: 0,
    disconnected: 0,
    dropped: 0,
    'worker-silent': 0,
    'buffer-overrun': 0,
  };

  restoreCounts(known: unknown): void {
    if (typeof known !== 'object' || known === null) return;
    for (const cause of Object.keys(this.counts) as GapCause[]) {
      const count = (known as Record<string, unknown>)[cause];
      if (typeof count === 'number') this.counts[cause] = count;
    }
  }

  /**
   * After a start: nobody watched since the last observation, and nobody does until events arrive. What the last run left open
   * (it ended while the broker was away) goes on as what it was.
   */
  stopped(lastObservedAt: unknown, leftOpen: readonly Gap[], now: number): void {
    const [first, ...others] = leftOpen;
    for (const gap of others) this.#pending.push({ ...gap, endedAt: now });
    if (first !== undefined) {
      this.#unwatchedSince = first.startedAt;
      this.#open = first;
      return;
    }
    if (typeof lastObservedAt !== 'number') return;
    this.#unwatchedSince = lastObservedAt;
    if (now - lastObservedAt < MIN_STOP_MS) return;
    this.#open = stopGap(lastObservedAt, null);
    this.#add(this.#open);
  }

  /** Events arrive, for the first time since the start. */
  began(now: number): void {
    const since = this.#unwatchedSince;
    this.#unwatchedSince = null;
    if (since === null) return;
    if (this.#open?.cause === 'stopped') {
      this.#pending.push({ ...this.#open, endedAt: now });
      this.#open = null;
    } else if (this.#open !== null) this.#close(now);
    else if (now - since >= MIN_STOP_MS) this.#add(stopGap(since, now));
  }

  #close(now: number): void {
    this.#isSubscriptions = false;
    if (this.#open === null) return;
    this.#closed = { ...this.#open, endedAt: now };
    this.#lastBreak = this.#closed;
    this.#pending.push(this.#closed);
    this.#open = null;
  }

  /** From the transport, at the end of the stretch. */
  ended(gap: EventGap): void {
    const { startedAt, endedAt, cause, detail, lostCount } = gap;
    const mayBeSame = cause === 'disconnected' || this.#isSubscriptions;
    const same = mayBeSame ? this.#sameStretch(gap) : null;
    this.breakCount += 1;
    if (same !== null && same === this.#open) this.#open = null;
    if (same !== null) this.#closed = { ...same, endedAt };
    this.#isSubscriptions &&= this.#open !== null;
    const ended = {
      startedAt: same?.startedAt ?? startedAt,
      cause: same?.cause ?? cause,
      ...{ endedAt, detail, lostCount },
    };
    this.#lastBreak = ended;
    if (same === null) this.#add(ended);
    else {
      this.#pending.push(ended);
      // The last sign of life was earlier than the loss was noticed: what came between is missing too.
      if (startedAt + JOIN_MS < same.startedAt) {
        this.#pending.push({ ...ended, startedAt, endedAt: same.startedAt });
      }
    }
  }

  #add(gap: Gap): void {
    this.counts[gap.cause] += 1;
    this.#pending.push(gap);
  }

  #sameStretch(gap: EventGap): Gap | null {
    if (this.#open !== null) return this.#open;
    const closed = this.#closed;
    if (closed === null || closed.endedAt === null) return null;
    const apart = gap.startedAt > closed.endedAt + JOIN_MS || gap.endedAt < closed.startedAt;
    return apart ? null : closed;
  }

  /** Of the connection: a loss opens a gap at once, so that pages show it while it lasts. */
  connection(status: ConnectionStatus, now: number): void {
    if (status.state === 'connected') {
      if (this.#unwatchedSince === null) this.#close(now);
      return;
    }
    if (status.state === 'reconnecting') this.#isSubscriptions = false;
    if (status.state !== 'reconnecting' || this.#open !== null) return;
    this.breakCount += 1;
    this.#open = {
      startedAt: now,
      endedAt: null,
      cause: 'disconnected',
      detail: status.reason ?? 'The connection to the broker was lost',
      lostCount: null,
    };
    this.#add(this.#open);
  }

  /** Of the subscription alone, told about once a second: since when no event can arrive, null while they do. */
  subscription(lost: { at: number; reason: string } | null, now: number): void {
    if (lost === null) {
      if (this.#isSubscriptions) this.#close(now);
      return;
    }
    if (this.#open !== null || now - lost.at < LOST_SHOWN_MS) return;
    this.breakCount += 1;
    this.#isSubscriptions = true;
    const detail = `No events arrive: ${lost.reason}`;
    const began = { startedAt: lost.at, cause: 'disconnected', detail, lostCount: null } as const;
    const same = this.#sameStretch({ ...began, endedAt: now });
    // The connection is back, and the subscription with it not yet: it is the same gap.
    this.#open = { ...(same ?? began), endedAt: null };
    if (same === null) this.#add(this.#open);
    else this.#pending.push(this.#open);
  }

  /** What workers counted during the last break, and no event told of. */
  missed(losses: readonly LostEvents[]): void {
    const gap = this.#lastBreak;
    if (gap === null || losses.length === 0) return;
    const count = losses.reduce((sum, loss) => sum + loss.count, 0);
    this.#lastBreak = { ...gap, lostCount: (gap.lostCount ?? 0) + count };
    this.#pending.push(this.#lastBreak);
  }

  /** Workers counted more tasks than their events told of: one mark for all that was noticed together. */
  dropped(losses: readonly LostEvents[]): void {
    const [first] = losses;
    if (first === undefined) return;
    const names = losses.slice(0, MAX_NAMES).map((loss) => loss.hostname);
    const more = losses.length > names.length ? ` and ${losses.length - names.length} more` : '';
    this.#add({
      startedAt: Math.min(...losses.map((loss) => loss.startedAt)),
      endedAt: Math.max(...losses.map((loss) => loss.endedAt)),
      cause: 'dropped',
      detail: `Events did not arrive of tasks that started on ${names.join(', ')}${more}`,
      lostCount: losses.reduce((sum, loss) => sum + loss.count, 0),
    });
  }

  /** What arrived could not be written, and was more than is kept: one mark for all that was given up since `since`. */
  unstored(count: number, since: number, now: number): void {
    const known = this.#unstored?.startedAt === since ? this.#unstored : null;
    const gap: Gap = {
      startedAt: since,
      endedAt: now,
      cause: 'dropped',
      detail: 'They could not be written to the store, and more waited than is kept in memory',
      lostCount: (known?.lostCount ?? 0) + count,
    };
    if (known === null) this.#add(gap);
    else this.#pending.push(gap);
    this.#unstored = gap;
  }

  /** Workers that sent events go on without. */
  silent(workers: readonly WentSilent[], now: number): void {
    const told = workers.filter((worker) => (worker.missed ?? 0) > 0);
    if (told.length === 0) return;
    const names = told.slice(0, MAX_NAMES).map((worker) => worker.hostname);
    const more = told.length > names.length ? ` and ${told.length - names.length} more` : '';
    this.#add({
      startedAt: Math.min(...told.map((worker) => worker.since)),
      endedAt: now,
      cause: 'worker-silent',
      detail: `${names.join(', ')}${more} started tasks without sending events`,
      lostCount: told.reduce((sum, worker) => sum + (worker.missed ?? 0), 0),
    });
  }

  isOpen(): boolean {
    return this.#open !== null || this.#unwatchedSince !== null;
  }

  take(): Gap[] {
    const pending = this.#pending;
    this.#pending = [];
    return pending;
  }
}

function stopGap(startedAt: number, endedAt: number | null): Gap {
  const detail = 'Umbel was not running, or had no connection yet';
  return { startedAt, endedAt, cause: 'stopped', detail, lostCount: null };
}
