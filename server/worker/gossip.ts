// What workers hear of each other: clocks keep together, who comes, goes and falls silent is logged, and elections find the one worker that acts.
// Mirrors celery.worker.consumer.gossip; on Redis and RabbitMQ only, as there.
import { isPyDict, type PyValue } from '../../lib/python/values.ts';
import { decodeEvents, type RawEvent } from '../celery/event.ts';
import { toPyValue } from '../celery/fields.ts';
import { readSignature } from '../client/canvas-algebra.ts';
import type { Celery } from '../client/celery.ts';
import type { LamportClock } from '../client/lamport-clock.ts';
import { errorText } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { WorkerEvents } from './worker-events.ts';

/** Heartbeats that may be missing before a worker counts as lost. */
const MISSING_BEATS = 2;
const DEFAULT_FREQ_SECONDS = 60;
const LOOK_MS = 5000;
const MAX_ELECTIONS = 1000;

export type GossipParts = {
  app: Celery;
  hostname: string;
  lamport: LamportClock;
  events: WorkerEvents;
  logger: Logger;
};

type Candidate = { clock: number; node: string; topic: string; action: PyValue };

export class Gossip {
  readonly #parts: GossipParts;
  /** Until when each other worker counts as alive. */
  readonly #peers = new Map<string, number>();
  /** Votes of the elections that this worker was asked to hold. */
  readonly #votes = new Map<string, number>();
  readonly #candidates = new Map<string, Candidate[]>();
  #subscription: { close(): Promise<void> } | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: GossipParts) {
    this.#parts = parts;
  }

  /** Other workers that were heard of and are not overdue. */
  get peers(): string[] {
    return [...this.#peers.keys()];
  }

  async start(): Promise<void> {
    this.#subscription = await this.#parts.app.transport.subscribeWorkerEvents(
      ({ body, contentType }) => {
        const decoded = decodeEvents(body, contentType);
        if (decoded.ok) for (const event of decoded.value.events) this.#hear(event);
      },
    );
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#subscription?.close();
  }

  /** Every worker that is asked stands as a candidate; the one with the earliest clock carries out `action`. */
  async elect(id: string, topic: string, action: PyValue): Promise<void> {
    this.#votes.set(id, 0);
    forgetOldest(this.#votes);
    await this.#parts.events.announce('worker-elect', { id, topic, action, cver: 1 });
  }

  #hear(event: RawEvent): void {
    const { hostname, lamport, events, logger } = this.#parts;
    const from = event['hostname'];
    if (typeof from !== 'string') return;
    if (from === hostname) lamport.forward();
    else lamport.adjust(event['clock']);
    const id = event['id'];
    if (event.type === 'worker-elect' && typeof id === 'string') {
      this.#stand(id, from, event);
      void events.announce('worker-elect-ack', { id });
    } else if (event.type === 'worker-elect-ack' && typeof id === 'string') {
      this.#count(id);
    } else if (event.type === 'worker-offline') {
      if (this.#peers.delete(from)) logger.debug({}, `${from} left`);
    } else if (from !== hostname) this.#meet(from, event['freq']);
  }

  #meet(peer: string, freq: unknown): void {
    const { app, logger } = this.#parts;
    if (!this.#peers.has(peer)) logger.debug({}, `${peer} joined the party`);
    const seconds = typeof freq === 'number' && freq > 0 ? freq : DEFAULT_FREQ_SECONDS;
    this.#peers.set(peer, app.clock.now() + seconds * MISSING_BEATS * 1000);
  }

  #look(): void {
    const now = this.#parts.app.clock.now();
    for (const [peer, until] of this.#peers) {
      if (until > now) continue;
      this.#peers.delete(peer);
      this.#parts.logger.info({}, `missed heartbeat from ${peer}`);
    }
  }

  #stand(id: string, hostname: string, { clock, pid, topic, action }: RawEvent): void {
    const known = this.#candidates.get(id) ?? [];
    known.push({
      clock: typeof clock === 'number' ? clock : Infinity,
      node: `${hostname}.${String(pid)}`,
      topic: typeof topic === 'string' ? topic : '',
      action: toPyValue(action ?? null),
    });
    this.#candidates.set(id, known);
    forgetOldest(this.#candidates);
  }

  #count(id: string): void {
    const before = this.#votes.get(id);
    if (before === undefined) return;
    this.#votes.set(id, before + 1);
    if (before + 1 < this.#peers.size) return;
    const candidates = this.#candidates.get(id) ?? [];
    this.#votes.delete(id);
    this.#candidates.delete(id);
    const [leader] = candidates.sort((a, b) => a.clock - b.clock || (a.node < b.node ? -1 : 1));
    if (leader === undefined) return;
    const { hostname, logger } = this.#parts;
    if (leader.node !== `${hostname}.${String(process.pid)}`) {
      logger.info({}, `node ${leader.node} elected for '${id}'`);
      return;
    }
    logger.info({}, `I won the election '${id}'`);
    void this.#act(leader);
  }

  /** The one topic of Celery: a signature to send. */
  async #act({ topic, action }: Candidate): Promise<void> {
    const { app, logger } = this.#parts;
    if (topic !== 'task' || !isPyDict(action)) {
      logger.error({}, `Unknown election topic '${topic}'`);
      return;
    }
    try {
      await app.send(readSignature(action));
    } catch (error) {
      logger.error({ error: errorText(error) }, 'Could not call task');
    }
  }
}

/** Elections that never come to an end are forgotten. */
function forgetOldest(known: Map<string, unknown>): void {
  const [oldest] = known.keys();
  if (known.size > MAX_ELECTIONS && oldest !== undefined) known.delete(oldest);
}
