// Asks the workers what they hold and how they are set up: each command is broadcast once for all workers, rounds never
// overlap, and a round ends when all that are expected have answered. Silence is a reason in a section, never an error.
import { isPyDict } from '../../lib/python/values.ts';
import type { Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import { errorText } from '../core/errors.ts';
import type { InspectMethod } from '../store/collecting.ts';
import type { Fold } from './fold.ts';
import type { HeldIn } from './held-book.ts';
import { HeldRound } from './held-round.ts';
import {
  applyReply,
  readAtOf,
  sectionReason,
  wasRead,
  type NamedTasks,
} from './inspect-sections.ts';
import { mergeInspect } from './merge-inspect.ts';
import { Rereads } from './rereads.ts';
import { SILENT } from './supports.ts';
import type { WorkerBook, WorkerEntry } from './worker-book.ts';

const FAST: readonly InspectMethod[] = ['active', 'reserved', 'scheduled'];
const SLOW: readonly InspectMethod[] = ['stats', 'active_queues', 'registered', 'conf', 'revoked'];
const ALL: readonly InspectMethod[] = [...FAST, ...SLOW];
const SLOW_EVERY_MS = 45_000;
/** A full wait now and then finds workers that nothing else announces, and second answers under one name. */
const DISCOVERY_EVERY_MS = 60_000;
/** Who is asked in vain so often in a row is not waited for any more: remote control may be off. */
const MAX_SILENT_ROUNDS = 3;
/** Who has never answered: after 0, 1, 3, 7 and 15 seconds. */
const MAX_GREETINGS = 5;
/** What a worker never tells is not asked for in every round. */
const MAX_ASKED_UNREAD = 3;
/** Two who ask for the same at nearly the same time share the answers. */
const SHARED_MS = 1000;
const MAX_SHARED = 1000;
/** Rounds take at most a tenth of the time. */
const IDLE_FACTOR = 10;
const MAX_ENABLED = 50_000;

export type InspectorOptions = {
  intervalMs: number | null;
  timeoutMs: number;
  enableEvents: boolean;
};

export class Inspector {
  readonly #transport: Transport;
  readonly #fold: Fold;
  readonly #book: WorkerBook;
  readonly #clock: Clock;
  readonly #options: InspectorOptions;
  /** Everybody was asked once: who did not answer is not there. */
  hasDiscovered = false;
  #slowAt = 0;
  #discoveryAt = 0;
  #nextAt = 0;
  readonly #rereads = new Rereads();
  /** When a worker that has never answered is asked next. */
  readonly #greetAt = new WeakMap<WorkerEntry, number>();
  readonly #askedUnread = new WeakMap<WorkerEntry, number>();
  readonly #asking = new Map<string, { at: number; asking: Promise<void> }>();
  /** Worker processes that were told to send events. */
  readonly #enabled = new Set<string>();
  /** Told of each worker that answered all three lists of one round, uncut. */
  onHeld: ((hostname: string, named: ReadonlyMap<string, HeldIn>) => void) | null = null;

  constructor(
    transport: Transport,
    fold: Fold,
    book: WorkerBook,
    clock: Clock,
    options: InspectorOptions,
  ) {
    this.#transport = transport;
    this.#fold = fold;
    this.#book = book;
    this.#clock = clock;
    this.#options = options;
  }

  /** Call every second or so; does what is due. */
  async round(): Promise<void> {
    const now = this.#clock.now();
    if (this.#options.intervalMs === null) {
      for (const entry of this.#book.entries(now)) this.#off(entry);
      return;
    }
    if (this.#transport.status().state !== 'connected') return;
    const isDue = now >= this.#nextAt;
    if (isDue && now - this.#discoveryAt >= DISCOVERY_EVERY_MS) {
      this.#discoveryAt = now;
      await this.#discover();
      this.hasDiscovered = true;
    }
    await this.#greet(now);
    if (!isDue) return;
    const startedAt = this.#clock.now();
    const slowDue = now - this.#slowAt >= SLOW_EVERY_MS;
    if (slowDue) this.#slowAt = now;
    await this.ask(slowDue ? ALL : FAST, null);
    if (!slowDue) await this.#askUnread(now);
    await this.#askAgain(now);
    await this.#enableEvents();
    const ended = this.#clock.now();
    const spentMs = ended - startedAt;
    this.#nextAt = Math.max(
      now + this.#options.intervalMs,
      ended + (spentMs > 1000 ? IDLE_FACTOR * spentMs : 0),
    );
  }

  /** A worker announces itself seconds before it listens, and nobody else is to wait for it. */
  async #greet(now: number): Promise<void> {
    const newcomers = this.#alive(now).filter(
      (entry) =>
        entry.answeredAt === null && !isSilent(entry) && now >= (this.#greetAt.get(entry) ?? 0),
    );
    if (newcomers.length === 0) return;
    for (const entry of newcomers) this.#greetAt.set(entry, now + 1000 * 2 ** entry.silentRounds);
    await this.ask(ALL, newcomers);
  }

  /** These workers, or all, now. What `methods` name has just been changed, and is asked for until it has settled. */
  now(hostnames: readonly string[] | null, methods = ALL): Promise<void> {
    if (methods !== ALL) return this.#now(hostnames, methods);
    const key = JSON.stringify(hostnames);
    const shared = this.#asking.get(key);
    if (shared !== undefined && this.#clock.now() - shared.at < SHARED_MS) return shared.asking;
    const asking = this.#now(hostnames, methods);
    this.#asking.set(key, { at: this.#clock.now(), asking });
    if (this.#asking.size > MAX_SHARED) this.#asking.delete(this.#asking.keys().next().value ?? '');
    return asking;
  }

  async #now(
    hostnames: readonly string[] | null,
    methods: readonly InspectMethod[],
  ): Promise<void> {
    if (hostnames === null) return this.ask(methods, null);
    const now = this.#clock.now();
    if (methods !== ALL) this.#rereads.want(hostnames, methods, now);
    const entries = hostnames.map((hostname) => this.#book.entry(hostname, now));
    await this.ask(
      methods,
      entries.filter((entry) => entry !== null),
    );
  }

  /** A busy worker may have answered some questions of a round in time and not others; the next slow round is far away. */
  async #askUnread(now: number): Promise<void> {
    const isUnread = (entry: WorkerEntry) => (method: InspectMethod) =>
      readAtOf(entry, method) === null;
    const unread = this.#alive(now).filter(
      (entry) =>
        !isSilent(entry) &&
        SLOW.some(isUnread(entry)) &&
        (this.#askedUnread.get(entry) ?? 0) < MAX_ASKED_UNREAD,
    );
    if (unread.length === 0) return;
    for (const entry of unread) {
      this.#askedUnread.set(entry, (this.#askedUnread.get(entry) ?? 0) + 1);
    }
    const methods = SLOW.filter((method) => unread.some((entry) => isUnread(entry)(method)));
    await this.ask(methods, unread);
  }

  async #askAgain(now: number): Promise<void> {
    const due = this.#rereads.due(this.#alive(now), now);
    await Promise.all([...due].map(([method, entries]) => this.ask([method], entries)));
  }

  #alive(now: number): WorkerEntry[] {
    return [...this.#book.entries(now)].filter(
      (entry) => this.#book.liveness(entry, now).state !== 'offline',
    );
  }

  #off(entry: WorkerEntry): void {
    if (entry.sections.stats.reason === OFF) return;
    for (const method of ALL) sectionReason(entry, method, OFF);
  }

  async #discover(): Promise<void> {
    const seen = new Set<string>();
    const now = this.#clock.now();
    const replies = await this.#transport.gather(
      { method: 'ping', arguments: {}, destination: null },
      { timeoutMs: this.#options.timeoutMs, expected: Number.MAX_SAFE_INTEGER },
    );
    for (const { hostname } of replies) {
      const entry = this.#book.entry(hostname, now);
      if (entry === null) continue;
      if (seen.has(hostname)) entry.twoRepliesAt = now;
      seen.add(hostname);
      entry.answeredAt = this.#clock.now();
      entry.silentRounds = 0;
    }
  }

  /** `targets` null: everybody that is known to be there and to answer. */
  async ask(
    methods: readonly InspectMethod[],
    targets: readonly WorkerEntry[] | null,
  ): Promise<void> {
    const known = targets ?? this.#alive(this.#clock.now());
    // Who is named is asked whatever it did before.
    const alive = targets ?? known.filter((entry) => !isSilent(entry) && entry.answeredAt !== null);
    if (alive.length === 0) return;
    for (const entry of alive) {
      entry.askedAt = this.#clock.now();
      entry.silentRounds += 1;
    }
    const held = new HeldRound();
    await Promise.all(methods.map((method) => this.#askOne(method, alive, targets !== null, held)));
    // Without a connection nobody could answer.
    const isConnected = this.#transport.status().state === 'connected';
    for (const entry of alive) {
      if (entry.silentRounds === 0) continue;
      if (!isConnected) entry.silentRounds -= 1;
      else if (isSilent(entry)) for (const method of ALL) sectionReason(entry, method, SILENT);
    }
    for (const [hostname, named] of held.complete()) this.onHeld?.(hostname, named);
  }

  async #askOne(
    method: InspectMethod,
    alive: readonly WorkerEntry[],
    targeted: boolean,
    held: HeldRound,
  ): Promise<void> {
    const answered = new Set<string>();
    let trouble: string | null = null;
    try {
      await this.#transport.gather(
        {
          method,
          arguments: {},
          destination: targeted ? alive.map((entry) => entry.facts.hostname) : null,
        },
        {
          timeoutMs: this.#options.timeoutMs,
          expected: alive.length,
          onReply: (reply) => {
            const named = this.#take(method, reply.hostname, reply.value, answered);
            if (named !== null) held.add(method, reply.hostname, named);
          },
        },
      );
    } catch (error) {
      trouble = errorText(error);
    }
    for (const entry of alive) {
      if (answered.has(entry.facts.hostname)) continue;
      sectionReason(entry, method, trouble ?? `No answer within ${this.#options.timeoutMs} ms`);
    }
  }

  /** Null when the answer could not be read. */
  #take(
    method: InspectMethod,
    hostname: string,
    value: unknown,
    answered: Set<string>,
  ): NamedTasks | null {
    const now = this.#clock.now();
    const entry = this.#book.entry(hostname, now);
    if (entry === null) return null;
    if (answered.has(hostname)) entry.twoRepliesAt = now;
    answered.add(hostname);
    entry.answeredAt = now;
    entry.silentRounds = 0;
    entry.askedAt ??= now;
    const named = applyReply(entry, method, value, now, (text) => this.#fold.redact(text));
    mergeInspect(this.#fold, hostname, named, now);
    return wasRead(entry, method, now) ? named : null;
  }

  /** Only when configured, only workers that are not known to send events, once per process. */
  async #enableEvents(): Promise<void> {
    if (!this.#options.enableEvents) return;
    const now = this.#clock.now();
    const targets: string[] = [];
    for (const entry of this.#alive(now)) {
      if (entry.eventsEnabled === true) continue;
      const process = `${entry.facts.hostname}/${entry.facts.pid ?? entry.stats?.pid ?? '?'}`;
      if (this.#enabled.has(process)) continue;
      if (this.#enabled.size >= MAX_ENABLED) this.#enabled.clear();
      this.#enabled.add(process);
      targets.push(entry.facts.hostname);
    }
    if (targets.length === 0) return;
    const replies = await this.#transport.gather(
      { method: 'enable_events', arguments: {}, destination: targets },
      { timeoutMs: this.#options.timeoutMs },
    );
    const agreed = replies.filter(({ value }) => isPyDict(value) && 'ok' in value);
    this.#book.eventsEnabled(
      agreed.map(({ hostname }) => hostname),
      true,
      now,
    );
  }
}

function isSilent({ silentRounds, answeredAt }: WorkerEntry): boolean {
  return silentRounds >= (answeredAt === null ? MAX_GREETINGS : MAX_SILENT_ROUNDS);
}

const OFF = 'Asking workers is switched off';
